//! Error messages are user interface: they are asserted to the letter.

use std::net::Ipv4Addr;
use std::time::Duration;

use imds_client::{Error, Metadata, Options};
use integration_tests::fake_imds::{FakeImds, Fault, TOKEN_PATH};

use crate::fixture::{DEAD, check_message, impatient, metadata, service};

#[track_caller]
fn check(fault: Fault, expected: &str) {
    let imds = service();
    imds.fault("number", fault);
    check_message(&impatient(&imds).get::<u16>("number").unwrap_err(), expected);
}

#[track_caller]
fn check_token(fault: Fault, expected: &str) {
    let imds = service();
    imds.fault(TOKEN_PATH, fault);
    check_message(&token_error(&imds), &expected.replace("URL", &imds.url()));
}

fn token_error(imds: &FakeImds) -> Error {
    impatient(imds).text("mac").unwrap_err()
}

#[test]
fn of_a_key() {
    check(Fault::status(401), "`number`: status 401: no token is taken");
    check(Fault::status(403), "`number`: status 403: access to the metadata is switched off");
    check(Fault::status(429), "`number`: status 429");
    check(Fault::status(503), "`number`: status 503");
    check(Fault::hang(), "`number`: no answer in time");
    check(Fault::oversize(1 << 20), "`number`: the body is larger than 65536 bytes");
    check(Fault::body("seven"), "`number`: `seven` is malformed: invalid digit found in string");
    check(Fault::body("7\n[Route]"), "`number`: `7…` is malformed: more than one line");
    check(Fault::body([0xff]), "`number`: `` is malformed: not UTF-8");
}

#[test]
fn of_a_key_whose_connection_fails() {
    check(Fault::drop_connection(), "`number`: the connection failed (io: Peer disconnected)");
    check(Fault::truncate(), "`number`: the connection failed (io: Peer disconnected)");
}

#[test]
fn of_a_key_that_must_be_there() {
    let imds = service();
    let mut metadata = impatient(&imds);
    check_message(&metadata.require::<u16>("nothing").unwrap_err(), "`nothing`: absent or empty");
    check_message(&metadata.require::<u16>("absent").unwrap_err(), "`absent`: absent or empty");
}

#[test]
fn of_a_list() {
    let imds = service();
    imds.fault("directory/lines", Fault::body("10.0.0.1\n[Route]\nGateway=10.0.0.1"));
    let error = impatient(&imds).list::<Ipv4Addr>("directory/lines").unwrap_err();
    check_message(&error, "`directory/lines`: `[Route]` is malformed: invalid IPv4 address syntax");
}

#[test]
fn of_an_index() {
    let imds = service();
    imds.fault("directory", Fault::body("<html>\n <p>login</p>\n</html>"));
    let error = impatient(&imds).index("directory/").unwrap_err();
    check_message(&error, "`directory/`: `<html>` is malformed: not the name of a key");
}

/// A message is one line of a log, whatever the service sent.
#[test]
fn of_a_value_that_is_long_or_has_control_characters() {
    let long = "x".repeat(48);
    check(
        Fault::body(format!("{long}yz")),
        &format!("`number`: `{long}…` is malformed: invalid digit found in string"),
    );
    check(Fault::body("\u{1b}[31m7\u{0}"), "`number`: `[31m7…` is malformed: invalid digit found in string");
}

#[test]
fn of_the_token() {
    check_token(Fault::status(400), "`latest/api/token`: status 400");
    check_token(Fault::status(403), "`latest/api/token`: status 403: access to the metadata is switched off");
    check_token(Fault::body(""), "`latest/api/token`: `` is malformed: not a token");
    check_token(
        Fault::status(503),
        "`latest/api/token`: the metadata service gives no token (URL: status 503)",
    );
    check_token(
        Fault::hang(),
        "`latest/api/token`: the metadata service gives no token (URL: no answer in time)",
    );
}

#[test]
fn of_ways_that_lead_nowhere() {
    let options = Options::default().with_endpoints(vec![DEAD.parse().unwrap()]);
    let options =
        options.with_interfaces(vec!["missing0".to_owned()]).with_patience(Duration::from_millis(50));
    let mut metadata: Metadata = metadata(options);
    check_message(
        &metadata.text("mac").unwrap_err(),
        "`latest/api/token`: the metadata service gives no token \
         (http://127.0.0.1:1: the connection failed (io: Connection refused (os error 111)); \
         http://127.0.0.1:1 on `missing0`: the connection failed (io: No such device (os error 19)))",
    );
}

/// The last attempt may have next to no time left. That it got no answer is not why the others failed.
#[test]
fn of_a_failure_before_the_time_ran_out() {
    let imds = service();
    imds.fault("number", Fault::status(503).times(1));
    imds.fault("number", Fault::hang());
    let error = impatient(&imds).get::<u16>("number").unwrap_err();
    check_message(&error, "`number`: status 503");
}
