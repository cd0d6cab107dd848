//! Boot, from no ENI but the primary to fifteen.

use std::net::Ipv4Addr;
use std::time::Duration;

use integration_tests::cloud::Cloud;
use integration_tests::testbed::{Guest, Host, Image, Machine, require_root, wait_until};

use crate::settled::{boot, settled};

#[test]
fn short_one_eni() {
    if !require_root("short_one_eni") {
        return;
    }
    let mut cloud = boot(0);
    let status = cloud.instance.text(&["networkctl", "status", "--no-pager", "ens5"]);
    assert!(status.contains("Network File: /run/systemd/network/70-ens5.network"), "{status}");
    assert!(status.contains("State: routable (configured)"), "{status}");
    for name in ["eni-02000000010a", "device-number-0.0"] {
        cloud.instance.run(&["ip", "link", "show", "dev", name]);
    }
    for address in [Ipv4Addr::new(10, 0, 1, 10), Ipv4Addr::new(10, 0, 1, 11)] {
        assert!(cloud.vpc.peer().ping(address), "{address}");
    }
    quiet_networkd(&cloud);
    cloud.reboot();
    settled(&cloud);
}

#[test]
fn four_enis() {
    if require_root("four_enis") {
        quiet_networkd(&boot(3));
    }
}

#[test]
fn fifteen_enis() {
    if require_root("fifteen_enis") {
        quiet_networkd(&boot(14));
    }
}

/// Neither the base file nor what we write gets a word of warning.
#[track_caller]
fn quiet_networkd(cloud: &Cloud<Machine>) {
    let warnings = cloud.instance.journal(&["--unit=systemd-networkd.service", "--priority=warning"]);
    assert_eq!(warnings, "");
}

/// Each service is sandboxed: 1.5 at most, where amazon-ec2-net-utils 2.7.4 has 9.1.
#[test]
fn short_units_are_sandboxed_and_well_formed() {
    if !require_root("short_units_are_sandboxed_and_well_formed") {
        return;
    }
    let cloud = boot(0);
    for unit in [
        "policy-routes@ens5.service",
        "heal-policy-routes.service",
        "refresh-policy-routes.service",
        "refresh-policy-routes@ens5.service",
        "set-hostname-imds.service",
    ] {
        let text = cloud.instance.text(&["systemd-analyze", "security", "--no-pager", unit]);
        let verdict = text.lines().last().unwrap_or_default();
        let level =
            verdict.split_once(": ").and_then(|(_, rest)| rest.split(' ').next()?.parse::<f32>().ok());
        println!("{verdict}");
        assert!(level.is_some_and(|level| level <= 1.5), "{text}");
    }
    let verified = cloud.instance.text(&[
        "sh",
        "-c",
        "systemd-analyze verify --man=no /usr/lib/systemd/system/*policy-routes*.service \
         /usr/lib/systemd/system/*policy-routes*.timer /usr/lib/systemd/system/set-hostname-imds.service 2>&1 | grep -i -e policy-routes -e imds || true",
    ]);
    assert_eq!(verified, "");
    // There from systemd 254 on.
    if Image::suite() != "bookworm" {
        let rules = "/usr/lib/udev/rules.d/99-vpc-policy-routes.rules";
        cloud.instance.run(&["udevadm", "verify", "--no-style", rules]);
    }
}

/// The hostname is set when the administrator wants it, and not before.
#[test]
fn short_the_hostname_is_off_by_default() {
    if !require_root("short_the_hostname_is_off_by_default") {
        return;
    }
    let cloud = boot(0);
    let host = &cloud.instance;
    let state = host.command("systemctl").args(["is-enabled", "set-hostname-imds.service"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&state.stdout), "disabled\n");
    assert_eq!(host.text(&["uname", "-n"]), "instance\n");
    std::fs::remove_file(host.path("/etc/hostname")).unwrap();
    host.run(&["systemctl", "enable", "--now", "set-hostname-imds.service"]);
    assert_eq!(host.text(&["uname", "-n"]), "ip-10-0-0-10.ec2.internal\n");
}

/// Report O1: an hour in which nothing changes leaves no line in the journal.
#[test]
fn o1_an_idle_hour_says_nothing() {
    if !require_root("o1_an_idle_hour_says_nothing") {
        return;
    }
    let cloud = boot(3);
    let cursor = cloud.instance.text(&["journalctl", "--no-pager", "--lines=0", "--show-cursor"]);
    let cursor = cursor.trim().trim_start_matches("-- cursor: ").to_owned();
    for _ in 0..120 {
        cloud.instance.run(&["systemctl", "start", "refresh-policy-routes.service"]);
    }
    cloud.instance.run(&["journalctl", "--sync"]);
    let after = format!("--after-cursor={cursor}");
    assert_eq!(cloud.instance.journal(&[&after, "--unit=*policy-routes*"]), "");
    assert_eq!(cloud.instance.journal(&[&after, "--unit=systemd-networkd.service"]), "");
    let all = cloud.instance.journal(&[&after]);
    let ours: Vec<&str> =
        all.lines().filter(|line| line.contains("policy-routes") || line.contains("ec2-net")).collect();
    assert!(ours.is_empty(), "{ours:#?}");
    settled(&cloud);
}

/// A secondary address comes by itself within 35 s, and at once with a refresh by hand.
#[test]
fn short_a_secondary_address_comes_by_itself() {
    if !require_root("short_a_secondary_address_comes_by_itself") {
        return;
    }
    let mut cloud = boot(1);
    for (interface, address, by_hand) in
        [("ens6", [10, 0, 2, 90], false), ("ens5", [10, 0, 1, 90], true), ("ens6", [10, 0, 2, 91], true)]
    {
        let address = Ipv4Addr::from(address);
        cloud.change(interface, |eni| eni.ipv4.push(address));
        let (unit, patience) = match interface {
            "ens5" => ("refresh-policy-routes@ens5.service", Duration::from_secs(1)),
            _ => ("refresh-policy-routes.service", Duration::from_secs(if by_hand { 1 } else { 35 })),
        };
        if by_hand {
            cloud.instance.run(&["systemctl", "start", unit]);
        }
        wait_until(patience, &format!("{address} on {interface}"), || cloud.vpc.peer().ping(address));
    }
    settled(&cloud);
    // networkd has not read of them, and does so when it starts.
    let alias = cloud.instance.path("/run/systemd/network/70-ens6.network.d/ec2net_alias.conf");
    assert!(!alias.exists());
    cloud.instance.run(&["systemctl", "restart", "systemd-networkd.service"]);
    assert!(std::fs::read_to_string(&alias).unwrap().contains("10.0.2.91/32"));
    settled(&cloud);
}
