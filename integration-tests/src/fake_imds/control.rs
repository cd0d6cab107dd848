//! Steering the service over HTTP, from where its handle is out of reach.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::FakeImds;
use super::error::invalid;
use super::request::{Request, Requests};
use super::response::{Form, Response};
use super::server::{Connection, Server};
use super::socket::{ControlAddress, Listener};

const ENDPOINTS: &str = "GET /counters, DELETE /counters, PUT /tree, PUT /meta-data/PATH, DELETE /meta-data/PATH, \
                         PUT /fault/PATH, DELETE /faults, POST /timeline, POST /expire-tokens, PUT /settings";

/// A control listener, which steers a service until it is dropped.
pub struct Control(Server);

/// The body of `POST /timeline`, which may be empty.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Start {
    at_ms: u64,
}

impl Control {
    /// Listens at `address`. A Unix socket that is there already is replaced.
    pub fn listen(imds: FakeImds, address: &ControlAddress) -> io::Result<Self> {
        let listener = match address {
            ControlAddress::Tcp(address) => Listener::tcp(*address)?,
            ControlAddress::Unix(path) => Listener::unix(path)?,
        };
        Ok(Self(Server::start(vec![listener], move |connection| {
            // Whoever asked and did not wait for the answer does not need it.
            let _ = serve(&imds, connection);
        })?))
    }

    /// The address, when it is a TCP address.
    pub fn addr(&self) -> Option<SocketAddr> {
        self.0.listeners().iter().find_map(Listener::address)
    }
}

fn serve(imds: &FakeImds, connection: &Connection<'_>) -> io::Result<()> {
    let mut stream = connection.stream();
    let response = match Requests::new(stream).next() {
        Ok(Some(request)) => answer(imds, &request),
        Ok(None) => return Ok(()),
        Err(error) => refuse(400, &error.to_string()),
    };
    let mut bytes = response.head(Form { http10: false, keep_alive: false, length: Some(response.length()) });
    bytes.extend_from_slice(&response.body);
    stream.write_all(&bytes)
}

fn answer(imds: &FakeImds, request: &Request) -> Response {
    match steer(imds, request) {
        Some(Ok(value)) => Response::json(200, &value),
        Some(Err(error)) => refuse(400, &error.to_string()),
        None => refuse(404, &format!("there is no `{} {}`, but {ENDPOINTS}", request.method, request.path)),
    }
}

fn refuse(status: u16, message: &str) -> Response {
    Response::json(status, &json!({"error": message}))
}

/// `None` when there is no such endpoint.
fn steer(imds: &FakeImds, request: &Request) -> Option<io::Result<Value>> {
    let path = request.path.trim_start_matches('/');
    let (endpoint, path) = match path.split_once('/') {
        Some((endpoint @ ("meta-data" | "fault"), path)) => (endpoint, path),
        _ => (path, ""),
    };
    let done = match (request.method.as_str(), endpoint) {
        ("GET", "counters") => return Some(serde_json::to_value(imds.counters()).map_err(io::Error::from)),
        ("DELETE", "counters") => {
            imds.reset_counters();
            Ok(())
        }
        ("PUT", "tree") => body(request).and_then(|tree| imds.set_tree(tree)),
        ("PUT", "meta-data") => body::<Value>(request).and_then(|value| imds.set(path, value)),
        ("DELETE", "meta-data") => imds.remove(path),
        ("PUT", "fault") => fault(imds, path, request),
        ("DELETE", "faults") => {
            imds.clear_faults();
            Ok(())
        }
        ("POST", "timeline") => timeline(imds, request),
        ("POST", "expire-tokens") => {
            imds.expire_tokens();
            Ok(())
        }
        ("PUT", "settings") => body(request).map(|settings| imds.settings(settings)),
        _ => return None,
    };
    Some(done.map(|()| json!({})))
}

fn fault(imds: &FakeImds, path: &str, request: &Request) -> io::Result<()> {
    if path.is_empty() {
        return Err(invalid("the fault names no path; `*` stands for all"));
    }
    imds.fault(path, body(request)?);
    Ok(())
}

fn timeline(imds: &FakeImds, request: &Request) -> io::Result<()> {
    let start = if request.body.is_empty() { Start::default() } else { body(request)? };
    imds.start_timeline_at(Duration::from_millis(start.at_ms))
}

fn body<T: DeserializeOwned>(request: &Request) -> io::Result<T> {
    serde_json::from_slice(&request.body).map_err(|error| invalid(format!("the body is wrong: {error}")))
}
