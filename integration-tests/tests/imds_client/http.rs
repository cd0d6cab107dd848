//! Answers that are odd HTTP, or none.

use std::time::Duration;

use imds_client::{Answer, Error, ErrorKind, Options};

use crate::fixture::{check_kind, metadata, options, service};
use crate::wire::{Wire, write};

fn read(answer: &'static [u8]) -> (Result<Answer<String>, Error>, usize) {
    let wire = Wire::start(move |stream| write(stream, answer));
    let options = Options::default().with_endpoints(vec![wire.address().into()]);
    let result = metadata(options.with_patience(Duration::from_millis(200))).text("mac");
    (result, wire.heads().iter().filter(|head| head.starts_with("GET ")).count())
}

#[track_caller]
fn check_broken(answer: &'static [u8]) {
    let (result, _) = read(answer);
    assert!(matches!(result.as_ref().unwrap_err().kind(), ErrorKind::Broken(_)), "{result:?}");
}

#[test]
fn what_is_not_http_is_a_broken_connection() {
    check_broken(b"");
    check_broken(b"\r\n\r\n");
    check_broken(b"SSH-2.0-OpenSSH_9.2p1\r\n");
    check_broken(b"HTTP/1.1 200 OK\r\nContent-Length: 17");
    check_broken(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n02:00:00:00:00:01");
}

#[test]
fn a_head_without_end_is_not_read_for_ever() {
    let wire = Wire::start(|stream| {
        write(stream, b"HTTP/1.1 200 OK\r\n");
        let mut header = b"X: ".to_vec();
        header.resize(1 << 16, b'x');
        header.extend_from_slice(b"\r\n");
        (0..64).for_each(|_| write(stream, &header));
    });
    let options = Options::default().with_endpoints(vec![wire.address().into()]);
    let error = metadata(options.with_patience(Duration::from_millis(200))).text("mac").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Broken(_)), "{error}");
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = Wire::start(|_| {});
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"] {
        let location = elsewhere.address();
        let wire = Wire::start(move |stream| {
            let head =
                format!("HTTP/1.1 {status}\r\nLocation: http://{location}/\r\nContent-Length: 0\r\n\r\n");
            write(stream, head.as_bytes());
        });
        let options = Options::default().with_endpoints(vec![wire.address().into()]);
        let kind = ErrorKind::Status(status[..3].parse().unwrap());
        check_kind(&mut metadata(options), "mac", &kind);
        assert_eq!(wire.heads().len(), 2, "a token and the key");
    }
    assert_eq!(elsewhere.heads(), [""; 0]);
}

/// The service answers 301 where the slash of a directory is missing.
#[test]
fn a_directory_is_asked_with_its_slash() {
    let imds = service();
    let mut metadata = metadata(options(&imds));
    check_kind(&mut metadata, "directory", &ErrorKind::Status(301));
    assert_eq!(imds.counters().of("directory/"), 0);
    assert_eq!(metadata.index("mac/"), Ok(Answer::Absent));
}

#[test]
fn a_status_of_success_without_a_body_is_no_answer() {
    let (result, requests) = read(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
    assert_eq!(result.unwrap_err().kind(), &ErrorKind::Status(204));
    assert_eq!(requests, 1);
}
