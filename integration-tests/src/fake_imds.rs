//! A fake EC2 instance metadata service that serves a JSON tree and fails on demand.
//!
//! It speaks HTTP by hand on blocking sockets, so that a test decides about every byte and about every
//! way in which an answer can be wrong. [`FakeImds`] runs inside the test process; the program `fake-imds`
//! runs the same thing elsewhere, for example in another network namespace, and [`ControlClient`] steers it
//! from there through a Unix socket.
//!
//! ```
//! use integration_tests::fake_imds::{Fault, FakeImds};
//! use serde_json::json;
//!
//! let imds = FakeImds::start(json!({"mac": "02:00:00:00:00:01"}))?;
//! imds.set("network/interfaces/macs/02:00:00:00:00:01/device-number", "0")?;
//! imds.fault("mac", Fault::status(503).times(2));
//! assert!(imds.url().starts_with("http://127.0.0.1:"));
//! assert_eq!(imds.counters().total, 0);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # Paths
//! A path is relative to `/latest/meta-data/`. Anything else is written in full, such as [`TOKEN_PATH`]; so is
//! [`ROOT_PATH`], the index of the tree itself. A fault's path may end with `*` and then stands for everything
//! that begins with what precedes it.

mod control;
mod control_client;
mod counters;
mod error;
mod fault;
mod fault_json;
mod faults;
mod gate;
mod path;
mod request;
mod response;
mod serve;
mod server;
mod settings;
mod socket;
mod state;
mod timeline;
mod tokens;
mod tree;

pub use control::Control;
pub use control_client::ControlClient;
pub use counters::Counters;
pub use fault::Fault;
pub use path::{ROOT_PATH, TOKEN_PATH};
pub use settings::{Loss, Settings};
pub use socket::ControlAddress;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use server::Server;
use socket::Listener;
use state::State;

/// A running service, and the handle that steers it. Clones are the same service; it stops, and its threads
/// end, when the last of them is dropped.
#[derive(Clone)]
pub struct FakeImds(Arc<Inner>);

impl FakeImds {
    /// Serves `tree` on a free port of 127.0.0.1.
    pub fn start(tree: Value) -> io::Result<Self> {
        Self::listen(tree, &[SocketAddr::from((Ipv4Addr::LOCALHOST, 0))])
    }

    /// Serves `tree` on each of `addresses`; port 0 is any free port.
    pub fn listen(tree: Value, addresses: &[SocketAddr]) -> io::Result<Self> {
        let listeners = addresses.iter().copied().map(Listener::tcp).collect::<io::Result<Vec<_>>>()?;
        let addresses = listeners.iter().filter_map(Listener::address).collect::<Vec<_>>();
        let first = *addresses.first().ok_or_else(|| error::invalid("no address to listen on"))?;
        let state = Arc::new(Mutex::new(State::new(tree)?));
        let shared = Arc::clone(&state);
        let server = Server::start(listeners, move |connection| serve::serve(&shared, connection))?;
        Ok(Self(Arc::new(Inner { _server: server, state, first, addresses })))
    }

    /// The base URL at the first address, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.0.first)
    }

    /// The first address.
    pub fn addr(&self) -> SocketAddr {
        self.0.first
    }

    /// All addresses, in the order in which they were asked for.
    pub fn addrs(&self) -> &[SocketAddr] {
        &self.0.addresses
    }

    /// Serves another tree from now on. Its timeline, if it has one, is not started.
    pub fn set_tree(&self, tree: Value) -> io::Result<()> {
        self.state().set_tree(tree)
    }

    /// Sets `path` to a string (one value), a list of strings (its lines) or an object (a directory),
    /// and creates the directories above it.
    pub fn set(&self, path: &str, value: impl Into<Value>) -> io::Result<()> {
        self.state().set(path, value.into())
    }

    /// Removes `path` and all below it. Fails when there is no such path.
    pub fn remove(&self, path: &str) -> io::Result<()> {
        self.state().remove(path)
    }

    /// Makes the requests for `path` fail. Faults that have a count are used up first, in the order in which
    /// they were added; then the one without a count applies, of which a path has one, the newest.
    /// An exact path goes before one with `*`, and a longer one with `*` before a shorter one.
    pub fn fault(&self, path: &str, fault: Fault) {
        self.state().faults.add(path, fault);
    }

    /// Removes every fault.
    pub fn clear_faults(&self) {
        self.state().faults.clear();
    }

    /// What was asked so far.
    pub fn counters(&self) -> Counters {
        self.state().counters.clone()
    }

    /// Sets all counters to zero.
    pub fn reset_counters(&self) {
        self.state().counters = Counters::default();
    }

    /// Starts the timeline of the tree now. Fails when the tree has none.
    pub fn start_timeline(&self) -> io::Result<()> {
        self.start_timeline_at(Duration::ZERO)
    }

    /// Starts the timeline as if it had been running for `elapsed`. Fails when the tree has none.
    pub fn start_timeline_at(&self, elapsed: Duration) -> io::Result<()> {
        self.state().start_timeline(Instant::now(), elapsed)
    }

    /// Makes every token issued so far invalid.
    pub fn expire_tokens(&self) {
        self.state().tokens.expire();
    }

    /// Replaces the settings as a whole.
    pub fn settings(&self, settings: Settings) {
        self.state().set_settings(settings);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0.state)
    }
}

struct Inner {
    /// Never read: its drop is what stops the service.
    _server: Server,
    state: Arc<Mutex<State>>,
    first: SocketAddr,
    addresses: Vec<SocketAddr>,
}

/// A panic of one thread leaves nothing half done in what the locks of this module guard.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
