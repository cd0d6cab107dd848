//! The one place that touches ureq's `unversioned` module: connections that may be bound to an interface.
//!
//! ureq's own TCP connector cannot set `SO_BINDTODEVICE`, and its own resolver starts a thread for each look-up.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Socket, Type};
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, ShutdownHandle, Transport,
};
use ureq::{Agent, Error};

/// Makes an agent whose connections all go to `address`, bound to `interface` if one is named.
pub(crate) fn agent(config: Config, address: SocketAddr, interface: Option<String>) -> Agent {
    Agent::with_parts(config, Bound { interface }, Fixed(address))
}

#[derive(Debug)]
struct Fixed(SocketAddr);

impl Resolver for Fixed {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let mut addresses = self.empty();
        addresses.push(self.0);
        Ok(addresses)
    }
}

#[derive(Debug)]
struct Bound {
    interface: Option<String>,
}

impl Connector for Bound {
    type Out = Connection;

    fn connect(&self, details: &ConnectionDetails, _: Option<()>) -> Result<Option<Connection>, Error> {
        let address = details.addrs.first().copied().ok_or(Error::HostNotFound)?;
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        if let Some(interface) = &self.interface {
            socket.bind_device(Some(interface.as_bytes()))?;
        }
        let timeout = details.timeout.not_zero().map_or(Duration::MAX, |timeout| *timeout);
        socket
            .connect_timeout(&address.into(), timeout)
            .map_err(|error| timed_out(error, details.timeout))?;
        socket.set_tcp_nodelay(true)?;
        let buffers =
            LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size());
        let connection = Connection { stream: Arc::new(Stream(socket.into())), buffers };
        let handle: Arc<dyn ShutdownHandle> = connection.stream.clone();
        (details.register_shutdown)(Arc::downgrade(&handle))?;
        Ok(Some(connection))
    }
}

#[derive(Debug)]
struct Stream(TcpStream);

impl ShutdownHandle for Stream {
    fn shutdown(&self) {
        // An error means that the connection is closed already.
        let _ = self.0.shutdown(std::net::Shutdown::Both);
    }
}

struct Connection {
    stream: Arc<Stream>,
    buffers: LazyBuffers,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Connection").field(&self.stream).finish()
    }
}

impl Transport for Connection {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let mut stream = &self.stream.0;
        stream.set_write_timeout(timeout.not_zero().map(|timeout| *timeout))?;
        stream.write_all(&self.buffers.output()[..amount]).map_err(|error| timed_out(error, timeout))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let mut stream = &self.stream.0;
        stream.set_read_timeout(timeout.not_zero().map(|timeout| *timeout))?;
        let input = self.buffers.input_append_buf();
        let amount = loop {
            match stream.read(input) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result.map_err(|error| timed_out(error, timeout))?,
            }
        };
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    /// Whether the server has left the connection open and said nothing unasked.
    fn is_open(&mut self) -> bool {
        let stream = &self.stream.0;
        let quiet = stream.set_nonblocking(true).and_then(|()| stream.peek(&mut [0]));
        let reset = stream.set_nonblocking(false);
        reset.is_ok() && quiet.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }
}

fn timed_out(error: io::Error, timeout: NextTimeout) -> Error {
    match error.kind() {
        // A blocking socket with a timeout answers EAGAIN, socket(7).
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Error::Timeout(timeout.reason),
        _ => Error::Io(error),
    }
}
