//! Threads that accept connections and serve them.
//!
//! A thread serves the connection that it accepted itself, so that a request costs no change of thread. When
//! nobody is left waiting at the listener, it starts another thread first: hence there is no limit to the
//! connections served at the same time, a hanging one among them.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::gate::{Admitted, Gate};
use super::socket::{Listener, Stream};

/// How long a thread waits after a failed accept: out of file descriptors, mostly.
const BREATH: Duration = Duration::from_millis(10);

/// Serves until it is dropped; then all its threads have ended and its sockets are closed.
pub(super) struct Server {
    shared: Arc<Shared>,
    gate: Arc<Gate>,
}

/// A connection to serve.
pub(super) struct Connection<'a> {
    stream: &'a Stream,
    gate: &'a Gate,
}

struct Shared {
    listeners: Vec<Listener>,
    serve: Box<dyn Fn(&Connection<'_>) + Send + Sync>,
}

impl Server {
    pub(super) fn start(
        listeners: Vec<Listener>,
        serve: impl Fn(&Connection<'_>) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let gate = Arc::new(Gate::new(listeners.len()));
        let server = Self { shared: Arc::new(Shared { listeners, serve: Box::new(serve) }), gate };
        for listener in 0..server.shared.listeners.len() {
            hire(&server.shared, &server.gate, listener)?;
        }
        Ok(server)
    }

    pub(super) fn listeners(&self) -> &[Listener] {
        &self.shared.listeners
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.gate.stop();
        self.shared.listeners.iter().for_each(Listener::shutdown);
        self.gate.wait_until_empty();
    }
}

impl<'a> Connection<'a> {
    pub(super) fn stream(&self) -> &'a Stream {
        self.stream
    }

    /// Sleeps for `delay`, but no longer than the server runs. False when it stops.
    pub(super) fn pause(&self, delay: Duration) -> bool {
        self.gate.pause(delay)
    }
}

fn hire(shared: &Arc<Shared>, gate: &Arc<Gate>, listener: usize) -> io::Result<()> {
    if !gate.enter(listener) {
        return Ok(());
    }
    let worker =
        Worker { shared: Some(Arc::clone(shared)), gate: Arc::clone(gate), listener, connection: None };
    thread::Builder::new().name("fake-imds".to_owned()).spawn(move || worker.work()).map(|_| ())
}

/// A thread, or what is left of it: its drop keeps the book right even after a panic.
struct Worker {
    shared: Option<Arc<Shared>>,
    gate: Arc<Gate>,
    listener: usize,
    connection: Option<u64>,
}

impl Worker {
    fn work(mut self) {
        let Some(shared) = self.shared.clone() else { return };
        loop {
            let Ok(stream) = shared.listeners[self.listener].accept().map(Arc::new) else {
                if self.gate.pause(BREATH) {
                    continue;
                }
                return;
            };
            let Some(Admitted { id, last }) = self.gate.admit(self.listener, &stream) else { return };
            self.connection = Some(id);
            if last {
                // Without a new thread this one comes back when the connection is over.
                let _ = hire(&shared, &self.gate, self.listener);
            }
            (shared.serve)(&Connection { stream: &stream, gate: &self.gate });
            drop(stream);
            self.close();
            if !self.gate.wait_again(self.listener) {
                return;
            }
        }
    }

    fn close(&mut self) {
        if let Some(id) = self.connection.take() {
            self.gate.close(id);
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.close();
        // The sockets must be closed before the server is told that this thread is gone.
        self.shared = None;
        self.gate.leave();
    }
}
