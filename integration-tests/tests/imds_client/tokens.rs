//! One token for everything, and another one when it is refused.

use std::thread;

use imds_client::{Answer, ErrorKind};
use integration_tests::fake_imds::{Fault, TOKEN_PATH};

use crate::fixture::{MAC, check, check_kind, metadata, options, service};
use crate::wire::{Wire, write};

#[test]
fn m1_one_token_serves_all_reads() {
    let imds = service();
    let mut metadata = metadata(options(&imds));
    for _ in 0..20 {
        check(&mut metadata, "mac", MAC);
        assert_eq!(metadata.text("absent"), Ok(Answer::Absent));
    }
    let counters = imds.counters();
    assert_eq!((counters.of(TOKEN_PATH), counters.tokens, counters.total), (1, 1, 41));
}

#[test]
fn nothing_is_sent_before_the_first_read() {
    let imds = service();
    drop(metadata(options(&imds)));
    assert_eq!(imds.counters().connections, 0);
}

#[test]
fn m6_an_expired_token_is_renewed_once() {
    let imds = service();
    let mut metadata = metadata(options(&imds));
    check(&mut metadata, "mac", MAC);
    imds.expire_tokens();
    check(&mut metadata, "mac", MAC);
    check(&mut metadata, "number", "7");
    let counters = imds.counters();
    assert_eq!((counters.tokens, counters.of("mac"), counters.of("number")), (2, 3, 1));
}

#[test]
fn m6_each_expiry_is_survived() {
    let imds = service();
    let mut metadata = metadata(options(&imds));
    for renewal in 1..=5 {
        check(&mut metadata, "mac", MAC);
        assert_eq!(imds.counters().tokens, renewal);
        imds.expire_tokens();
    }
}

#[test]
fn m6_one_401_is_survived_without_a_pause() {
    let imds = service();
    imds.fault("mac", Fault::status(401).times(1));
    check(&mut metadata(options(&imds)), "mac", MAC);
    assert_eq!((imds.counters().tokens, imds.counters().of("mac")), (2, 2));
}

#[test]
fn a_key_that_refuses_fresh_tokens_is_asked_twice_and_no_more() {
    let imds = service();
    imds.fault("mac", Fault::status(401));
    let mut metadata = metadata(options(&imds));
    check_kind(&mut metadata, "mac", &ErrorKind::Unauthorized);
    assert_eq!((imds.counters().tokens, imds.counters().of("mac")), (2, 2));
    check(&mut metadata, "number", "7");
    assert_eq!(imds.counters().tokens, 2, "the fresh token is kept");
}

#[test]
fn each_thread_can_have_its_own_client() {
    let imds = service();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| check(&mut metadata(options(&imds)), "mac", MAC));
        }
    });
    assert_eq!(imds.counters().tokens, 8);
}

#[test]
fn what_is_sent() {
    let wire = Wire::start(|stream| {
        write(stream, b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nvalue");
    });
    let options = imds_client::Options::default().with_endpoints(vec![wire.address().into()]);
    check(&mut metadata(options), "a/key", "value");
    let heads: Vec<String> = wire.heads().iter().map(|head| head.to_ascii_lowercase()).collect();
    let [put, get] = &heads[..] else { panic!("{heads:?}") };
    let host = format!("host: {}", wire.address());
    let lines: Vec<&str> = put.split("\r\n").collect();
    assert_eq!(lines[0], "put /latest/api/token http/1.1");
    assert!(lines.contains(&host.as_str()), "{put}");
    // An hour would outlive any run, and the service takes 6 at most.
    let lifetime = lines.iter().find_map(|line| line.strip_prefix("x-aws-ec2-metadata-token-ttl-seconds: "));
    let lifetime: u32 = lifetime.unwrap().parse().unwrap();
    assert!((60..=3600).contains(&lifetime), "{lifetime}");
    // The service refuses to give a token where it sees one of these.
    assert!(!put.contains("forwarded") && !put.contains("via:"), "{put}");

    let lines: Vec<&str> = get.split("\r\n").collect();
    assert_eq!(lines[0], "get /latest/meta-data/a/key http/1.1");
    assert!(lines.contains(&"x-aws-ec2-metadata-token: token"), "{get}");
    assert!(lines.contains(&host.as_str()), "{get}");
}

#[test]
fn what_is_no_token_is_not_used() {
    let imds = service();
    for body in ["", "two\nlines", "<html>login</html>\n", "a b"] {
        imds.fault(TOKEN_PATH, Fault::body(body));
        let error = metadata(options(&imds)).text("mac").unwrap_err();
        assert!(error.concerns_service(), "{error}");
        assert!(matches!(error.kind(), ErrorKind::Malformed { reason, .. } if reason == "not a token"));
    }
    imds.fault(TOKEN_PATH, Fault::oversize(1 << 20));
    let error = metadata(options(&imds)).text("mac").unwrap_err();
    assert_eq!(
        (error.key(), error.kind()),
        (TOKEN_PATH.trim_start_matches('/'), &ErrorKind::TooLarge { limit: 1024 })
    );
    assert_eq!(imds.counters().of("mac"), 0);
}
