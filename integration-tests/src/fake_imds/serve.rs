//! Serving one connection of the metadata service.

use std::io::{self, Read, Write};
use std::sync::Mutex;
use std::time::Instant;

use super::lock;
use super::request::Requests;
use super::response::{Form, Response};
use super::server::Connection;
use super::settings::{Loss, Settings};
use super::socket::Stream;
use super::state::{Outcome, State};

pub(super) fn serve(state: &Mutex<State>, connection: &Connection<'_>) {
    lock(state).counters.connections += 1;
    // A client that goes away while it is answered is no concern of the service.
    let _ = serve_requests(state, connection);
}

fn serve_requests(state: &Mutex<State>, connection: &Connection<'_>) -> io::Result<()> {
    let stream = connection.stream();
    let mut requests = Requests::new(stream);
    loop {
        let request = match requests.next() {
            Ok(Some(request)) => request,
            Ok(None) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                return answer(stream, Settings::default(), &Response::page(400), false);
            }
            Err(error) => return Err(error),
        };
        let reply = lock(state).reply(&request, Instant::now());
        if !reply.delay.is_zero() && !connection.pause(reply.delay) {
            return Ok(());
        }
        let settings = reply.settings;
        let keep_alive = settings.keep_alive && settings.content_length && request.wants_keep_alive();
        match reply.outcome {
            Outcome::Answer(response) => answer(stream, settings, &response, keep_alive)?,
            Outcome::Truncated(response) => return truncate(stream, settings, &response),
            Outcome::Filler(bytes) => fill(stream, settings, bytes, keep_alive)?,
            Outcome::Lost(Loss::Drop) => return Ok(()),
            Outcome::Lost(Loss::Hang) => return hang(stream),
        }
        if !keep_alive {
            return Ok(());
        }
    }
}

/// One write, head and body.
fn answer(mut stream: &Stream, settings: Settings, response: &Response, keep_alive: bool) -> io::Result<()> {
    let mut bytes = response.head(form(settings, response.length(), keep_alive));
    bytes.extend_from_slice(&response.body);
    stream.write_all(&bytes)
}

/// Always with a Content-Length, since without one nobody could see that something is missing.
fn truncate(mut stream: &Stream, settings: Settings, response: &Response) -> io::Result<()> {
    let form = Form { http10: settings.http10, keep_alive: false, length: Some(response.length()) };
    let mut bytes = response.head(form);
    bytes.extend_from_slice(&response.body[..response.body.len() / 2]);
    stream.write_all(&bytes)
}

fn fill(mut stream: &Stream, settings: Settings, bytes: u64, keep_alive: bool) -> io::Result<()> {
    let head = Response::text("").head(form(settings, bytes, keep_alive));
    let mut filler = io::repeat(b'x').take(bytes);
    let mut chunk = head;
    while !chunk.is_empty() {
        stream.write_all(&chunk)?;
        chunk.clear();
        (&mut filler).take(64 << 10).read_to_end(&mut chunk)?;
    }
    Ok(())
}

/// Reads until the client has had enough.
fn hang(mut stream: &Stream) -> io::Result<()> {
    let mut chunk = [0; 1024];
    while stream.read(&mut chunk)? > 0 {}
    Ok(())
}

fn form(settings: Settings, length: u64, keep_alive: bool) -> Form {
    let length = settings.content_length.then_some(length);
    Form { http10: settings.http10, keep_alive, length }
}
