//! Reading HTTP requests.

use std::io::{self, Read, Write};

use super::error::invalid;
use super::socket::Stream;

const MAXIMAL_HEAD: usize = 64 << 10;
const MAXIMAL_BODY: usize = 64 << 20;

/// A request, without the query.
#[derive(Debug, Default)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) body: Vec<u8>,
    http10: bool,
    /// The names are in lower case.
    headers: Vec<(String, String)>,
}

impl Request {
    /// The value of the first header of this name, which is given in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// Whether the client can send another request on this connection.
    pub(super) fn wants_keep_alive(&self) -> bool {
        let option = self.header("connection").unwrap_or_default();
        if self.http10 {
            option.eq_ignore_ascii_case("keep-alive")
        } else {
            !option.eq_ignore_ascii_case("close")
        }
    }

    fn parse(head: &str) -> io::Result<Self> {
        let mut lines = head.split("\r\n");
        let line = lines.next().unwrap_or_default();
        let [method, target, version] = line.split(' ').collect::<Vec<_>>()[..] else {
            return Err(invalid(format!("the request line is `{line}`")));
        };
        if !target.starts_with('/') || !matches!(version, "HTTP/1.0" | "HTTP/1.1") {
            return Err(invalid(format!("the request line is `{line}`")));
        }
        let headers = lines
            .map(|line| {
                let (name, value) = line
                    .split_once(':')
                    .ok_or_else(|| invalid(format!("the header `{line}` has no colon")))?;
                Ok((name.to_ascii_lowercase(), value.trim().to_owned()))
            })
            .collect::<io::Result<_>>()?;
        let path = target.split_once('?').map_or(target, |(path, _)| path).to_owned();
        Ok(Self { method: method.to_owned(), path, body: Vec::new(), http10: version == "HTTP/1.0", headers })
    }
}

/// The requests of one connection, one after the other.
pub(super) struct Requests<'a> {
    stream: &'a Stream,
    /// What was read and not yet used.
    buffer: Vec<u8>,
}

impl<'a> Requests<'a> {
    pub(super) fn new(stream: &'a Stream) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    /// The next request, `None` at the end. A request that cannot be read is an error of the kind
    /// `InvalidInput`.
    pub(super) fn next(&mut self) -> io::Result<Option<Request>> {
        let mut searched = 0;
        let end = loop {
            if let Some(position) = self.buffer[searched..].windows(4).position(|bytes| bytes == b"\r\n\r\n")
            {
                break searched + position;
            }
            searched = self.buffer.len().saturating_sub(3);
            if self.buffer.len() > MAXIMAL_HEAD {
                return Err(invalid("the head of the request is too long"));
            }
            if !self.fill()? {
                return Ok(None);
            }
        };
        let head = self.buffer.drain(..end + 4).collect::<Vec<_>>();
        let head = std::str::from_utf8(&head[..end]).map_err(|_| invalid("the request is not UTF-8"))?;
        let mut request = Request::parse(head)?;
        request.body = match self.body(&request)? {
            Some(body) => body,
            None => return Ok(None),
        };
        Ok(Some(request))
    }

    fn body(&mut self, request: &Request) -> io::Result<Option<Vec<u8>>> {
        if request.header("transfer-encoding").is_some() {
            return Err(invalid("a body needs a Content-Length, it cannot be chunked"));
        }
        let length = match request.header("content-length").map(str::parse) {
            None => 0,
            Some(Ok(length)) if length <= MAXIMAL_BODY => length,
            Some(_) => return Err(invalid("the Content-Length is wrong or too large")),
        };
        // curl sends a long body only after this, or after waiting for a second.
        if self.buffer.len() < length && request.header("expect").is_some() {
            (&mut &*self.stream).write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        while self.buffer.len() < length {
            if !self.fill()? {
                return Ok(None);
            }
        }
        Ok(Some(self.buffer.drain(..length).collect()))
    }

    /// False at the end of the stream.
    fn fill(&mut self) -> io::Result<bool> {
        let mut chunk = [0; 4096];
        let read = (&mut &*self.stream).read(&mut chunk)?;
        self.buffer.extend_from_slice(&chunk[..read]);
        Ok(read > 0)
    }
}
