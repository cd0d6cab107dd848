//! Value, empty, absent and failed are four different things.

use std::net::Ipv4Addr;

use imds_client::{Answer, Entry, ErrorKind};
use integration_tests::fake_imds::Fault;

use crate::fixture::{MAC, check, check_kind, metadata, options, service};

fn entry(name: &str, is_directory: bool) -> Entry {
    Entry { name: name.to_owned(), is_directory }
}

#[test]
fn a_value_is_parsed() {
    let imds = service();
    let mut metadata = metadata(options(&imds));
    check(&mut metadata, "mac", MAC);
    assert_eq!(metadata.get("number"), Ok(Answer::Value(7_u16)));
    assert_eq!(metadata.require("number"), Ok(7_u16));
}

#[test]
fn a_list_has_an_item_a_line() {
    let imds = service();
    let mut metadata = metadata(options(&imds));
    let expected = vec![Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2)];
    assert_eq!(metadata.list("directory/lines"), Ok(Answer::Value(expected.clone())));
    for body in ["10.0.0.1\n10.0.0.2\n", "10.0.0.1\r\n10.0.0.2\r\n", "10.0.0.1\n\n10.0.0.2"] {
        imds.fault("directory/lines", Fault::body(body));
        assert_eq!(metadata.list("directory/lines"), Ok(Answer::Value(expected.clone())), "{body:?}");
    }
}

#[test]
fn an_index_tells_directories_from_values() {
    let imds = service();
    let mut metadata = metadata(options(&imds));
    let expected = vec![entry("below", true), entry("lines", false)];
    assert_eq!(metadata.index("directory/"), Ok(Answer::Value(expected)));
}

#[test]
fn the_root_has_an_index() {
    let imds = service();
    let names = metadata(options(&imds)).index("").unwrap().value().unwrap();
    let expected =
        [entry("directory", true), entry("mac", false), entry("nothing", false), entry("number", false)];
    assert_eq!(names, expected);
}

#[test]
fn c2_status_404_is_absent() {
    let imds = service();
    let mut metadata = metadata(options(&imds));
    assert_eq!(metadata.text("absent"), Ok(Answer::Absent));
    assert_eq!(metadata.get::<u16>("absent"), Ok(Answer::Absent));
    assert_eq!(metadata.list::<u16>("absent"), Ok(Answer::Absent));
    assert_eq!(metadata.index("absent/"), Ok(Answer::Absent));
}

#[test]
fn c2_an_empty_body_is_empty() {
    let imds = service();
    let mut metadata = metadata(options(&imds));
    for body in ["", "\n", "\r\n", "\n\n"] {
        imds.fault("nothing", Fault::body(body));
        assert_eq!(metadata.text("nothing"), Ok(Answer::Empty));
        assert_eq!(metadata.get::<u16>("nothing"), Ok(Answer::Empty));
        assert_eq!(metadata.list::<u16>("nothing"), Ok(Answer::Empty));
        assert_eq!(metadata.index("nothing"), Ok(Answer::Empty));
    }
}

#[test]
fn c1_c2_a_failure_is_neither_absent_nor_empty() {
    let imds = service();
    imds.fault("*", Fault::status(400));
    let mut metadata = metadata(options(&imds));
    check_kind(&mut metadata, "latest/api/token", &ErrorKind::Status(400));
    imds.clear_faults();
    check(&mut metadata, "mac", MAC);
    imds.fault("mac", Fault::status(400));
    check_kind(&mut metadata, "mac", &ErrorKind::Status(400));
}

#[test]
fn what_is_required_must_be_there() {
    let imds = service();
    let mut metadata = metadata(options(&imds));
    for key in ["nothing", "absent"] {
        let error = metadata.require::<u16>(key).unwrap_err();
        assert_eq!((error.key(), error.kind()), (key, &ErrorKind::Missing));
    }
}

#[test]
fn an_item_that_does_not_parse_fails_the_whole_list() {
    let imds = service();
    imds.fault("directory/lines", Fault::body("10.0.0.1\n10.0.0.2/24"));
    let error = metadata(options(&imds)).list::<Ipv4Addr>("directory/lines").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Malformed { value, .. } if value == "10.0.0.2/24"), "{error}");
}

#[test]
fn s2_a_single_value_with_a_line_break_is_refused() {
    let imds = service();
    imds.fault("mac", Fault::body("02:00:00:00:00:01\n[Route]\nGateway=10.0.0.1"));
    let error = metadata(options(&imds)).get::<String>("mac").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Malformed { .. }), "{error}");
}
