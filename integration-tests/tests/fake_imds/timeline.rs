use std::time::{Duration, Instant};

use integration_tests::fake_imds::FakeImds;
use serde_json::json;

use crate::client::{check, check_status, get, service, wait_for};
use crate::tree::scenario;

const MACS: &str = "network/interfaces/macs/";
const ENI: &str = "network/interfaces/macs/06:dc:23:8e:6c:bc";

fn hotplug() -> FakeImds {
    FakeImds::start(scenario("17-hotplug-timeline")).unwrap()
}

#[test]
fn a_hotplug_step_by_step() {
    let imds = hotplug();
    let at = |ms| imds.start_timeline_at(Duration::from_millis(ms)).unwrap();
    check(&imds, MACS, "06:dc:00:00:00:01/");
    check_status(&imds, &format!("{ENI}/"), 404);
    at(400);
    check(&imds, MACS, "06:dc:00:00:00:01/\n06:dc:23:8e:6c:bc/");
    check(&imds, &format!("{ENI}/device-number"), "0");
    check_status(&imds, &format!("{ENI}/subnet-ipv4-cidr-block"), 404);
    at(1500);
    check(&imds, &format!("{ENI}/device-number"), "1");
    check(&imds, &format!("{ENI}/local-ipv4s"), "192.168.5.5");
    check_status(&imds, &format!("{ENI}/ipv6s"), 404);
    at(9000);
    check(&imds, &format!("{ENI}/ipv6s"), "2a05:d011:311:a00:c4f1:eb1b:92d2:200e");
    at(0);
    check(&imds, MACS, "06:dc:00:00:00:01/");
}

#[test]
fn time_does_not_run_before_the_start() {
    let imds = FakeImds::start(json!({
        "timeline": [
            {"at_ms": 1, "mac": "b", "tree": {"k": "2"}},
            {"at_ms": 0, "mac": "b", "tree": {"k": "1"}},
        ],
    }))
    .unwrap();
    let start = Instant::now();
    wait_for("passing of time", || start.elapsed() > Duration::from_millis(5));
    check(&imds, "network/interfaces/macs/b/k", "1");
    imds.start_timeline().unwrap();
    wait_for("second step", || get(&imds, "network/interfaces/macs/b/k").body == "2");
}

#[test]
fn the_start_is_the_zero_of_the_clock() {
    let imds = hotplug();
    let start = Instant::now();
    imds.start_timeline().unwrap();
    wait_for("appearance", || get(&imds, MACS).body.lines().count() == 2);
    assert!(start.elapsed() >= Duration::from_millis(400), "{:?}", start.elapsed());
}

#[test]
fn a_change_by_hand_stays_until_the_next_step() {
    let imds = hotplug();
    imds.start_timeline_at(Duration::from_millis(1500)).unwrap();
    imds.set(&format!("{ENI}/device-number"), "7").unwrap();
    imds.remove("network/interfaces/macs/06:dc:00:00:00:01").unwrap();
    check(&imds, &format!("{ENI}/device-number"), "7");
    check(&imds, MACS, "06:dc:23:8e:6c:bc/");
}

#[test]
fn a_timeline_must_be_there_and_right() {
    assert_eq!(service().start_timeline().unwrap_err().to_string(), "the tree has no `timeline`");
    let text = |timeline| FakeImds::start(json!({"timeline": timeline})).map(|_| ()).unwrap_err().to_string();
    assert_eq!(text(json!([{"at_ms": 0, "mac": "b"}])), "`timeline`: missing field `tree`");
    assert_eq!(
        text(json!([{"at_ms": 5, "mac": "b", "tree": {"k": 1}}])),
        "`timeline/5/b/k` is neither a string, a list of strings nor an object: 1"
    );
}
