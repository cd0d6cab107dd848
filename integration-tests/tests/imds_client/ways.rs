//! Endpoints, and interfaces to bind to.

use std::time::Duration;

use imds_client::{Endpoint, Error, ErrorKind, Metadata, Options};
use integration_tests::fake_imds::{FakeImds, Fault, TOKEN_PATH};
use serde_json::json;

use crate::fixture::{DEAD, MAC, check, metadata, options, service};

fn dead() -> Endpoint {
    DEAD.parse().unwrap()
}

/// Reads until nobody gives a token any more, and returns how it was looked for.
fn search(imds: &FakeImds, metadata: &mut Metadata) -> String {
    check(metadata, "mac", MAC);
    imds.expire_tokens();
    imds.fault(TOKEN_PATH, Fault::status(503));
    reasons(&metadata.text("mac").unwrap_err())
}

fn reasons(error: &Error) -> String {
    match error.kind() {
        ErrorKind::Unreachable(reasons) => reasons.clone(),
        _ => panic!("{error}"),
    }
}

#[test]
fn the_second_endpoint_is_used_where_the_first_is_dead() {
    let imds = service();
    let endpoints = vec![dead(), imds.addr().into()];
    check(&mut metadata(Options::default().with_endpoints(endpoints)), "mac", MAC);
    assert_eq!(imds.counters().total, 2);
}

#[test]
fn the_second_endpoint_is_used_where_the_first_is_silent_or_broken() {
    for fault in [Fault::hang(), Fault::drop_connection(), Fault::status(503)] {
        let (silent, imds) = (service(), service());
        silent.fault("*", fault);
        let endpoints = vec![silent.addr().into(), imds.addr().into()];
        check(&mut metadata(Options::default().with_endpoints(endpoints)), "mac", MAC);
        assert_eq!((silent.counters().total, imds.counters().total), (1, 2));
    }
}

#[test]
fn m4_the_endpoint_that_worked_is_tried_first_from_then_on() {
    let imds = service();
    let endpoints = vec![dead(), imds.addr().into()];
    let options = Options::default().with_endpoints(endpoints).with_patience(Duration::from_millis(300));
    let reasons = search(&imds, &mut metadata(options));
    assert!(reasons.starts_with(&format!("{}: status 503; {DEAD}: ", imds.url())), "{reasons}");
}

#[test]
fn the_first_endpoint_is_used_where_both_answer() {
    let (first, second) = (service(), service());
    let endpoints = vec![first.addr().into(), second.addr().into()];
    check(&mut metadata(Options::default().with_endpoints(endpoints)), "mac", MAC);
    assert_eq!(second.counters().connections, 0);
}

#[test]
fn ipv6_is_spoken() {
    let imds = FakeImds::listen(json!({"mac": MAC}), &["[::1]:0".parse().unwrap()]).unwrap();
    check(&mut metadata(options(&imds)), "mac", MAC);
    let endpoint: Endpoint = imds.url().parse().unwrap();
    check(&mut metadata(Options::default().with_endpoints(vec![endpoint])), "mac", MAC);
}

/// Report M4: an ENI that the default route does not lead to.
#[test]
fn m4_an_interface_is_bound_to_where_the_routing_table_does_not_lead() {
    let imds = service();
    imds.fault(TOKEN_PATH, Fault::drop_connection().times(1));
    let mut metadata = metadata(options(&imds).with_interfaces(vec!["lo".to_owned()]));
    check(&mut metadata, "mac", MAC);
    assert_eq!(imds.counters().of(TOKEN_PATH), 2, "one without and one with the interface, and no pause");
}

#[test]
fn m4_the_interface_that_worked_is_tried_first_from_then_on() {
    let imds = service();
    imds.fault(TOKEN_PATH, Fault::drop_connection().times(1));
    let options = options(&imds).with_interfaces(vec!["lo".to_owned()]);
    let mut metadata = metadata(options.with_patience(Duration::from_millis(300)));
    let reasons = search(&imds, &mut metadata);
    assert!(reasons.starts_with(&format!("{} on `lo`: ", imds.url())), "{reasons}");
}

#[test]
fn an_interface_that_does_not_exist_is_named() {
    let options = Options::default().with_endpoints(vec![dead()]);
    let options = options.with_interfaces(vec!["missing0".to_owned()]);
    let error = metadata(options.with_patience(Duration::from_millis(50))).text("mac").unwrap_err();
    assert!(reasons(&error).contains(&format!("{DEAD} on `missing0`: the connection failed")), "{error}");
    assert!(reasons(&error).contains("No such device"), "{error}");
}

#[test]
fn the_default_endpoints_are_the_well_known_ones() {
    assert_eq!(Endpoint::IPV4.to_string(), "http://169.254.169.254:80");
    assert_eq!(Endpoint::IPV6.to_string(), "http://[fd00:ec2::254]:80");
}
