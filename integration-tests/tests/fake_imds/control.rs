use std::net::SocketAddr;
use std::time::Duration;

use integration_tests::fake_imds::{Control, ControlAddress, ControlClient, FakeImds, Fault, Loss, Settings};
use serde_json::json;
use tempfile::TempDir;

use crate::client::{Answer, check, check_status, exchange, get, get_with, put_token, service, try_get};
use crate::tree::scenario;

/// A service that is steered through a Unix socket.
fn steered() -> (FakeImds, ControlClient, Control, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("control");
    let imds = service();
    let control = Control::listen(imds.clone(), &ControlAddress::Unix(path.clone())).unwrap();
    (imds, ControlClient::new(path), control, directory)
}

#[test]
fn the_tree() {
    let (imds, client, _control, _directory) = steered();
    client.set("a/b/c", json!(["1", "2"])).unwrap();
    check(&imds, "a/b/c", "1\n2");
    client.remove("a/b").unwrap();
    check_status(&imds, "a/b/c", 404);
    client.set_tree(&scenario("16-trn1n-32xlarge-80eni-50ip")).unwrap();
    assert_eq!(get(&imds, "network/interfaces/macs/").body.lines().count(), 80);
}

#[test]
fn the_faults() {
    let (imds, client, _control, _directory) = steered();
    client.fault("mac", &Fault::status(503).times(1)).unwrap();
    client.fault("latest/api/token", &Fault::status(500).times(1)).unwrap();
    assert_eq!(put_token(imds.addr(), "60").status, 500);
    check_status(&imds, "mac", 503);
    check_status(&imds, "mac", 200);
    client.fault("a/*", &Fault::body("x\n[Section]")).unwrap();
    check(&imds, "a/lines", "x\n[Section]");
    client.clear_faults().unwrap();
    check(&imds, "a/lines", "1\n2");
}

#[test]
fn the_counters() {
    let (imds, client, _control, _directory) = steered();
    get(&imds, "mac");
    let counters = client.counters().unwrap();
    assert_eq!(counters, imds.counters());
    assert_eq!((counters.of("mac"), counters.total, counters.tokens), (1, 2, 1));
    client.reset_counters().unwrap();
    assert_eq!(client.counters().unwrap().total, 0);
}

#[test]
fn the_timeline() {
    let (imds, client, _control, _directory) = steered();
    client.set_tree(&scenario("17-hotplug-timeline")).unwrap();
    client.start_timeline().unwrap();
    client.start_timeline_at(Duration::from_secs(9)).unwrap();
    assert_eq!(get(&imds, "network/interfaces/macs/").body.lines().count(), 2);
}

#[test]
fn the_tokens_and_settings() {
    let (imds, client, _control, _directory) = steered();
    let token = put_token(imds.addr(), "60").body;
    client.expire_tokens().unwrap();
    assert_eq!(get_with(imds.addr(), &token, "/latest/meta-data/mac").unwrap().status, 401);
    client.settings(&Settings { throttle: 1000, throttled: Loss::Drop, ..Settings::default() }).unwrap();
    assert!(exchange(imds.addr(), "GET / HTTP/1.1\r\n\r\n").unwrap().is_empty());
    client.settings(&Settings::default()).unwrap();
    assert!(try_get(&imds, "mac").is_ok());
}

#[test]
fn what_the_client_is_told() {
    let (_imds, client, control, directory) = steered();
    let text = |result: std::io::Result<()>| result.unwrap_err().to_string();
    assert_eq!(text(client.remove("b")), "there is no `b`");
    assert_eq!(text(client.set("b", 1)), "`b` is neither a string, a list of strings nor an object: 1");
    assert_eq!(text(client.start_timeline()), "the tree has no `timeline`");
    assert_eq!(text(client.fault("", &Fault::hang())), "the fault names no path; `*` stands for all");
    assert_eq!(text(client.set("a b", "")), "`/meta-data/a b` cannot be asked for");
    drop(control);
    let path = directory.path().join("control");
    assert!(!path.exists());
    let expected = format!("cannot connect to `{}`: ", path.display());
    assert!(text(client.clear_faults()).starts_with(&expected));
}

#[test]
fn a_socket_left_behind_is_replaced_and_a_file_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("control");
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    let address = ControlAddress::Unix(path.clone());
    drop(Control::listen(service(), &address).unwrap());
    std::fs::write(&path, "precious").unwrap();
    assert!(Control::listen(service(), &address).is_err());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
}

#[track_caller]
fn check_answer(control: SocketAddr, request: &str, body: &str, status: u16, answer: &str) {
    let length = body.len();
    let request = format!("{request} HTTP/1.1\r\nContent-Length: {length}\r\n\r\n{body}");
    let got = Answer::parse(&exchange(control, &request).unwrap()).unwrap();
    assert_eq!((got.status, got.body.trim_end()), (status, answer));
    assert_eq!(got.header("Content-Type"), Some("application/json"));
}

#[test]
fn what_a_script_sees_over_tcp() {
    let imds = service();
    let control =
        Control::listen(imds.clone(), &ControlAddress::Tcp("127.0.0.1:0".parse().unwrap())).unwrap();
    let at = control.addr().unwrap();
    check_answer(at, "PUT /meta-data/x", "\"y\"", 200, "{}");
    check_answer(at, "DELETE /meta-data/x", "", 200, "{}");
    check_answer(at, "PUT /fault//latest/api/token", r#"{"status": 503}"#, 200, "{}");
    assert_eq!(put_token(imds.addr(), "60").status, 503);
    check_answer(at, "DELETE /faults", "", 200, "{}");
    check_answer(at, "DELETE /counters", "", 200, "{}");
    check_answer(at, "GET /counters", "", 200, r#"{"connections":0,"requests":{},"tokens":0,"total":0}"#);
    check_answer(at, "POST /expire-tokens", "", 200, "{}");
    check_answer(at, "PUT /settings", r#"{"throttle": 1, "throttled": "hang"}"#, 200, "{}");
    check_answer(at, "POST /timeline", "", 400, r#"{"error":"the tree has no `timeline`"}"#);
    check_answer(
        at,
        "PUT /settings",
        r#"{"throttel": 2}"#,
        400,
        "{\"error\":\"the body is wrong: unknown field `throttel`, expected one of `keep_alive`, `http10`, \
         `content_length`, `throttle`, `throttled` at line 1 column 11\"}",
    );
    check_answer(
        at,
        "PUT /fault/mac",
        "",
        400,
        r#"{"error":"the body is wrong: EOF while parsing a value at line 1 column 0"}"#,
    );
    let nothing = exchange(at, "GET /x HTTP/1.1\r\n\r\n").unwrap();
    let nothing = Answer::parse(&nothing).unwrap();
    assert_eq!(nothing.status, 404);
    assert!(nothing.body.starts_with(r#"{"error":"there is no `GET /x`, but GET /counters, "#));
}

#[test]
fn addresses_are_read() {
    let text = |address: &str| address.parse::<ControlAddress>().map(|address| address.to_string());
    assert_eq!(text("unix:/run/x"), Ok("unix:/run/x".to_owned()));
    assert_eq!(text("[::1]:80"), Ok("[::1]:80".to_owned()));
    assert_eq!(text("unix:"), Err("`unix:` is not followed by a path".to_owned()));
    assert_eq!(text("localhost"), Err("`localhost` is neither ADDRESS:PORT nor unix:PATH".to_owned()));
}
