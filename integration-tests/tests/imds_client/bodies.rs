//! Bodies that are not what they should be.

use std::net::Ipv4Addr;
use std::time::Duration;

use imds_client::ErrorKind;
use integration_tests::fake_imds::{FakeImds, Fault, Settings};

use crate::fixture::{check_kind, metadata, options, service, within};

const VALUE: u64 = 64 << 10;
const INDEX: u64 = 1 << 20;
const PAGE: &str = "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n<html>\n <body>login</body>\n</html>\n";

/// With and without a Content-Length to know it from.
fn each_framing(imds: &FakeImds, mut check: impl FnMut()) {
    for content_length in [true, false] {
        imds.settings(Settings { content_length, ..Settings::default() });
        check();
    }
}

#[test]
fn a_value_of_64_kib_is_taken_and_one_byte_more_is_not() {
    let imds = service();
    each_framing(&imds, || {
        let mut metadata = metadata(options(&imds));
        imds.fault("mac", Fault::oversize(VALUE));
        assert_eq!(metadata.text("mac").unwrap().value().unwrap().len() as u64, VALUE);
        imds.fault("mac", Fault::oversize(VALUE + 1));
        check_kind(&mut metadata, "mac", &ErrorKind::TooLarge { limit: VALUE });
        imds.reset_counters();
        imds.fault("mac", Fault::oversize(INDEX));
        check_kind(&mut metadata, "mac", &ErrorKind::TooLarge { limit: VALUE });
        assert_eq!(imds.counters().of("mac"), 1);
    });
}

#[test]
fn an_index_of_1_mib_is_taken_and_one_byte_more_is_not() {
    let imds = service();
    let line = "02:00:00:00:00:01/\n";
    let lines = usize::try_from(INDEX).unwrap() / line.len();
    let index =
        format!("{}{}", line.repeat(lines), "x".repeat(usize::try_from(INDEX).unwrap() - lines * line.len()));
    each_framing(&imds, || {
        let mut metadata = metadata(options(&imds));
        imds.fault("directory", Fault::body(index.clone()));
        assert_eq!(metadata.index("directory/").unwrap().value().unwrap().len(), lines + 1);
        imds.fault("directory", Fault::body(format!("{index}x")));
        let error = metadata.index("directory/").unwrap_err();
        assert_eq!((error.key(), error.kind()), ("directory/", &ErrorKind::TooLarge { limit: INDEX }));
    });
}

#[test]
fn a_body_without_end_is_not_read_to_its_end() {
    let imds = service();
    each_framing(&imds, || {
        imds.fault("mac", Fault::oversize(1 << 40));
        let mut metadata = metadata(options(&imds));
        within(Duration::from_secs(2), || {
            check_kind(&mut metadata, "mac", &ErrorKind::TooLarge { limit: VALUE });
        });
    });
}

#[test]
fn c2_a_page_with_status_200_is_no_value_and_no_index() {
    let imds = service();
    imds.fault("*", Fault::body(PAGE));
    let mut metadata = metadata(options(&imds));
    let error = metadata.text("mac").unwrap_err();
    assert!(error.concerns_service(), "{error}");
    imds.clear_faults();
    imds.fault("directory*", Fault::body(PAGE));
    imds.fault("number", Fault::body(PAGE));
    let errors = [
        metadata.get::<u16>("number").unwrap_err(),
        metadata.list::<Ipv4Addr>("directory/lines").unwrap_err(),
        metadata.index("directory/").unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error.kind(), ErrorKind::Malformed { .. }), "{error}");
        assert!(!error.is_retryable() && !error.to_string().contains('\n'), "{error}");
    }
}

#[test]
fn s2_an_index_names_only_what_can_be_a_key() {
    let imds = service();
    let mut metadata = metadata(options(&imds));
    for body in ["a\n[Route]", "a b", "../mac", "a/b", "/", "a\u{0}", "a%0a", "ä", "a?b", "a\r\nb c"] {
        imds.fault("directory", Fault::body(body));
        let error = metadata.index("directory/").unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Malformed { .. }), "{body:?}: {error}");
    }
}

#[test]
fn bytes_that_are_no_text_are_malformed() {
    let imds = service();
    imds.fault("mac", Fault::body([b'0', 0xff, b'a']));
    let mut metadata = metadata(options(&imds));
    let kind = ErrorKind::Malformed { value: String::new(), reason: "not UTF-8".to_owned() };
    check_kind(&mut metadata, "mac", &kind);
    assert_eq!(imds.counters().of("mac"), 1);
}
