use std::fs;

use integration_tests::fake_imds::FakeImds;
use serde_json::{Value, json};

use crate::client::{ask, check, check_status, get, get_with, put_token, service};

pub(crate) fn scenario(name: &str) -> Value {
    let path = format!("{}/scenarios/{name}/metadata.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn values_lines_and_indexes() {
    let imds = service();
    check(&imds, "", "a/\nmac");
    check(&imds, "a/", "lines");
    check(&imds, "a/lines", "1\n2");
    for absent in ["b", "a/b", "mac/", "mac/x", "a//lines", "a/lines/"] {
        check_status(&imds, absent, 404);
    }
}

#[test]
fn above_the_tree() {
    let imds = service();
    let token = put_token(imds.addr(), "60").body;
    let get = |path| get_with(imds.addr(), &token, path).unwrap();
    assert_eq!(get("/").body, "latest");
    assert_eq!(get("/latest/").body, "meta-data");
    assert_eq!(get("/latest/meta-data").status, 301);
    assert_eq!(get("/latest/user-data").status, 404);
    assert_eq!(get("/1.0/meta-data/").status, 404);
}

#[test]
fn a_directory_without_its_slash_moves() {
    let imds = service();
    let answer = get(&imds, "a");
    assert_eq!(answer.status, 301);
    assert_eq!(answer.header("Location"), Some(format!("{}/latest/meta-data/a/", imds.url()).as_str()));
    // Even this needs a token.
    assert_eq!(ask(&imds, "GET", "/latest/meta-data/a", &[]).unwrap().status, 401);
}

#[test]
fn a_query_is_ignored() {
    check(&service(), "mac?x=1", "02:00:00:00:00:01");
}

#[test]
fn a_scenario_is_served_without_what_describes_it() {
    let imds = FakeImds::start(scenario("17-hotplug-timeline")).unwrap();
    let index = get(&imds, "").body;
    assert_eq!(
        index,
        "hostname\ninstance-id\ninstance-type\nlocal-hostname\nlocal-ipv4\nmac\nnetwork/\nplacement/\nsystem"
    );
    check_status(&imds, "source/", 404);
    check_status(&imds, "timeline", 404);
}

#[test]
fn a_large_tree() {
    let imds = FakeImds::start(scenario("16-trn1n-32xlarge-80eni-50ip")).unwrap();
    let macs = get(&imds, "network/interfaces/macs/").body;
    assert_eq!(macs.lines().count(), 80);
    assert!(macs.lines().is_sorted());
    let first = macs.lines().next().unwrap();
    assert_eq!(get(&imds, &format!("network/interfaces/macs/{first}local-ipv4s")).body.lines().count(), 50);
}

#[test]
fn the_tree_changes() {
    let imds = service();
    imds.set("a/b/c", "new").unwrap();
    check(&imds, "a/", "b/\nlines");
    check(&imds, "a/b/c", "new");
    imds.set("/latest/meta-data/a/b/", json!({"d": ["x", "y"]})).unwrap();
    check_status(&imds, "a/b/c", 404);
    check(&imds, "a/b/d", "x\ny");
    imds.remove("a/b").unwrap();
    check(&imds, "a/", "lines");
    imds.set_tree(json!({"z": ""})).unwrap();
    check(&imds, "", "z");
    check(&imds, "z", "");
}

#[test]
fn what_cannot_be_served_is_refused() {
    let imds = service();
    let text = |result: std::io::Result<()>| result.unwrap_err().to_string();
    let expected = "`a` is neither a string, a list of strings nor an object: 1";
    assert_eq!(text(imds.set("a", 1)), expected);
    assert_eq!(text(imds.set("", "x")), "`` names no key of the tree");
    assert_eq!(text(imds.remove("b")), "there is no `b`");
    assert_eq!(text(imds.set_tree(json!("x"))), "the tree is not an object");
    assert_eq!(text(FakeImds::start(json!({"a": 1})).map(|_| ())), expected);
    check(&imds, "", "a/\nmac");
}
