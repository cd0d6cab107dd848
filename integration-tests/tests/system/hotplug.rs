//! ENIs that are attached while the instance runs.

use std::thread;
use std::time::{Duration, Instant};

use integration_tests::cloud::{Attached, Cloud};
use integration_tests::testbed::{Eni, Guest, Host, Subnet, require_root, wait_until};

use integration_tests::fixture::{dual_stack, primary, subnets};

/// How long after the metadata is complete an ENI may take: twice what is promised, since the machine is busy with
/// other tests.
const PROMPT: Duration = Duration::from_millis(600);

fn booted() -> Cloud {
    let cloud = Cloud::new(&subnets(), &[primary()]);
    cloud.reconcile();
    cloud.check();
    cloud
}

/// Reports C6, C15: scenario 17, as it is. The MAC address appears late, device-number reads 0 at first, and IPv6
/// comes last: the ENI is configured when its IPv4 is there, and gets its IPv6 when that is.
#[test]
fn c15_scenario_17_is_configured_as_its_metadata_arrives() {
    if !require_root("c15_scenario_17_is_configured_as_its_metadata_arrives") {
        return;
    }
    let subnets = [Subnet::dual_stack("192.168.0.0/20", "2a05:d011:311:a00::/64")];
    let primary = Eni::new("06:dc:00:00:00:01", 0).with_ipv4("192.168.0.10");
    let secondary = Eni::new("06:dc:23:8e:6c:bc", 0)
        .with_ipv4("192.168.5.5")
        .with_ipv6("2a05:d011:311:a00:c4f1:eb1b:92d2:200e");
    let mut cloud = Cloud::new(&subnets, &[Attached::new("ens5", 0, primary)]);
    let scenario = include_str!("../../scenarios/17-hotplug-timeline/metadata.json");
    cloud.imds().set_tree(&serde_json::from_str(scenario).unwrap()).unwrap();
    cloud.reconcile();
    cloud.plug(Attached::new("ens6", 1, secondary));
    cloud.imds().start_timeline().unwrap();
    let start = Instant::now();
    let mut run = cloud.command(&["reconcile", "--initial", "ens6"]).spawn().unwrap();

    let after = |seconds: f64, rule: &str| {
        wait_until(Duration::from_secs(12), rule, || cloud.rules().iter().any(|found| found == rule));
        let late = start.elapsed().saturating_sub(Duration::from_secs_f64(seconds));
        assert!(start.elapsed().as_secs_f64() >= seconds && late < PROMPT, "`{rule}` came {late:?} late");
        println!("`{rule}` {late:?} after its metadata");
    };
    after(1.5, "10001: 192.168.5.5/32 10001");
    after(9.0, "10001: 2a05:d011:311:a00:c4f1:eb1b:92d2:200e/128 10001");
    assert!(run.wait().unwrap().success());
    for address in cloud.enis()[1].eni.addresses() {
        wait_until(Duration::from_secs(5), &address.to_string(), || cloud.vpc.peer().ping(address));
    }
    assert_eq!(cloud.reconcile(), "");
    assert_eq!(cloud.vpc.spoof_count(), 0, "{}", cloud.vpc.spoof_report());
}

/// An ENI whose metadata is there takes one pass, and waits for no `network-card` where nothing has one.
#[test]
fn a_hotplug_on_a_single_card_instance_waits_for_nothing() {
    if !require_root("a_hotplug_on_a_single_card_instance_waits_for_nothing") {
        return;
    }
    let mut cloud = booted();
    cloud.attach(Attached::new("ens6", 1, dual_stack(1, 20)));
    cloud.imds().reset_counters().unwrap();
    cloud.succeed(&["reconcile", "--initial", "ens6"]);
    let counters = cloud.imds().counters().unwrap();
    assert!(counters.total <= 12, "{counters:#?}");
    assert!(!counters.requests.keys().any(|key| key.ends_with("network-card")), "{counters:#?}");
    cloud.check();
}

/// Report C8: where the primary lists a card, a late `network-card` is waited for, and no table is shared.
#[test]
fn c8_a_late_card_is_waited_for() {
    if !require_root("c8_a_late_card_is_waited_for") {
        return;
    }
    let on_card = |card, attached: Attached| Attached { card: Some(card), ..attached };
    let enis = [on_card(0, primary()), on_card(0, Attached::new("ens6", 1, dual_stack(0, 20)))];
    let mut cloud = Cloud::new(&subnets(), &enis);
    cloud.reconcile();
    cloud.check();
    let attached = on_card(1, Attached::new("ens7", 1, dual_stack(1, 20)));
    cloud.plug(attached.clone());
    cloud.announce(&Attached { card: None, ..attached.clone() });
    let output = cloud.ec2_net(&["reconcile", "ens7"]);
    let log = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{log}");
    assert!(log.contains("ens7 (eni-020000000214): left as it is: "), "{log}");
    assert!(log.contains("network-card` is not there yet"), "{log}");
    let mut run = cloud.command(&["reconcile", "--initial", "ens7"]).spawn().unwrap();
    thread::sleep(Duration::from_millis(500));
    cloud.announce(&attached);
    let complete = Instant::now();
    let eni_conf = cloud.instance.path("/run/systemd/network/70-ens7.network.d/eni.conf");
    wait_until(Duration::from_secs(5), "the files", || eni_conf.exists());
    assert!(complete.elapsed() < PROMPT, "{:?}", complete.elapsed());
    assert!(run.wait().unwrap().success());
    cloud.check();
}

/// Reports R1, R2: a link that is not there is nothing to do, and nothing waits for it.
#[test]
fn r1_an_absent_link_is_nothing_to_do() {
    if !require_root("r1_an_absent_link_is_nothing_to_do") {
        return;
    }
    let cloud = Cloud::new(&subnets(), &[primary()]);
    let start = Instant::now();
    assert_eq!(cloud.succeed(&["reconcile", "--initial", "ens9"]), "");
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    assert_eq!(cloud.imds().counters().unwrap().total, 0);
}

/// Reports R1, R2: an ENI that is detached while it is waited for is waited for no longer.
#[test]
fn r1_nobody_waits_for_an_eni_that_is_detached() {
    if !require_root("r1_nobody_waits_for_an_eni_that_is_detached") {
        return;
    }
    let mut cloud = booted();
    let mut without_ipv4 = Attached::new("ens6", 1, dual_stack(1, 20));
    cloud.plug(without_ipv4.clone());
    without_ipv4.eni.ipv4.clear();
    cloud.announce(&without_ipv4);
    let mut run = cloud.command(&["reconcile", "--initial", "ens6"]).spawn().unwrap();
    thread::sleep(Duration::from_millis(500));
    assert!(run.try_wait().unwrap().is_none(), "it waits");
    cloud.instance.detach("ens6");
    let start = Instant::now();
    assert!(run.wait().unwrap().success());
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
}
