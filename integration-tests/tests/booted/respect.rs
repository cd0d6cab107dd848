//! Living with others: rules and routes of other programs, containers, masks.

use integration_tests::cloud::{Attached, Cloud};
use integration_tests::fixture::dual_stack;
use integration_tests::testbed::{Guest, Host, Machine, Vpc, require_root, wait_until};
use std::time::Duration;

use crate::settled::{boot, idle, settled};

/// Reports K3, U2, U3: a rule and a route of another program stay through a refresh, a hotplug, a reload and a restart.
#[test]
fn short_k3_foreign_rules_and_routes_stay() {
    if !require_root("short_k3_foreign_rules_and_routes_stay") {
        return;
    }
    let mut cloud = boot(1);
    let rule = "from 192.0.2.1 lookup 9000 proto 77";
    let route = "198.51.100.0/24 via 10.0.1.1 dev ens5 proto 77";
    cloud.instance.run(&["sh", "-c", &format!("ip rule add pref 9000 {rule} && ip route add {route}")]);
    let stay = |after: &str, cloud: &Cloud<Machine>| {
        let rules = cloud.instance.text(&["ip", "rule", "show", "pref", "9000"]);
        assert!(rules.contains(rule), "after {after}: {rules}");
        let routes = cloud.instance.text(&["ip", "route", "show", "198.51.100.0/24"]);
        assert!(routes.contains(route), "after {after}: {routes}");
    };
    cloud.instance.run(&["systemctl", "start", "refresh-policy-routes.service"]);
    stay("a refresh", &cloud);
    cloud.attach(Attached::new("ens7", 2, dual_stack(0, 30)));
    idle(&cloud);
    stay("a hotplug", &cloud);
    cloud.instance.run(&["networkctl", "reload"]);
    stay("a reload", &cloud);
    cloud.instance.run(&["systemctl", "restart", "systemd-networkd.service"]);
    for attached in cloud.enis() {
        cloud.instance.wait_for_lease(attached.interface, &attached.eni);
    }
    stay("a restart", &cloud);
    cloud.detach("ens7");
    idle(&cloud);
    stay("a detach", &cloud);
}

/// Report C9: a container behind a bridge reaches the addresses of the primary, and the world reaches the container
/// through a port of the primary, with and without secondary ENIs.
#[test]
fn short_c9_a_container_behind_a_bridge() {
    if !require_root("short_c9_a_container_behind_a_bridge") {
        return;
    }
    let mut cloud = boot(0);
    let set_up = "ip link add docker0 type bridge && ip address add 172.17.0.1/16 dev docker0 && ip link set docker0 up \
        && ip netns add container && ip link add veth0 master docker0 type veth peer name eth0 netns container \
        && ip link set veth0 up && ip -n container address add 172.17.0.2/16 dev eth0 && ip -n container link set eth0 up \
        && ip -n container route add default via 172.17.0.1 && sysctl -q net.ipv4.ip_forward=1";
    cloud.instance.run(&["sh", "-c", set_up]);
    for round in ["alone", "with a secondary"] {
        for target in ["10.0.1.10", "10.0.1.11"] {
            let ping =
                ["ip", "netns", "exec", "container", "ping", "-c", "3", "-i", "0.1", "-w", "2", target];
            let output = cloud.instance.command(ping[0]).args(&ping[1..]).output().unwrap();
            assert!(output.status.success(), "{target}, {round}: {output:?}");
            // What the host sends from the address of the primary to the container, as a published port does.
            let output = cloud
                .instance
                .command("ping")
                .args(["-c", "3", "-i", "0.1", "-w", "2", "-I", target, "172.17.0.2"])
                .output()
                .unwrap();
            assert!(output.status.success(), "from {target}, {round}: {output:?}");
        }
        if round == "alone" {
            cloud.attach(Attached::new("ens6", 1, dual_stack(1, 20)));
            settled(&cloud);
        }
    }
    assert!(cloud.instance.ping(Vpc::PEER_IPV4));
    assert_eq!(cloud.vpc.spoof_count(), 0, "{}", cloud.vpc.spoof_report());
}

/// Report R9: stopping or restarting a unit takes nothing away.
#[test]
fn short_r9_stopping_takes_nothing_away() {
    if !require_root("short_r9_stopping_takes_nothing_away") {
        return;
    }
    let cloud = boot(1);
    let stream = cloud.vpc.peer().pinger(cloud.enis()[1].eni.ipv4[0]);
    cloud.instance.run(&["systemctl", "restart", "policy-routes@ens6.service"]);
    cloud.instance.run(&["systemctl", "stop", "policy-routes@ens6.service"]);
    cloud.check();
    cloud.instance.run(&["setup-policy-routes", "ens6", "stop"]);
    cloud.check();
    cloud.instance.run(&["systemctl", "start", "policy-routes@ens6.service"]);
    assert_eq!(stream.stop().lost, 0);
    settled(&cloud);
}

/// Report R10: an ENI whose uevent nobody heard is found by the timer.
#[test]
fn r10_an_eni_that_no_event_announced() {
    if !require_root("r10_an_eni_that_no_event_announced") {
        return;
    }
    let mut cloud = boot(0);
    cloud.instance.run(&[
        "systemctl",
        "stop",
        "systemd-udevd.service",
        "systemd-udevd-control.socket",
        "systemd-udevd-kernel.socket",
    ]);
    cloud.attach(Attached::new("ens6", 1, dual_stack(1, 20)));
    cloud.instance.run(&["systemctl", "start", "systemd-udevd.service"]);
    cloud.instance.run(&["udevadm", "trigger", "--action=change", "--subsystem-match=net"]);
    wait_until(Duration::from_secs(40), "the rules", || cloud.rules().len() == 2);
    cloud.check();
}
