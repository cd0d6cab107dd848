use std::io::{ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use integration_tests::fake_imds::{Fault, TOKEN_PATH};

use crate::client::{ask, check, check_status, connect, get, get_with, put_token, service, try_get};

const MAC: &str = "02:00:00:00:00:01";

#[test]
fn every_status() {
    let imds = service();
    for status in [400, 401, 403, 404, 429, 500, 503] {
        imds.fault("mac", Fault::status(status));
        let answer = get(&imds, "mac");
        assert_eq!(answer.status, status);
        assert!(answer.body.contains(&format!("<h1>{status} - ")), "{}", answer.body);
    }
    check(&imds, "a/lines", "1\n2");
    imds.clear_faults();
    check(&imds, "mac", MAC);
}

#[test]
fn so_many_times() {
    let imds = service();
    imds.fault("mac", Fault::status(503).times(2));
    imds.fault("mac", Fault::status(500).times(1));
    for status in [503, 503, 500, 200] {
        check_status(&imds, "mac", status);
    }
    assert_eq!(imds.counters().of("mac"), 4);
}

#[test]
fn the_token_fails_too() {
    let imds = service();
    imds.fault(TOKEN_PATH, Fault::status(503).times(1));
    assert_eq!(put_token(imds.addr(), "60").status, 503);
    imds.fault(TOKEN_PATH, Fault::body("").times(1));
    assert_eq!(put_token(imds.addr(), "60").body, "");
    assert_eq!(imds.counters().tokens, 0);
    check(&imds, "mac", MAC);
}

#[test]
fn everything_fails() {
    let imds = service();
    imds.fault("*", Fault::status(500));
    assert_eq!(put_token(imds.addr(), "60").status, 500);
    for path in ["mac", "a/lines", "", "absent"] {
        check_status(&imds, path, 500);
    }
}

#[test]
fn a_part_of_the_tree_fails() {
    let imds = service();
    imds.fault("a/*", Fault::status(500));
    check_status(&imds, "a/", 500);
    check_status(&imds, "a/lines", 500);
    check(&imds, "mac", MAC);
}

#[test]
fn an_index_fails_alone() {
    let imds = service();
    imds.fault("a", Fault::status(500));
    check_status(&imds, "a/", 500);
    check(&imds, "a/lines", "1\n2");
    imds.fault("/latest/meta-data/", Fault::status(500));
    check_status(&imds, "", 500);
    check(&imds, "a/lines", "1\n2");
}

#[test]
fn a_late_answer_is_right() {
    let imds = service();
    let delay = Duration::from_millis(80);
    imds.fault("mac", Fault::delay(delay).times(1));
    imds.fault("mac", Fault::status(503).after(delay));
    for status in [200, 503] {
        let start = Instant::now();
        check_status(&imds, "mac", status);
        assert!(start.elapsed() >= delay, "{:?}", start.elapsed());
    }
}

#[test]
fn a_delay_holds_nobody_else_up() {
    let imds = service();
    imds.fault("mac", Fault::delay(Duration::from_secs(3600)));
    let token = put_token(imds.addr(), "60").body;
    let mut waiting = connect(imds.addr());
    write!(waiting, "GET /latest/meta-data/mac HTTP/1.1\r\nX-aws-ec2-metadata-token: {token}\r\n\r\n")
        .unwrap();
    check(&imds, "a/lines", "1\n2");
}

#[test]
fn a_dropped_connection() {
    let imds = service();
    imds.fault("mac", Fault::drop_connection().times(1));
    assert_eq!(try_get(&imds, "mac").unwrap_err().kind(), ErrorKind::UnexpectedEof);
    check(&imds, "mac", MAC);
}

#[test]
fn a_hanging_connection() {
    let imds = service();
    imds.fault("mac", Fault::hang().times(1));
    let mut stream = connect(imds.addr());
    stream.write_all(b"GET /latest/meta-data/mac HTTP/1.1\r\n\r\n").unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(80))).unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    check(&imds, "mac", MAC);
}

#[test]
fn half_a_body() {
    let imds = service();
    imds.fault("mac", Fault::truncate());
    let answer = get(&imds, "mac");
    assert_eq!(answer.header("Content-Length"), Some("17"));
    assert_eq!(answer.body, &MAC[..8]);
}

#[test]
fn too_large_a_body() {
    let imds = service();
    let size = (1 << 20) + 7;
    imds.fault("mac", Fault::oversize(size));
    let answer = get(&imds, "mac");
    assert_eq!(answer.header("Content-Length"), Some(size.to_string().as_str()));
    assert_eq!(answer.body.len() as u64, size);
    assert!(answer.body.bytes().all(|byte| byte == b'x'));
}

#[test]
fn a_wrong_body() {
    let imds = service();
    for body in ["", "<html>login</html>", "10.0.0.0/28\n[Route]\nGateway=10.0.0.1"] {
        imds.fault("mac", Fault::body(body));
        check(&imds, "mac", body);
    }
    imds.fault("absent", Fault::body("here"));
    check(&imds, "absent", "here");
    imds.fault("mac", Fault::body([0xff, b'a']));
    check(&imds, "mac", "\u{fffd}a");
}

#[test]
fn a_wrong_body_needs_a_token_and_a_status_does_not() {
    let imds = service();
    imds.fault("mac", Fault::body("x").times(1));
    assert_eq!(ask(&imds, "GET", "/latest/meta-data/mac", &[]).unwrap().status, 401);
    check(&imds, "mac", "x");
    imds.fault("mac", Fault::status(403));
    assert_eq!(get_with(imds.addr(), "wrong", "/latest/meta-data/mac").unwrap().status, 403);
}
