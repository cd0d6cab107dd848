use std::time::{Duration, Instant};

use imds_client::{Answer, Client, Endpoint, Error, ErrorKind, Metadata, Options};
use integration_tests::fake_imds::FakeImds;
use serde_json::json;

pub(crate) const MAC: &str = "02:00:00:00:00:01";
/// Nothing listens on the port of `tcpmux`, and connecting is refused at once.
pub(crate) const DEAD: &str = "http://127.0.0.1:1";

/// A service with a key of each kind.
pub(crate) fn service() -> FakeImds {
    FakeImds::start(json!({
        "mac": MAC,
        "nothing": "",
        "number": "7",
        "directory": {"lines": ["10.0.0.1", "10.0.0.2"], "below": {"key": "value"}},
    }))
    .unwrap()
}

pub(crate) fn options(imds: &FakeImds) -> Options {
    Options::default().with_endpoints(vec![Endpoint::from(imds.addr())])
}

pub(crate) fn metadata(options: Options) -> Metadata {
    Client::new(options).into()
}

/// Reads that give up soon, for faults that stay.
pub(crate) fn impatient(imds: &FakeImds) -> Metadata {
    metadata(options(imds).with_patience(Duration::from_millis(800)))
}

#[track_caller]
pub(crate) fn check(metadata: &mut Metadata, key: &str, value: &str) {
    assert_eq!(metadata.text(key), Ok(Answer::Value(value.to_owned())));
}

#[track_caller]
pub(crate) fn check_kind(metadata: &mut Metadata, key: &str, expected: &ErrorKind) {
    let error = metadata.text(key).unwrap_err();
    assert_eq!((error.key(), error.kind()), (key, expected));
}

#[track_caller]
pub(crate) fn check_message(error: &Error, expected: &str) {
    assert_eq!(error.to_string(), expected);
}

/// Runs `work`, which must not take longer than `limit`.
#[track_caller]
pub(crate) fn within<T>(limit: Duration, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    assert!(start.elapsed() < limit, "it took {:?}", start.elapsed());
    result
}
