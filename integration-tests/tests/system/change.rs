//! What changes while the instance runs.

use std::time::Duration;

use integration_tests::cloud::{Attached, Cloud};
use integration_tests::testbed::{Guest, Host, require_root, wait_until};

use integration_tests::fixture::{dual_stack, primary, subnets};

/// An instance with two ENIs in one subnet, configured.
fn configured() -> Cloud {
    let secondary = dual_stack(0, 20).with_ipv4("10.0.1.21");
    let cloud = Cloud::new(&subnets(), &[primary(), Attached::new("ens6", 1, secondary)]);
    cloud.reconcile();
    cloud.check();
    cloud
}

/// Withdraws 10.0.1.21, which networkd has read, and assigns 10.0.1.22, which it has not.
#[track_caller]
fn swap_secondary(cloud: &mut Cloud) {
    cloud.change("ens6", |eni| {
        eni.ipv4.retain(|address| address.octets()[3] != 21);
        eni.ipv4.push("10.0.1.22".parse().unwrap());
    });
    cloud.reconcile();
    cloud.check();
}

fn reloads(cloud: &Cloud) -> usize {
    // networkd says it once for each link that it configures.
    cloud.instance.networkd_log().matches("onfiguring with").count()
}

/// Runs reconcile, which must do all that has changed without networkd, and nothing the second time.
#[track_caller]
fn reconcile_hitless(cloud: &Cloud, expected: &[&str]) {
    let before = reloads(cloud);
    let streams: Vec<_> = cloud
        .enis()
        .iter()
        .flat_map(|attached| attached.eni.leased())
        .map(|address| cloud.vpc.peer().pinger(address))
        .collect();
    let log = cloud.reconcile();
    let mut lines: Vec<&str> = log.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, expected);
    cloud.check();
    assert_eq!(cloud.reconcile(), "", "a second run has nothing to do");
    for stream in streams {
        let tally = stream.stop();
        assert_eq!(tally.lost, 0, "{tally:?}");
    }
    assert_eq!(reloads(cloud), before, "networkd was made to read its files");
}

/// Reports C1, C3: what the metadata says is applied, whatever was there before.
#[test]
fn c3_addresses_and_prefixes_come_and_go_without_a_reload() {
    if !require_root("c3_addresses_and_prefixes_come_and_go_without_a_reload") {
        return;
    }
    let mut cloud = configured();
    cloud.change("ens6", |eni| eni.ipv4.push("10.0.1.22".parse().unwrap()));
    let expected = ["ens6: add address 10.0.1.22/32", "ens6: add rule 10001: from 10.0.1.22/32 lookup 10001"];
    reconcile_hitless(&cloud, &expected);

    cloud.change("ens6", |eni| eni.ipv4.retain(|address| address.octets()[3] != 21));
    let expected =
        ["ens6: remove address 10.0.1.21/32", "ens6: remove rule 10001: from 10.0.1.21/32 lookup 10001"];
    reconcile_hitless(&cloud, &expected);
    assert!(!cloud.instance.addresses("ens6").contains(&"10.0.1.21/32".to_owned()));

    cloud.change("ens6", |eni| {
        eni.ipv6.push("2001:db8:0:1::22".parse().unwrap());
        eni.ipv4_prefixes.push("10.0.1.48/28".parse().unwrap());
        eni.ipv6_prefixes.push("2001:db8:0:1:aaaa::/80".parse().unwrap());
    });
    let expected = [
        "ens6: add address 2001:db8:0:1::22/128",
        "ens6: add rule 10001: from 10.0.1.48/28 lookup 10001",
        "ens6: add rule 10001: from 2001:db8:0:1::22/128 lookup 10001",
        "ens6: add rule 10001: from 2001:db8:0:1:aaaa::/80 lookup 10001",
    ];
    reconcile_hitless(&cloud, &expected);

    cloud.change("ens5", |eni| {
        eni.ipv4.truncate(1);
        eni.ipv6.truncate(1);
    });
    let expected = ["ens5: remove address 10.0.1.11/32", "ens5: remove address 2001:db8:0:1::11/128"];
    reconcile_hitless(&cloud, &expected);
}

/// The metadata's order of IPv6 addresses is not documented: one that comes first is no reason to forget it.
#[test]
fn v7_an_ipv6_address_that_is_listed_before_the_leased_one_answers() {
    if !require_root("v7_an_ipv6_address_that_is_listed_before_the_leased_one_answers") {
        return;
    }
    let cloud = configured();
    let mut attached = cloud.enis()[1].clone();
    cloud.vpc.assign(&{
        let mut eni = attached.eni.clone();
        eni.ipv6.push("2001:db8:0:1::2".parse().unwrap());
        eni
    });
    attached.eni.ipv6.insert(0, "2001:db8:0:1::2".parse().unwrap());
    cloud.announce(&attached);
    let log = cloud.reconcile();
    assert!(log.contains("ens6: add address 2001:db8:0:1::2/128"), "{log}");
    for address in attached.eni.addresses() {
        wait_until(Duration::from_secs(5), &format!("{address}"), || cloud.vpc.peer().ping(address));
    }
    assert_eq!(cloud.reconcile(), "");
    assert_eq!(cloud.vpc.spoof_count(), 0, "{}", cloud.vpc.spoof_report());
}

/// Report C14: a CIDR block that the subnet gets late reaches the table.
#[test]
fn c14_a_new_block_of_the_subnet_is_routed() {
    if !require_root("c14_a_new_block_of_the_subnet_is_routed") {
        return;
    }
    let cloud = configured();
    for attached in cloud.enis() {
        let key = format!("{}/subnet-ipv6-cidr-blocks", attached.path());
        cloud.imds().set(&key, vec!["2001:db8:0:1::/64", "2001:db8:0:9::/64"]).unwrap();
    }
    let log = cloud.reconcile();
    assert!(log.contains("ens6: add route 2001:db8:0:9::/64 table 10001"), "{log}");
    assert_eq!(cloud.reconcile(), "");
    for attached in cloud.enis() {
        cloud
            .imds()
            .set(&format!("{}/subnet-ipv6-cidr-blocks", attached.path()), "2001:db8:0:1::/64")
            .unwrap();
    }
    let log = cloud.reconcile();
    assert!(log.contains("ens6: remove route 2001:db8:0:9::/64 table 10001"), "{log}");
    cloud.check();
}

/// Reports C12, R4: nothing of a detached ENI stays, and the next one of that name starts clean.
#[test]
fn c12_a_detached_eni_leaves_nothing_behind() {
    if !require_root("c12_a_detached_eni_leaves_nothing_behind") {
        return;
    }
    let mut cloud = configured();
    let stream = cloud.vpc.peer().pinger(cloud.enis()[0].eni.ipv4[0]);
    cloud.detach("ens6");
    let log = cloud.reconcile();
    assert!(log.contains("ens6: removed the configuration of an ENI that is gone"), "{log}");
    assert!(cloud.rules().is_empty(), "{:?}", cloud.rules());
    assert!(cloud.files().iter().all(|file| !file.contains("70-ens6")), "{:#?}", cloud.files());
    assert_eq!(cloud.reconcile(), "");

    cloud.attach(Attached::new("ens6", 2, dual_stack(1, 30)));
    cloud.reconcile();
    cloud.check();
    let tally = stream.stop();
    assert_eq!(tally.lost, 0, "{tally:?}");
}

#[test]
fn what_was_lost_is_put_back() {
    if !require_root("what_was_lost_is_put_back") {
        return;
    }
    let cloud = configured();
    cloud.instance.run(&["ip", "address", "del", "10.0.1.21/32", "dev", "ens6"]);
    cloud.instance.run(&["ip", "rule", "del", "pref", "10001", "from", "10.0.1.20"]);
    cloud.instance.run(&["ip", "route", "del", "default", "table", "10001"]);
    cloud.instance.run(&["ip", "-6", "route", "del", "2001:db8:0:1::/64", "table", "10001"]);
    let expected = [
        "ens6: add address 10.0.1.21/32",
        "ens6: add route 2001:db8:0:1::/64 table 10001",
        "ens6: add route default via 10.0.1.1 table 10001",
        "ens6: add rule 10001: from 10.0.1.20/32 lookup 10001",
    ];
    let log = cloud.reconcile();
    let mut lines: Vec<&str> = log.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, expected);
    cloud.check();
    assert_eq!(cloud.reconcile(), "");
}

/// What networkd has read, it brings back after a carrier flap: also what has been withdrawn since.
#[test]
fn a_carrier_flap_is_healed() {
    if !require_root("a_carrier_flap_is_healed") {
        return;
    }
    let mut cloud = configured();
    swap_secondary(&mut cloud);
    cloud.instance.flap("ens6");
    cloud.instance.wait_for_lease("ens6", &cloud.enis()[1].eni.clone());
    cloud.reconcile();
    cloud.check();
    assert!(!cloud.instance.has_address("ens6", std::net::Ipv4Addr::new(10, 0, 1, 21)));
    assert_eq!(cloud.reconcile(), "");
}

#[test]
fn a_foreign_reload_costs_nothing() {
    if !require_root("a_foreign_reload_costs_nothing") {
        return;
    }
    let mut cloud = configured();
    cloud.change("ens6", |eni| eni.ipv4.push("10.0.1.22".parse().unwrap()));
    cloud.reconcile();
    cloud.check();
    let addresses: Vec<_> = cloud.enis().iter().flat_map(|attached| attached.eni.addresses()).collect();
    let streams: Vec<_> = addresses.iter().map(|address| cloud.vpc.peer().pinger(*address)).collect();
    cloud.instance.run(&["networkctl", "reload"]);
    cloud.check();
    for stream in streams {
        let tally = stream.stop();
        assert_eq!(tally.lost, 0, "{tally:?}");
    }
    assert_eq!(cloud.reconcile(), "");
}

#[test]
fn a_restart_of_networkd_after_thaw_brings_everything_back() {
    if !require_root("a_restart_of_networkd_after_thaw_brings_everything_back") {
        return;
    }
    let mut cloud = configured();
    swap_secondary(&mut cloud);
    cloud.instance.stop_networkd();
    cloud.succeed(&["thaw"]);
    cloud.instance.start_networkd();
    for attached in cloud.enis() {
        cloud.instance.wait_for_lease(attached.interface, &attached.eni);
    }
    cloud.check();
    assert!(!cloud.instance.has_address("ens6", std::net::Ipv4Addr::new(10, 0, 1, 21)));
    // Before 257, networkd forgets the metric of an address that it has kept.
    let log = cloud.reconcile();
    assert!(log.lines().all(|line| line.contains(": set metric 51")), "{log}");
    assert_eq!(cloud.reconcile(), "");
}

/// Report R9, and what `remove` is for: it takes away what is ours, and only that.
#[test]
fn remove_gives_back_what_was_made() {
    if !require_root("remove_gives_back_what_was_made") {
        return;
    }
    let cloud = configured();
    cloud.instance.run(&["ip", "rule", "add", "pref", "10001", "from", "10.0.1.99", "lookup", "10001"]);
    cloud.succeed(&["remove", "ens6"]);
    assert_eq!(cloud.rules(), ["10001: 10.0.1.99/32 10001"]);
    assert!(cloud.files().iter().all(|file| !file.contains("70-ens6")), "{:#?}", cloud.files());
    assert!(!cloud.instance.has_address("ens6", std::net::Ipv4Addr::new(10, 0, 1, 21)));
    cloud.instance.run(&["ip", "rule", "del", "pref", "10001", "from", "10.0.1.99"]);
    cloud.instance.wait_for_lease("ens6", &cloud.enis()[1].eni.clone());
    cloud.reconcile();
    cloud.check_kernel();
}
