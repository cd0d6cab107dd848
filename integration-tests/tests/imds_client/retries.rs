//! What may pass is tried again, and what will not is not.

use std::time::{Duration, Instant};

use imds_client::ErrorKind;
use integration_tests::fake_imds::{FakeImds, Fault, Loss, Settings, TOKEN_PATH};

use crate::fixture::{MAC, check, check_kind, impatient, metadata, options, service, within};

const FAILURES: u32 = 3;

/// Three failures of a kind, then the answer; with the shortest pauses that three steps of backoff can have.
#[track_caller]
fn check_survived(path: &str, fault: Fault) {
    let imds = service();
    imds.fault(path, fault.times(FAILURES));
    let start = Instant::now();
    check(&mut metadata(options(&imds)), "mac", MAC);
    assert!(start.elapsed() > Duration::from_millis(25 + 50 + 100), "{:?}", start.elapsed());
    assert_eq!(imds.counters().of(path), u64::from(FAILURES) + 1);
}

/// One request, and no second look even with patience.
#[track_caller]
fn check_final(status: u16, kind: &ErrorKind) {
    let imds = service();
    imds.fault("mac", Fault::status(status));
    within(Duration::from_secs(2), || check_kind(&mut metadata(options(&imds)), "mac", kind));
    assert_eq!((imds.counters().of("mac"), imds.counters().tokens), (1, 1));
}

/// Requests for a key that fails for good.
fn attempts(imds: &FakeImds, patience: Duration) -> u64 {
    let mut metadata = metadata(options(imds).with_patience(patience));
    assert!(metadata.text("mac").unwrap_err().is_retryable());
    imds.counters().of("mac")
}

#[test]
fn m2_status_429_500_and_503_are_tried_again() {
    for status in [429, 500, 502, 503, 504] {
        check_survived("mac", Fault::status(status));
        check_survived(TOKEN_PATH, Fault::status(status));
    }
}

#[test]
fn m2_a_lost_connection_is_tried_again() {
    check_survived("mac", Fault::drop_connection());
    check_survived(TOKEN_PATH, Fault::drop_connection());
}

#[test]
fn c2_half_a_body_is_no_answer() {
    check_survived("mac", Fault::truncate());
    check_survived(TOKEN_PATH, Fault::truncate());
}

#[test]
fn c2_half_a_body_for_good_is_a_failure() {
    let imds = service();
    imds.fault("directory/lines", Fault::truncate());
    let error = impatient(&imds).list::<String>("directory/lines").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Broken(_)), "{error}");
}

#[test]
fn status_400_403_and_404_are_final() {
    check_final(400, &ErrorKind::Status(400));
    check_final(403, &ErrorKind::Forbidden);
    check_final(405, &ErrorKind::Status(405));
    let imds = service();
    assert_eq!(metadata(options(&imds)).text("absent").unwrap().value(), None);
    assert_eq!(imds.counters().of("absent"), 1);
}

/// Report M8: metadata that is switched off made an error each minute; here it costs one request to know.
#[test]
fn m8_metadata_that_is_switched_off_is_asked_once() {
    let imds = service();
    imds.fault("*", Fault::status(403));
    let mut metadata = metadata(options(&imds));
    check_kind_of_service(&mut metadata, &ErrorKind::Forbidden);
    assert_eq!(imds.counters().total, 1);
}

#[test]
fn a_bad_request_for_a_token_is_final() {
    let imds = service();
    imds.fault(TOKEN_PATH, Fault::status(400));
    check_kind_of_service(&mut metadata(options(&imds)), &ErrorKind::Status(400));
    assert_eq!(imds.counters().total, 1);
}

#[track_caller]
fn check_kind_of_service(metadata: &mut imds_client::Metadata, kind: &ErrorKind) {
    let error = metadata.text("mac").unwrap_err();
    assert!(error.concerns_service() && !error.is_retryable(), "{error}");
    assert_eq!(error.kind(), kind);
}

/// Report M2: 60 attempts in some seconds made the throttling worse.
#[test]
fn m2_attempts_become_rarer() {
    let imds = service();
    imds.fault("mac", Fault::status(503));
    let few = attempts(&imds, Duration::from_millis(1500));
    assert!((4..=8).contains(&few), "{few}");
}

/// Reports M1, C2: throttling loses packets, which looks like a connection that never answers.
#[test]
fn m1_throttling_is_survived() {
    let imds = service();
    imds.settings(Settings { throttle: 3, throttled: Loss::Drop, ..Settings::default() });
    let mut metadata = metadata(options(&imds));
    for _ in 0..5 {
        check(&mut metadata, "mac", MAC);
    }
    assert_eq!(imds.counters().tokens, 1);
}
