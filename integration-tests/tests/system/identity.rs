//! Which links are ENIs, the commands of amazon-ec2-net-utils, and the hostname.

use std::process::Output;

use integration_tests::cloud::{Attached, Cloud};
use integration_tests::program;
use integration_tests::testbed::{Host, require_root};

use integration_tests::fixture::{dual_stack, primary, subnets};

fn with_secondary() -> Cloud {
    Cloud::new(&subnets(), &[primary(), Attached::new("ens6", 1, dual_stack(0, 20))])
}

/// A macvlan or VLAN can have its parent's MAC address, and is none of ours.
#[test]
fn a_link_that_shares_the_mac_of_an_eni_is_left_alone() {
    if !require_root("a_link_that_shares_the_mac_of_an_eni_is_left_alone") {
        return;
    }
    let cloud = with_secondary();
    cloud.reconcile();
    cloud.check();
    let mac = cloud.enis()[1].eni.mac.clone();
    let bridge = ["ip", "link", "add", "br0", "address", &mac, "type", "bridge"];
    cloud.instance.run(&bridge);
    let vlan = ["ip", "link", "add", "link", "ens6", "name", "ens6.5", "type", "vlan", "id", "5"];
    let macvlan = [
        "ip", "link", "add", "link", "ens6", "name", "mac0", "address", &mac, "type", "macvlan", "mode",
        "passthru",
    ];
    for words in [&vlan[..], &macvlan[..]] {
        // Not every kernel has them; a bridge always is there.
        let made = cloud.instance.command(words[0]).args(&words[1..]).output().unwrap();
        println!("{words:?}: {}", made.status);
    }
    assert_eq!(cloud.reconcile(), "");
    let plan = cloud.ec2_net(&["plan", "--json"]).stdout;
    let plan: serde_json::Value = serde_json::from_slice(&plan).unwrap();
    let names: Vec<&str> = plan["interfaces"]
        .as_array()
        .unwrap()
        .iter()
        .map(|interface| interface["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["ens5", "ens6"]);
}

/// The interface of 2.x: start, refresh and remove act, stop and cleanup do nothing (report R9).
#[test]
fn r9_setup_policy_routes_is_a_front_end() {
    if !require_root("r9_setup_policy_routes_is_a_front_end") {
        return;
    }
    let cloud = with_secondary();
    let run = |action: &str| {
        let mut command = cloud.instance.command(program::setup_policy_routes().to_str().unwrap());
        checked(&command.args(["ens6", action]).output().unwrap())
    };
    let rules = ["10001: 10.0.1.20/32 10001", "10001: 2001:db8:0:1::20/128 10001"];
    run("start");
    assert_eq!(cloud.rules(), rules);
    assert_eq!(run("refresh"), "");
    cloud.instance.run(&["ip", "rule", "del", "pref", "10001", "from", "10.0.1.20"]);
    assert_eq!(run("refresh"), "ens6: add rule 10001: from 10.0.1.20/32 lookup 10001\n");
    for nothing in ["stop", "cleanup"] {
        assert_eq!(run(nothing), "");
        assert_eq!(cloud.rules(), rules);
    }
    run("remove");
    assert!(cloud.rules().is_empty());
}

#[test]
fn the_hostname_is_set_unless_the_system_has_one() {
    if !require_root("the_hostname_is_set_unless_the_system_has_one") {
        return;
    }
    let cloud = Cloud::new(&subnets(), &[primary()]);
    let program = program::set_hostname_imds();
    let run = |etc: &str| {
        cloud.instance.write("/etc/hostname", etc);
        // In a UTS namespace of its own: the instance shares the machine's otherwise.
        let script = "hostname before; \"$0\" && uname -n";
        let mut command = cloud.instance.command("unshare");
        command.args(["--uts", "sh", "-c", script]).arg(&program);
        let output = command.output().unwrap();
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let name = "ip-10-0-0-10.ec2.internal";
    assert_eq!(run(""), (format!("{name}\n"), format!("hostname set to {name}\n")));
    assert_eq!(run("# none\n").0, format!("{name}\n"));
    assert_eq!(run("mine\n"), ("before\n".to_owned(), String::new()));
    cloud.imds().set("local-hostname", "first.example. second.example.").unwrap();
    assert_eq!(run("").0, "first.example\n");
    cloud.imds().set("local-hostname", "no_host").unwrap();
    let message = "error: cannot use the metadata's `local-hostname`: `no_host` is not a host name of at most 64 characters\n";
    assert_eq!(run(""), (String::new(), message.to_owned()));
}

/// Report M4: without a route to the metadata service, it is asked on the links themselves.
#[test]
fn m4_without_a_route_the_metadata_is_asked_on_the_enis() {
    if !require_root("m4_without_a_route_the_metadata_is_asked_on_the_enis") {
        return;
    }
    let cloud = with_secondary();
    cloud.instance.run(&["ip", "route", "add", "unreachable", "169.254.169.254/32"]);
    cloud.instance.run(&["ip", "-6", "route", "add", "unreachable", "fd00:ec2::254/128"]);
    let output = cloud.ec2_net(&["-v", "reconcile"]);
    let log = checked(&output);
    assert!(log.contains("metadata by http://169.254.169.254:80 on `ens"), "{log}");
    cloud.check();
}

/// What a successful run logged.
#[track_caller]
fn checked(output: &Output) -> String {
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{}\n{log}", output.status);
    log
}
