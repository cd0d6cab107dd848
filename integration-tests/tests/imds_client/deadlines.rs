//! Nothing waits longer than it may. The limits are generous, since the machine may be busy.

use std::io::Write;
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use imds_client::{ErrorKind, Options};
use integration_tests::fake_imds::{Fault, Loss, Settings, TOKEN_PATH};

use crate::fixture::{MAC, check, metadata, options, service, within};
use crate::wire::{Wire, write};

const SOON: Duration = Duration::from_millis(400);
const GENEROUS: Duration = Duration::from_millis(2500);
const NEVER: Duration = Duration::from_secs(3600);

#[test]
fn a_late_answer_is_waited_for() {
    let imds = service();
    imds.fault("mac", Fault::delay(Duration::from_millis(300)));
    check(&mut metadata(options(&imds)), "mac", MAC);
    assert_eq!(imds.counters().of("mac"), 1);
}

/// A second attempt waits longer than the first, so that a service that is always slow is read at last.
#[test]
fn a_slow_service_is_read_by_a_later_attempt() {
    let imds = service();
    imds.fault("mac", Fault::delay(Duration::from_millis(1300)));
    check(&mut metadata(options(&imds).with_patience(Duration::from_secs(6))), "mac", MAC);
    assert_eq!(imds.counters().of("mac"), 2);
}

#[test]
fn the_deadline_ends_a_read() {
    let imds = service();
    for fault in [Fault::delay(NEVER), Fault::hang()] {
        imds.fault("mac", fault);
        let mut metadata = metadata(options(&imds).with_deadline(Instant::now() + SOON));
        let error = within(GENEROUS, || metadata.text("mac")).unwrap_err();
        assert_eq!((error.key(), error.kind()), ("mac", &ErrorKind::Timeout));
    }
}

#[test]
fn the_deadline_ends_the_wait_for_a_token() {
    let imds = service();
    for fault in [Fault::delay(NEVER), Fault::hang(), Fault::status(503), Fault::drop_connection()] {
        imds.fault(TOKEN_PATH, fault);
        let mut metadata = metadata(options(&imds).with_deadline(Instant::now() + SOON));
        let error = within(GENEROUS, || metadata.text("mac")).unwrap_err();
        assert!(error.concerns_service(), "{error}");
    }
}

#[test]
fn the_deadline_is_over_all_reads() {
    let imds = service();
    imds.fault("*", Fault::delay(Duration::from_millis(150)));
    let mut metadata = metadata(options(&imds).with_deadline(Instant::now() + SOON));
    let read = within(GENEROUS, || (0..50).take_while(|_| metadata.text("mac").is_ok()).count());
    assert!(read < 5, "{read}");
}

#[test]
fn a_deadline_in_the_past_waits_for_nothing() {
    let imds = service();
    imds.fault("*", Fault::delay(NEVER));
    let mut metadata = metadata(options(&imds).with_deadline(Instant::now()));
    for _ in 0..20 {
        assert!(within(Duration::from_secs(1), || metadata.text("mac")).is_err());
    }
}

#[test]
fn patience_is_for_each_read() {
    let imds = service();
    imds.fault("mac", Fault::hang());
    let mut metadata = metadata(options(&imds).with_patience(SOON));
    for _ in 0..2 {
        assert_eq!(within(GENEROUS, || metadata.text("mac")).unwrap_err().kind(), &ErrorKind::Timeout);
    }
    check(&mut metadata, "number", "7");
}

/// Report M1: a packet limit is enforced by silence.
#[test]
fn m1_silence_is_survived() {
    let imds = service();
    imds.settings(Settings { throttle: 2, throttled: Loss::Hang, ..Settings::default() });
    check(&mut metadata(options(&imds).with_patience(Duration::from_secs(8))), "mac", MAC);
}

/// Behind one IP hop too many, the connection succeeds and the answer never comes.
#[test]
fn a_service_that_accepts_and_is_silent_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoints = vec![listener.local_addr().unwrap().into()];
    let mut metadata = metadata(Options::default().with_endpoints(endpoints).with_patience(SOON));
    assert!(within(GENEROUS, || metadata.text("mac")).unwrap_err().concerns_service());
}

/// A byte now and then keeps a timeout of single reads from ever coming.
#[test]
fn a_dripping_body_does_not_outlive_the_deadline() {
    let wire = Wire::start(|stream| {
        write(stream, b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1000\r\n\r\n");
        while stream.write_all(b"x").is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    });
    let options = Options::default().with_endpoints(vec![wire.address().into()]);
    let mut metadata = metadata(options.with_deadline(Instant::now() + SOON));
    assert_eq!(within(GENEROUS, || metadata.text("mac")).unwrap_err().kind(), &ErrorKind::Timeout);
}
