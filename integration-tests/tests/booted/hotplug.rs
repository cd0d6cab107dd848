//! ENIs that come and go while the instance runs.

use std::thread;
use std::time::{Duration, Instant};

use integration_tests::cloud::{Attached, Cloud};
use integration_tests::fixture::{dual_stack, primary, secondaries, subnets};
use integration_tests::testbed::{Guest, Host, Image, require_root, wait_until};

use crate::settled::{Census, boot, failed, idle, settled};

/// What is promised: 1.5 s from the uevent to the rules, and 12 requests. 2.7.4 takes 6 s and 28.
#[test]
fn short_a_hotplug_is_prompt_and_cheap() {
    if !require_root("short_a_hotplug_is_prompt_and_cheap") {
        return;
    }
    let mut cloud = boot(0);
    cloud.imds().reset_counters().unwrap();
    let attached = Attached::new("ens6", 1, dual_stack(1, 20));
    cloud.announce(&attached);
    let start = Instant::now();
    cloud.plug(attached);
    wait_until(Duration::from_secs(10), "the rules", || cloud.rules().len() == 2);
    let took = start.elapsed();
    idle(&cloud);
    let counters = cloud.imds().counters().unwrap();
    println!("rules {took:?} after the uevent, {} requests", counters.total);
    assert!(took < Duration::from_millis(1500), "{took:?}");
    assert!(counters.total <= 12, "{counters:#?}");
    settled(&cloud);
}

/// Metadata that is there 0, 2 and 10 s after the device is.
#[test]
fn c15_the_metadata_may_lag() {
    if !require_root("c15_the_metadata_may_lag") {
        return;
    }
    let mut cloud = boot(0);
    for (lag, attached) in [0, 2, 10].into_iter().zip(secondaries(3)) {
        cloud.plug(attached.clone());
        thread::sleep(Duration::from_secs(lag));
        cloud.announce(&attached);
        settled(&cloud);
    }
}

/// Reports C8, R1: fourteen at once, in the primary's subnet and in another, on several cards; then all are detached.
#[test]
fn short_r1_fourteen_at_once() {
    if !require_root("short_r1_fourteen_at_once") {
        return;
    }
    let on_card = |attached: Attached| {
        let card = u16::from(attached.device > 7);
        let device = attached.device - 7 * card;
        Attached { card: Some(card), device, ..attached }
    };
    let mut cloud = Cloud::boot(&Image::installed(), &subnets(), &[on_card(primary())]);
    settled(&cloud);
    let census = Census::take(&cloud);
    for attached in secondaries(14) {
        cloud.attach(on_card(attached));
    }
    settled(&cloud);
    for attached in secondaries(14) {
        cloud.detach(attached.interface);
    }
    wait_until(Duration::from_secs(1), "all rules to be gone", || cloud.rules().is_empty());
    settled(&cloud);
    census.assert_same(&cloud);
}

/// Reports C12, R3: what is detached is gone within a second, with its units, and the next ENI of that name starts
/// clean.
#[test]
fn short_c12_a_detached_eni_leaves_nothing() {
    if !require_root("short_c12_a_detached_eni_leaves_nothing") {
        return;
    }
    let mut cloud = boot(0);
    let census = Census::take(&cloud);
    cloud.attach(Attached::new("ens6", 1, dual_stack(1, 20).with_ipv4("10.0.2.21")));
    cloud.attach(Attached::new("ens7", 2, dual_stack(0, 30)));
    settled(&cloud);
    let stream = cloud.vpc.peer().pinger(cloud.enis()[2].eni.ipv4[0]);
    let start = Instant::now();
    cloud.detach("ens6");
    let files = cloud.instance.path("/run/systemd/network/70-ens6.network.d");
    let record = cloud.instance.path("/run/ec2-net/network/70-ens6.network.d");
    wait_until(Duration::from_secs(1), "all of ens6 to be gone", || {
        !cloud.rules().iter().any(|rule| rule.starts_with("10001:")) && !files.exists() && !record.exists()
    });
    println!("gone {:?} after the device", start.elapsed());
    settled(&cloud);
    assert_eq!(stream.stop().lost, 0);

    // Another ENI under the same name, in another slot and another subnet.
    cloud.attach(Attached::new("ens6", 3, dual_stack(0, 40)));
    settled(&cloud);
    cloud.detach("ens6");
    cloud.detach("ens7");
    settled(&cloud);
    census.assert_same(&cloud);
}

/// Reports R1, R2: an ENI that is detached while its unit still waits for its metadata.
#[test]
fn short_r1_an_eni_that_goes_while_its_unit_waits() {
    if !require_root("short_r1_an_eni_that_goes_while_its_unit_waits") {
        return;
    }
    let mut cloud = boot(0);
    let census = Census::take(&cloud);
    let mut attached = Attached::new("ens6", 1, dual_stack(1, 20));
    attached.eni.ipv4.clear();
    cloud.announce(&attached);
    cloud.plug(attached);
    wait_until(Duration::from_secs(5), "the unit to wait", || {
        let state =
            cloud.instance.command("systemctl").args(["is-active", "policy-routes@ens6.service"]).output();
        state.unwrap().stdout.starts_with(b"activating")
    });
    thread::sleep(Duration::from_secs(1));
    cloud.detach("ens6");
    let start = Instant::now();
    idle(&cloud);
    println!("idle {:?} after the device went", start.elapsed());
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    assert_eq!(failed(&cloud), "");
    settled(&cloud);
    census.assert_same(&cloud);
}

/// Reports R1, R3: fifty times in and out, faster than an ENI can be configured, and nothing accumulates.
#[test]
fn r3_fifty_quick_cycles_leave_nothing() {
    if !require_root("r3_fifty_quick_cycles_leave_nothing") {
        return;
    }
    let mut cloud = boot(0);
    let census = Census::take(&cloud);
    for round in 0..50u8 {
        cloud.attach(Attached::new("ens6", 1 + u16::from(round % 3), dual_stack(1, 20 + round % 5)));
        thread::sleep(Duration::from_millis(20 * u64::from(round % 10)));
        cloud.detach("ens6");
        thread::sleep(Duration::from_millis(10 * u64::from(round % 4)));
    }
    settled(&cloud);
    census.assert_same(&cloud);
    cloud.attach(Attached::new("ens6", 1, dual_stack(1, 20)));
    settled(&cloud);
    let missed = cloud.instance.journal(&["--unit=init.scope", "--priority=warning"]);
    println!("systemd: {missed}");
}
