//! Addresses, reachability and the source check.

use std::net::IpAddr;

use integration_tests::testbed::{Eni, Guest, Host, Instance, Subnet, Vpc, require_root, wait_until};

use crate::fixture::{
    IMDS_IPV4, IMDS_IPV6, PATIENCE, PEER_IPV4, PEER_IPV6, answering, ip, primary, running, secondary, subnet,
};

/// No address.
const NOBODY: [IpAddr; 0] = [];

#[test]
fn an_instance_gets_its_addresses_and_is_reached() {
    if !require_root("an_instance_gets_its_addresses_and_is_reached") {
        return;
    }
    let eni = primary();
    let (vpc, instance) = running(subnet(), &eni);
    for address in eni.addresses() {
        assert!(vpc.peer().ping(address), "{address} does not answer");
        let peer = if address.is_ipv4() { PEER_IPV4 } else { PEER_IPV6 };
        assert!(instance.ping_from(address, peer), "no answer to {address}");
    }
    assert!(instance.ping(IMDS_IPV4) && instance.ping(IMDS_IPV6));
    vpc.peer().run(&["ping", "-c", "1", "-w", "2", "-M", "do", "-s", "8900", &eni.ipv4[0].to_string()]);
    let route = instance.json(&["ip", "-j", "route", "show", "default"]);
    assert_eq!(route[0]["metric"], 32768, "above that of every ENI");
    assert_eq!(instance.json(&["ip", "-j", "link", "show", "ens5"])[0]["mtu"], 9001);
    assert_eq!(vpc.spoof_count(), 0, "{}", vpc.spoof_report());
    assert!(!instance.networkd_log().contains("Unknown"), "{}", instance.networkd_log());
}

#[test]
fn a_spoofed_packet_is_counted_and_lost() {
    if !require_root("a_spoofed_packet_is_counted_and_lost") {
        return;
    }
    let eni = primary();
    let (vpc, instance) = running(subnet(), &eni);
    let (stolen4, stolen6) = (ip("10.0.1.99"), ip("2001:db8:0:1::99"));
    for (stolen, peer) in [(stolen4, PEER_IPV4), (stolen6, PEER_IPV6)] {
        instance.run(&["ip", "address", "add", &stolen.to_string(), "dev", "ens5", "nodad"]);
        let before = vpc.spoof_count();
        assert!(!instance.ping_from(stolen, peer));
        assert!(vpc.spoof_count() > before);
        assert!(vpc.spoof_report().contains(&stolen.to_string()), "{}", vpc.spoof_report());
        let before = vpc.spoof_count();
        assert!(!vpc.peer().ping(stolen));
        assert_eq!(vpc.spoof_count(), before, "nothing may be delivered to an address that nobody has");
    }
}

#[test]
fn addresses_and_blocks_come_and_go_while_it_runs() {
    if !require_root("addresses_and_blocks_come_and_go_while_it_runs") {
        return;
    }
    let (vpc, instance) = running(subnet(), &primary());
    let more = primary()
        .with_ipv4("10.0.1.11")
        .with_ipv6("2001:db8:0:1::11")
        .with_ipv4_prefix("10.0.1.32/28")
        .with_ipv6_prefix("2001:db8:0:1:a::/80");
    let added = ["10.0.1.11", "2001:db8:0:1::11", "10.0.1.40", "2001:db8:0:1:a::7"].map(ip);
    for address in added {
        instance.run(&["ip", "address", "add", &address.to_string(), "dev", "ens5", "nodad"]);
    }
    assert_eq!(answering(vpc.peer(), &added), NOBODY);
    let stream = vpc.peer().pinger(primary().ipv4[0]);
    vpc.assign(&more);
    assert_eq!(answering(vpc.peer(), &added), added);
    vpc.assign(&primary());
    assert_eq!(answering(vpc.peer(), &added), NOBODY);
    let tally = stream.stop();
    assert_eq!(tally.lost, 0, "{tally:?}");
    assert_eq!(vpc.spoof_count(), 0, "{}", vpc.spoof_report());
    vpc.unassign(&primary());
    assert!(!vpc.peer().ping(primary().ipv4[0]));
}

#[test]
fn instances_of_a_subnet_reach_each_other() {
    if !require_root("instances_of_a_subnet_reach_each_other") {
        return;
    }
    let (vpc, instance) = running(subnet(), &primary());
    let eni = secondary();
    vpc.assign(&eni);
    let mut other = Instance::new(&vpc);
    other.start_networkd();
    other.attach("ens5", &eni);
    other.wait_for_lease("ens5", &eni);
    for address in eni.addresses() {
        assert!(instance.ping(address), "{address} does not answer");
    }
    for address in primary().addresses() {
        assert!(other.ping(address), "{address} does not answer");
    }
    assert_eq!(vpc.spoof_count(), 0, "{}", vpc.spoof_report());

    // A second ENI there, and Linux answers for its addresses by both. The answers to the pings
    // themselves leave by the wrong one.
    let another = Eni::new("02:00:00:00:01:07", 0).with_ipv4("10.0.1.30").with_ipv6("2001:db8:0:1::30");
    vpc.assign(&another);
    other.attach("ens6", &another);
    other.wait_for_lease("ens6", &another);
    instance.run(&["ip", "neigh", "flush", "dev", "ens5"]);
    for eni in [&eni, &another] {
        answering(&instance, &eni.addresses());
        for address in eni.addresses() {
            let words = ["ip", "-j", "neigh", "show", &address.to_string(), "dev", "ens5"];
            let neighbour = instance.json(&words);
            assert_eq!(neighbour[0]["lladdr"], *eni.mac, "{neighbour}");
        }
    }
}

#[test]
fn interfaces_of_two_subnets_reach_the_metadata_service() {
    if !require_root("interfaces_of_two_subnets_reach_the_metadata_service") {
        return;
    }
    let vpc = Vpc::new(&[subnet(), Subnet::dual_stack("10.0.2.0/24", "2001:db8:0:2::/64")]);
    let eni = Eni::new("02:00:00:00:02:06", 1).with_ipv4("10.0.2.20").with_ipv6("2001:db8:0:2::20");
    let mut instance = Instance::new(&vpc);
    instance.start_networkd();
    for (interface, eni) in [("ens5", &primary()), ("ens6", &eni)] {
        vpc.assign(eni);
        instance.attach(interface, eni);
    }
    for (interface, eni) in [("ens5", &primary()), ("ens6", &eni)] {
        instance.wait_for_lease(interface, eni);
        for service in [IpAddr::from(IMDS_IPV4), IpAddr::from(IMDS_IPV6)] {
            instance.run(&["ping", "-c", "1", "-w", "2", "-I", interface, &service.to_string()]);
        }
    }
}

#[test]
fn an_interface_moves_to_another_instance() {
    if !require_root("an_interface_moves_to_another_instance") {
        return;
    }
    let (vpc, instance) = running(subnet(), &primary());
    instance.detach("ens5");
    let mut other = Instance::new(&vpc);
    other.start_networkd();
    other.attach("ens7", &primary());
    other.wait_for_lease("ens7", &primary());
    assert_eq!(answering(vpc.peer(), &primary().addresses()), primary().addresses());
}

#[test]
fn an_ipv6_only_subnet_gives_link_local_ipv4() {
    if !require_root("an_ipv6_only_subnet_gives_link_local_ipv4") {
        return;
    }
    let eni = Eni::new("02:00:00:00:02:07", 0).with_ipv6("2001:db8:0:2::10");
    let (vpc, instance) = running(Subnet::ipv6_only("2001:db8:0:2::/64"), &eni);
    let link_local = format!("{}/32", eni.link_local_ipv4());
    wait_until(PATIENCE, &link_local, || instance.addresses("ens5").contains(&link_local));
    assert!(vpc.peer().ping(eni.ipv6[0]));
    assert!(instance.ping(IMDS_IPV4) && instance.ping(IMDS_IPV6));
    assert_eq!(vpc.spoof_count(), 0, "{}", vpc.spoof_report());
}
