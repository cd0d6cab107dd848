use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use integration_tests::fake_imds::{FakeImds, Fault, Loss, Settings};

use crate::client::{Answer, ask, check, connect, exchange, get, put_token, service, try_get};

/// Reads one answer with a Content-Length.
fn read_answer(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    loop {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        bytes.push(byte[0]);
        if let Ok(head) = Answer::parse(&bytes) {
            let mut body = vec![0; head.header("Content-Length").unwrap().parse().unwrap()];
            stream.read_exact(&mut body).unwrap();
            return Answer { body: String::from_utf8(body).unwrap(), ..head };
        }
    }
}

fn request(imds: &FakeImds, version: &str, connection: &str) -> String {
    let token = put_token(imds.addr(), "60").body;
    format!(
        "GET /latest/meta-data/mac HTTP/{version}\r\nX-aws-ec2-metadata-token: {token}\r\n{connection}\r\n"
    )
}

#[test]
fn keep_alive_serves_one_after_the_other() {
    let imds = service();
    imds.settings(Settings { keep_alive: true, ..Settings::default() });
    let request = request(&imds, "1.1", "");
    let close = request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    let token_close = "PUT /latest/api/token HTTP/1.1\r\nX-aws-ec2-metadata-token-ttl-seconds: 9\r\n\r\n";
    imds.reset_counters();
    let mut stream = connect(imds.addr());
    for _ in 0..3 {
        stream.write_all(request.as_bytes()).unwrap();
        let answer = read_answer(&mut stream);
        assert_eq!(answer.header("Connection"), Some("keep-alive"));
        assert_eq!(answer.body, "02:00:00:00:00:01");
    }
    stream.write_all(token_close.as_bytes()).unwrap();
    assert_eq!(read_answer(&mut stream).status, 200);
    // Two requests in one write, and the second ends the connection.
    stream.write_all(format!("{request}{close}").as_bytes()).unwrap();
    assert_eq!(read_answer(&mut stream).header("Connection"), Some("keep-alive"));
    assert_eq!(read_answer(&mut stream).header("Connection"), Some("close"));
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    assert_eq!((imds.counters().total, imds.counters().connections), (6, 1));
}

#[test]
fn keep_alive_goes_on_after_an_error_and_a_large_body() {
    let imds = service();
    imds.settings(Settings { keep_alive: true, ..Settings::default() });
    let request = request(&imds, "1.1", "");
    imds.fault("mac", Fault::status(503).times(1));
    imds.fault("mac", Fault::oversize(100_000).times(1));
    let mut stream = connect(imds.addr());
    for length in [None, Some(100_000), Some(17)] {
        stream.write_all(request.as_bytes()).unwrap();
        let answer = read_answer(&mut stream);
        assert_eq!(answer.status == 503, length.is_none());
        assert!(length.is_none_or(|length| answer.body.len() == length));
    }
}

#[test]
fn an_old_client_has_to_ask_for_keep_alive() {
    let imds = service();
    imds.settings(Settings { keep_alive: true, http10: true, ..Settings::default() });
    let bytes = exchange(imds.addr(), &request(&imds, "1.0", "")).unwrap();
    assert_eq!(Answer::parse(&bytes).unwrap().header("Connection"), Some("close"));
    let mut stream = connect(imds.addr());
    stream.write_all(request(&imds, "1.0", "Connection: Keep-Alive\r\n").as_bytes()).unwrap();
    assert_eq!(read_answer(&mut stream).header("Connection"), Some("keep-alive"));
}

#[test]
fn http10() {
    let imds = service();
    imds.settings(Settings { http10: true, ..Settings::default() });
    assert_eq!(get(&imds, "mac").version, "HTTP/1.0");
    assert_eq!(get(&imds, "absent").version, "HTTP/1.0");
    check(&imds, "mac", "02:00:00:00:00:01");
}

#[test]
fn no_content_length() {
    let imds = service();
    imds.settings(Settings { content_length: false, keep_alive: true, ..Settings::default() });
    let answer = Answer::parse(&exchange(imds.addr(), &request(&imds, "1.1", "")).unwrap()).unwrap();
    assert_eq!(answer.header("Content-Length"), None);
    assert_eq!(answer.header("Connection"), Some("close"));
    assert_eq!(get(&imds, "absent").header("Content-Length"), None);
    check(&imds, "mac", "02:00:00:00:00:01");
    imds.fault("mac", Fault::truncate());
    assert_eq!(get(&imds, "mac").header("Content-Length"), Some("17"));
}

#[test]
fn a_throttle_answers_the_last_of_so_many() {
    let imds = service();
    imds.settings(Settings { throttle: 3, ..Settings::default() });
    let answered =
        (0..9).map(|_| ask(&imds, "GET", "/latest/meta-data/mac", &[]).is_ok()).collect::<Vec<_>>();
    assert_eq!(answered, [false, false, true, false, false, true, false, false, true]);
    assert_eq!(imds.counters().total, 9);
    imds.settings(Settings::default());
    assert!(try_get(&imds, "mac").is_ok());
}

#[test]
fn a_throttle_can_be_silent() {
    let imds = service();
    imds.settings(Settings { throttle: 2, throttled: Loss::Hang, ..Settings::default() });
    let mut stream = connect(imds.addr());
    stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    stream.write_all(b"GET /latest/meta-data/mac HTTP/1.1\r\n\r\n").unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(ask(&imds, "GET", "/latest/meta-data/mac", &[]).unwrap().status, 401);
}
