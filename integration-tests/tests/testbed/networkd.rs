//! networkd in an instance: reload, restart, hotplug.

use integration_tests::testbed::{Eni, Guest, Host, Instance, holds_within, require_root, wait_until};

use crate::fixture::{PATIENCE, primary, running, secondary, subnet};

/// What `ec2-net` would write for the secondary ENI, by hand.
const SECONDARY: &str = "
[Match]
MACAddress=02:00:00:00:01:06
[DHCPv4]
RouteMetric=32769
[IPv6AcceptRA]
RouteMetric=32769
[Route]
Table=10001
Gateway=_dhcp4
[Route]
Table=10001
Gateway=_ipv6ra
[Route]
Table=10001
Destination=10.0.1.0/24
[Route]
Table=10001
Destination=2001:db8:0:1::/64
[RoutingPolicyRule]
From=10.0.1.20
Priority=10001
Table=10001
[RoutingPolicyRule]
From=2001:db8:0:1::20
Priority=10001
Table=10001
";

#[test]
fn two_interfaces_need_policy_routing() {
    if !require_root("two_interfaces_need_policy_routing") {
        return;
    }
    let (vpc, instance) = running(subnet(), &primary());
    let eni = secondary();
    vpc.assign(&eni);
    instance.attach("ens6", &eni);
    instance.wait_for_lease("ens6", &eni);
    // Of two default routes with the same metric the kernel takes now the one, now the other, as
    // their gateways are known to answer. Only the primary's shall be left.
    wait_until(PATIENCE, "the second default route", || {
        instance.text(&["ip", "route", "show", "default", "dev", "ens6"]).contains("via")
    });
    instance.run(&["ip", "route", "delete", "default", "dev", "ens6"]);
    assert!(vpc.peer().ping(primary().ipv4[0]));
    assert!(!vpc.peer().ping(eni.ipv4[0]), "an answer by the wrong ENI must not arrive");
    assert!(vpc.spoof_count() > 0);

    configure_secondary(&instance);
    let all = [primary(), secondary()].iter().flat_map(Eni::addresses).collect::<Vec<_>>();
    for address in &all {
        wait_until(PATIENCE, &format!("an answer from {address}"), || vpc.peer().ping(*address));
    }
    let before = vpc.spoof_count();
    let streams: Vec<_> = all.iter().map(|address| vpc.peer().pinger(*address)).collect();
    // The links' files are unchanged: nothing may happen.
    instance.run(&["networkctl", "reload"]);
    for stream in streams {
        let tally = stream.stop();
        assert!(tally.sent > 0 && tally.lost == 0, "{tally:?}");
    }
    assert_eq!(vpc.spoof_count(), before, "{}", vpc.spoof_report());
    assert!(!instance.networkd_log().contains("Unknown"), "{}", instance.networkd_log());
}

#[test]
fn a_detached_interface_is_gone_and_can_come_back() {
    if !require_root("a_detached_interface_is_gone_and_can_come_back") {
        return;
    }
    let (vpc, instance) = running(subnet(), &primary());
    let address = primary().ipv4[0];
    instance.flap("ens5");
    wait_until(PATIENCE, "networkd to notice", || instance.networkd_log().contains("Lost carrier"));
    wait_until(PATIENCE, "an answer after the flap", || vpc.peer().ping(address));

    let stream = vpc.peer().pinger(address);
    instance.detach("ens5");
    assert!(instance.addresses("ens5").is_empty());
    assert!(!vpc.peer().ping(address));
    instance.attach("ens5", &primary());
    instance.wait_for_lease("ens5", &primary());
    assert!(vpc.peer().ping(address));
    let tally = stream.stop();
    assert!(tally.lost > 0 && tally.received > 0, "{tally:?}");
}

#[test]
fn networkd_starts_again() {
    if !require_root("networkd_starts_again") {
        return;
    }
    let (vpc, mut instance) = running(subnet(), &primary());
    vpc.assign(&secondary());
    instance.attach("ens6", &secondary());
    instance.wait_for_lease("ens6", &secondary());
    configure_secondary(&instance);
    instance.run(&["ip", "rule", "add", "from", "192.0.2.1", "priority", "9000", "table", "9000"]);
    instance.restart_networkd();
    wait_for_table(&instance);
    for address in [primary(), secondary()].iter().flat_map(Eni::addresses) {
        assert!(holds_within(PATIENCE, || vpc.peer().ping(address)), "{address} does not answer");
    }
    let rules = instance.text(&["ip", "rule", "show", "priority", "9000"]);
    assert!(rules.contains("192.0.2.1"), "ManageForeignRoutingPolicyRules=no is not in force");
    let log = instance.networkd_log();
    assert!(!log.contains("Unknown") && !log.contains("ailed to parse"), "{log}");
}

/// Writes the secondary's files, and waits until a reload has put them into the kernel.
#[track_caller]
fn configure_secondary(instance: &Instance) {
    let base = instance.text(&["cat", "/usr/lib/systemd/network/80-ec2.network"]);
    instance.write("/run/systemd/network/70-ens6.network", &base);
    instance.write("/run/systemd/network/70-ens6.network.d/eni.conf", SECONDARY);
    instance.run(&["networkctl", "reload"]);
    wait_for_table(instance);
}

/// Waits until the secondary's table and rules are complete.
#[track_caller]
fn wait_for_table(instance: &Instance) {
    for family in ["-4", "-6"] {
        wait_until(PATIENCE, &format!("the rule and the default route of table 10001, {family}"), || {
            let rules = instance.text(&["ip", family, "rule", "show", "priority", "10001"]);
            let routes = instance.text(&["ip", family, "route", "show", "table", "all", "default"]);
            rules.contains("lookup 10001") && routes.contains("dev ens6 table 10001")
        });
    }
}
