use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use integration_tests::fake_imds::FakeImds;
use serde_json::json;

pub(crate) const DEADLINE: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) version: String,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn parse(bytes: &[u8]) -> io::Result<Self> {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut lines = head.split("\r\n");
        let (version, status) = lines.next().unwrap().split_once(' ').unwrap();
        let headers = lines.map(|line| line.split_once(": ").unwrap());
        Ok(Self {
            version: version.to_owned(),
            status: status[..3].parse().unwrap(),
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            body: body.to_owned(),
        })
    }
}

/// A service with one key of each kind.
pub(crate) fn service() -> FakeImds {
    FakeImds::start(json!({"mac": "02:00:00:00:00:01", "a": {"lines": ["1", "2"]}})).unwrap()
}

pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream
}

/// All that comes back until the service closes the connection.
pub(crate) fn exchange(address: SocketAddr, request: &str) -> io::Result<Vec<u8>> {
    let mut stream = connect(address);
    stream.write_all(request.as_bytes())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    Ok(bytes)
}

pub(crate) fn ask(imds: &FakeImds, method: &str, path: &str, headers: &[(&str, &str)]) -> io::Result<Answer> {
    ask_at(imds.addr(), method, path, headers)
}

pub(crate) fn ask_at(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> io::Result<Answer> {
    let headers = headers.iter().flat_map(|(name, value)| [*name, ": ", *value, "\r\n"]).collect::<String>();
    let bytes = exchange(
        address,
        &format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n"),
    )?;
    Answer::parse(&bytes)
}

pub(crate) fn put_token(address: SocketAddr, ttl: &str) -> Answer {
    ask_at(address, "PUT", "/latest/api/token", &[("X-aws-ec2-metadata-token-ttl-seconds", ttl)]).unwrap()
}

pub(crate) fn get_with(address: SocketAddr, token: &str, path: &str) -> io::Result<Answer> {
    ask_at(address, "GET", path, &[("X-aws-ec2-metadata-token", token)])
}

/// Takes a token and asks for a path below `/latest/meta-data/`.
pub(crate) fn try_get(imds: &FakeImds, path: &str) -> io::Result<Answer> {
    let token = put_token(imds.addr(), "60").body;
    get_with(imds.addr(), &token, &format!("/latest/meta-data/{path}"))
}

#[track_caller]
pub(crate) fn get(imds: &FakeImds, path: &str) -> Answer {
    try_get(imds, path).unwrap()
}

#[track_caller]
pub(crate) fn check(imds: &FakeImds, path: &str, body: &str) {
    let answer = get(imds, path);
    assert_eq!((answer.status, answer.body.as_str()), (200, body));
}

#[track_caller]
pub(crate) fn check_status(imds: &FakeImds, path: &str, status: u16) {
    assert_eq!(get(imds, path).status, status);
}

#[track_caller]
pub(crate) fn wait_for(what: &str, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + DEADLINE;
    while !condition() {
        assert!(Instant::now() < end, "no {what} in {DEADLINE:?}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
