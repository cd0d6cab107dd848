//! The other end of the control socket.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::counters::Counters;
use super::error::invalid;
use super::fault::Fault;
use super::settings::Settings;

/// So long a request to the control socket may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Steers a service in another process through the Unix socket of its `--control`. The methods do what those
/// of [`FakeImds`](super::FakeImds) do; their errors carry what the service said.
#[derive(Clone, Debug)]
pub struct ControlClient(PathBuf);

impl ControlClient {
    /// Connects to the socket at `path`, anew for every request.
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self(path.as_ref().to_owned())
    }

    /// Serves another tree from now on.
    pub fn set_tree(&self, tree: &Value) -> io::Result<()> {
        self.send("PUT", "/tree", Some(tree))
    }

    /// Sets `path` to a string, a list of strings or an object.
    pub fn set(&self, path: &str, value: impl Into<Value>) -> io::Result<()> {
        self.send("PUT", &format!("/meta-data/{path}"), Some(&value.into()))
    }

    /// Removes `path` and all below it.
    pub fn remove(&self, path: &str) -> io::Result<()> {
        self.send::<Value>("DELETE", &format!("/meta-data/{path}"), None)
    }

    /// Makes the requests for `path` fail.
    pub fn fault(&self, path: &str, fault: &Fault) -> io::Result<()> {
        self.send("PUT", &format!("/fault/{path}"), Some(fault))
    }

    /// Removes every fault.
    pub fn clear_faults(&self) -> io::Result<()> {
        self.send::<Value>("DELETE", "/faults", None)
    }

    /// What was asked so far.
    pub fn counters(&self) -> io::Result<Counters> {
        let body = self.request("GET", "/counters", "")?;
        Ok(serde_json::from_str(&body)?)
    }

    /// Sets all counters to zero.
    pub fn reset_counters(&self) -> io::Result<()> {
        self.send::<Value>("DELETE", "/counters", None)
    }

    /// Starts the timeline of the tree now.
    pub fn start_timeline(&self) -> io::Result<()> {
        self.start_timeline_at(Duration::ZERO)
    }

    /// Starts the timeline as if it had been running for `elapsed`, of which whole milliseconds count.
    pub fn start_timeline_at(&self, elapsed: Duration) -> io::Result<()> {
        let elapsed = u64::try_from(elapsed.as_millis()).map_err(|_| invalid("the timeline is too long"))?;
        self.send("POST", "/timeline", Some(&json!({"at_ms": elapsed})))
    }

    /// Makes every token issued so far invalid.
    pub fn expire_tokens(&self) -> io::Result<()> {
        self.send::<Value>("POST", "/expire-tokens", None)
    }

    /// Replaces the settings as a whole.
    pub fn settings(&self, settings: &Settings) -> io::Result<()> {
        self.send("PUT", "/settings", Some(settings))
    }

    fn send<T: Serialize>(&self, method: &str, path: &str, body: Option<&T>) -> io::Result<()> {
        let body = body.map(serde_json::to_string).transpose()?.unwrap_or_default();
        self.request(method, path, &body).map(|_| ())
    }

    fn request(&self, method: &str, path: &str, body: &str) -> io::Result<String> {
        if path.contains(|c: char| c.is_whitespace() || c == '?') {
            return Err(invalid(format!("`{path}` cannot be asked for")));
        }
        let mut stream = UnixStream::connect(&self.0).map_err(|error| {
            io::Error::new(error.kind(), format!("cannot connect to `{}`: {error}", self.0.display()))
        })?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: control\r\nContent-Length: {length}\r\n\r\n{body}"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) =
            answer.split_once("\r\n\r\n").ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
        if head.starts_with("HTTP/1.1 200 ") {
            return Ok(body.to_owned());
        }
        let error: Value = serde_json::from_str(body)?;
        Err(invalid(error["error"].as_str().unwrap_or(body)))
    }
}
