//! The package on a running system: installation, upgrade, removal and purge, with a reboot after each.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use integration_tests::cloud::{Attached, Cloud};
use integration_tests::fixture::{dual_stack, primary, secondaries, subnets};
use integration_tests::testbed::{
    Eni, Guest, Host, Image, Machine, Subnet, Vpc, holds_within, require_root, run, wait_until,
};
use std::time::Duration;

use crate::settled::settled;

/// How ifupdown brings up the primary.
const INTERFACES: (&str, &str) =
    ("/etc/network/interfaces", "auto lo\niface lo inet loopback\n\nauto ens5\niface ens5 inet dhcp\n");

/// What dhcpcd, the DHCP client of Debian 13, needs in the testbed: its bridges answer whoever asks for an address, its
/// owner too, which dhcpcd takes for another host; and its dnsmasq knows an IPv6 lease by the client, a VPC by the ENI.
const DHCPCD: (&str, &str) = ("/etc/dhcpcd.conf", "duid\npersistent\nnoarp\nnoipv6\n");

/// An instance that ifupdown runs.
fn by_ifupdown(secondary_enis: usize) -> Cloud<Machine> {
    let enis = [vec![primary()], secondaries(secondary_enis)].concat();
    let cloud = Cloud::boot_with(&Image::bare(), &subnets(), &enis, &[INTERFACES, DHCPCD]);
    assert_eq!(active(&cloud, "networking.service"), "active");
    assert_eq!(active(&cloud, "systemd-networkd.service"), "inactive");
    assert!(cloud.vpc.peer().ping([10, 0, 1, 10]));
    cloud
}

/// Report P3 and item 8: what ifupdown ran is taken over without a reboot, and given back.
#[test]
fn short_installation_upgrade_removal_and_purge() {
    if !require_root("short_installation_upgrade_removal_and_purge") {
        return;
    }
    let mut cloud = by_ifupdown(0);
    let resolv_conf = link(&cloud, "/etc/resolv.conf");
    let before = files(&cloud);

    let package = Image::package();
    dpkg_without_loss(&cloud, "--install", &package);
    taken_over(&cloud);
    cloud.reboot();
    taken_over(&cloud);

    // An upgrade touches no interface, and switches on nothing that is off.
    cloud.instance.run(&["systemctl", "mask", "refresh-policy-routes@ens5.service"]);
    cloud.attach(Attached::new("ens6", 1, dual_stack(1, 20)));
    settled(&cloud);
    let running = running(&cloud);
    let written = cloud.files();
    dpkg_without_loss(&cloud, "--install", &newer(&package, cloud.vpc.directory()));
    assert_eq!(self::running(&cloud), running);
    assert_eq!(cloud.files(), written);
    assert_eq!(enabled(&cloud, "refresh-policy-routes@ens5.service"), "masked");
    assert_eq!(enabled(&cloud, "set-hostname-imds.service"), "disabled");
    cloud.reboot();
    settled(&cloud);
    cloud.instance.run(&["systemctl", "unmask", "refresh-policy-routes@ens5.service"]);

    let stream = cloud.vpc.peer().pinger([10, 0, 1, 10]);
    cloud.instance.run(&["dpkg", "--remove", "ec2-net-utils"]);
    let tally = stream.stop();
    println!("removal: {tally:?}");
    assert_eq!(tally.lost, 0);
    given_back(&cloud);
    assert_eq!(link(&cloud, "/etc/resolv.conf"), resolv_conf);
    cloud.reboot();
    given_back(&cloud);

    dpkg_without_loss(&cloud, "--install", &package);
    settled(&cloud);
    cloud.instance.run(&["dpkg", "--purge", "ec2-net-utils"]);
    given_back(&cloud);
    assert_eq!(files(&cloud), before, "a purge leaves nothing");
    assert!(!cloud.instance.path("/etc/ec2-net").exists(), "not even the configuration");
    cloud.reboot();
    given_back(&cloud);
}

/// Item 8: what NetworkManager ran is taken over without a reboot, and given back.
#[test]
fn network_manager_is_taken_over_and_given_back() {
    if !require_root("network_manager_is_taken_over_and_given_back") {
        return;
    }
    // Without IPv6, of which dnsmasq gives the address to no other client of the same ENI.
    let subnets = [Subnet::ipv4_only("10.0.1.0/24")];
    let eni = Eni::new("02:00:00:00:01:0a", 0).with_ipv4("10.0.1.10").with_ipv4("10.0.1.11");
    let mut cloud = Cloud::boot(&Image::with_network_manager(), &subnets, &[Attached::new("ens5", 0, eni)]);
    assert_eq!(active(&cloud, "NetworkManager.service"), "active");
    wait_until(Duration::from_secs(20), "NetworkManager's lease", || cloud.vpc.peer().ping([10, 0, 1, 10]));
    let resolv_conf = link(&cloud, "/etc/resolv.conf");
    dpkg_without_loss(&cloud, "--install", &Image::package());
    let is_taken_over = |cloud: &Cloud<Machine>| {
        settled(cloud);
        assert_eq!(active(cloud, "NetworkManager.service"), "inactive");
        assert_eq!(enabled(cloud, "NetworkManager.service"), "disabled");
        assert_eq!(active(cloud, "systemd-networkd.service"), "active");
    };
    is_taken_over(&cloud);
    cloud.reboot();
    is_taken_over(&cloud);
    let stream = cloud.vpc.peer().pinger([10, 0, 1, 10]);
    cloud.instance.run(&["dpkg", "--purge", "ec2-net-utils"]);
    println!("removal: {:?}", stream.stop());
    let is_given_back = |cloud: &Cloud<Machine>| {
        assert_eq!(enabled(cloud, "NetworkManager.service"), "enabled");
        assert_eq!(active(cloud, "NetworkManager.service"), "active");
        assert_eq!(active(cloud, "systemd-networkd.service"), "inactive");
        assert_eq!(link(cloud, "/etc/resolv.conf"), resolv_conf);
        wait_until(Duration::from_secs(20), "the primary to answer", || {
            cloud.vpc.peer().ping([10, 0, 1, 10])
        });
    };
    is_given_back(&cloud);
    cloud.reboot();
    is_given_back(&cloud);
}

/// Report K4: what an image has masked stays off, through a reboot and an upgrade.
#[test]
fn short_k4_masks_hold_through_an_upgrade() {
    if !require_root("short_k4_masks_hold_through_an_upgrade") {
        return;
    }
    for mask in ["/etc/udev/rules.d/99-vpc-policy-routes.rules", "/etc/systemd/system/policy-routes@.service"]
    {
        let enis = [vec![primary()], secondaries(1)].concat();
        let mut cloud = Cloud::boot(&Image::installed(), &subnets(), &enis);
        settled(&cloud);
        cloud.instance.run(&["ln", "-s", "/dev/null", mask]);
        let is_off = |cloud: &Cloud<Machine>| {
            crate::settled::idle(cloud);
            let units = [
                "systemctl",
                "list-units",
                "--all",
                "--no-legend",
                "--plain",
                "--state=active",
                "*policy-routes*",
            ];
            assert_eq!(cloud.instance.text(&units), "", "{mask}");
            assert!(cloud.rules().is_empty(), "{mask}: {:?}", cloud.rules());
            // A refresh by hand does nothing either.
            cloud.instance.run(&["systemctl", "start", "refresh-policy-routes.service"]);
            assert!(cloud.rules().is_empty(), "{mask}: {:?}", cloud.rules());
        };
        cloud.reboot();
        is_off(&cloud);
        dpkg(&cloud, "--install", &newer(&Image::package(), cloud.vpc.directory()));
        is_off(&cloud);
        cloud.reboot();
        is_off(&cloud);
    }
}

/// An image build installs the package where nothing runs; at the first boot all is there. The same as what a takeover
/// ends in, but for what had run before.
#[test]
fn an_installation_ends_as_a_boot_does() {
    if !require_root("an_installation_ends_as_a_boot_does") {
        return;
    }
    let cloud = by_ifupdown(1);
    dpkg(&cloud, "--install", &Image::package());
    taken_over(&cloud);
    let state = |cloud: &Cloud<Machine>| {
        let rules = cloud.rules();
        let routes = ["-4", "-6"].map(|family| {
            let text = cloud.instance.text(&["ip", family, "route", "show", "table", "main"]);
            let mut routes: Vec<String> = text
                .lines()
                .map(|line| line.split(" expires").next().unwrap_or(line).trim().to_owned())
                .collect();
            routes.sort();
            routes
        });
        (rules, routes)
    };
    let taken_over = state(&cloud);
    drop(cloud);
    let enis = [vec![primary()], secondaries(1)].concat();
    let booted = Cloud::boot(&Image::installed(), &subnets(), &enis);
    settled(&booted);
    assert_eq!(taken_over, state(&booted));
}

#[track_caller]
fn taken_over(cloud: &Cloud<Machine>) {
    settled(cloud);
    assert_eq!(active(cloud, "networking.service"), "inactive");
    assert_eq!(enabled(cloud, "networking.service"), "disabled");
    assert_eq!(active(cloud, "systemd-networkd.service"), "active");
    assert_eq!(active(cloud, "systemd-resolved.service"), "active");
    assert_eq!(pgrep(cloud, "dhclient|dhcpcd"), "");
    let link = link(cloud, "/etc/resolv.conf").unwrap_or_default();
    assert!(link.ends_with("run/systemd/resolve/stub-resolv.conf"), "{}", link.display());
    let status = cloud.instance.text(&["networkctl", "status", "--no-pager", "ens5"]);
    assert!(status.contains("Network File: /run/systemd/network/70-ens5.network"), "{status}");
}

#[track_caller]
fn given_back(cloud: &Cloud<Machine>) {
    assert_eq!(enabled(cloud, "networking.service"), "enabled");
    wait_until(Duration::from_secs(20), "ifupdown", || active(cloud, "networking.service") == "active");
    assert_eq!(active(cloud, "systemd-networkd.service"), "inactive");
    assert!(
        holds_within(Duration::from_secs(20), || !pgrep(cloud, "dhclient|dhcpcd").is_empty()),
        "no DHCP client"
    );
    assert!(holds_within(Duration::from_secs(10), || cloud.vpc.peer().ping([10, 0, 1, 10])));
    assert!(cloud.instance.ping(Vpc::PEER_IPV4));
    assert!(cloud.rules().is_empty(), "{:?}", cloud.rules());
    assert_eq!(pgrep(cloud, "ec2-net"), "");
    let units = ["systemctl", "list-units", "--all", "--no-legend", "--plain", "*policy-routes*"];
    assert_eq!(cloud.instance.text(&units), "");
    let routes = cloud.instance.text(&["ip", "-4", "route", "show", "default", "dev", "ens5"]);
    assert_eq!(routes.lines().count(), 1, "{routes}");
}

/// Runs dpkg, and asserts that the primary answers all the while.
#[track_caller]
fn dpkg_without_loss(cloud: &Cloud<Machine>, action: &str, package: &Path) {
    let stream = cloud.vpc.peer().pinger([10, 0, 1, 10]);
    dpkg(cloud, action, package);
    let tally = stream.stop();
    println!("dpkg {action}: {tally:?}");
    assert_eq!(tally.lost, 0);
}

#[track_caller]
fn dpkg(cloud: &Cloud<Machine>, action: &str, package: &Path) {
    fs::copy(package, cloud.instance.path("/root/ec2-net-utils.deb")).unwrap();
    let output = cloud.instance.run(&["dpkg", action, "/root/ec2-net-utils.deb"]);
    println!("{}", String::from_utf8_lossy(&output.stderr));
    fs::remove_file(cloud.instance.path("/root/ec2-net-utils.deb")).unwrap();
}

/// The same package with a higher version.
fn newer(package: &Path, directory: &Path) -> PathBuf {
    let (tree, newer) = (directory.join("newer"), directory.join("newer.deb"));
    run(Command::new("dpkg-deb").arg("--raw-extract").arg(package).arg(&tree));
    let control = tree.join("DEBIAN/control");
    let text = fs::read_to_string(&control).unwrap().replace("\nVersion: ", "\nVersion: 1:");
    fs::write(&control, text).unwrap();
    run(Command::new("dpkg-deb").args(["--root-owner-group", "-Zgzip", "--build"]).arg(&tree).arg(&newer));
    newer
}

/// Which processes and units run, and since when: those of the instance's network.
fn running(cloud: &Cloud<Machine>) -> String {
    let units = [
        "systemd-networkd.service",
        "systemd-resolved.service",
        "policy-routes@ens5.service",
        "policy-routes@ens6.service",
    ];
    let show = ["systemctl", "show", "--property=Id,InvocationID,ActiveEnterTimestampMonotonic"];
    cloud.instance.text(&[&show[..], &units[..]].concat())
}

/// The files of the system but those that change by themselves.
fn files(cloud: &Cloud<Machine>) -> String {
    cloud.instance.text(&[
        "sh",
        "-c",
        "find /etc /usr /var/lib -xdev -path /etc/ec2-net -prune -o -path /var/lib/systemd -prune -o -path /var/lib/dhcp -prune \
         -o -path '/var/lib/dpkg/*' -prune -o -path '/var/lib/dhcpcd/*' -prune -o -path '/var/lib/private*' -prune -o -print | sort",
    ])
}

fn link(cloud: &Cloud<Machine>, path: &str) -> Option<PathBuf> {
    fs::read_link(cloud.instance.path(path)).ok()
}

fn active(cloud: &Cloud<Machine>, unit: &str) -> String {
    state(cloud, "is-active", unit)
}

fn enabled(cloud: &Cloud<Machine>, unit: &str) -> String {
    state(cloud, "is-enabled", unit)
}

fn state(cloud: &Cloud<Machine>, verb: &str, unit: &str) -> String {
    let output = cloud.instance.command("systemctl").args([verb, unit]).output().unwrap();
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn pgrep(cloud: &Cloud<Machine>, pattern: &str) -> String {
    let output = cloud.instance.command("pgrep").args(["-a", "-x", pattern]).output().unwrap();
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
