//! What networkd and people do to what was applied is put back at once, and costs no more than without us.

use std::time::{Duration, Instant};

use integration_tests::cloud::Cloud;
use integration_tests::fixture::{primary, subnets};
use integration_tests::testbed::{Host, Image, Machine, holds_within, require_root, wait_until};

use crate::settled::boot;

/// Everything that is expected of a change by somebody else is back, long before the next refresh.
#[test]
fn what_is_lost_comes_back_at_once() {
    if !require_root("what_is_lost_comes_back_at_once") {
        return;
    }
    let cloud = boot(2);
    cloud.instance.run(&["systemctl", "stop", "refresh-policy-routes.timer"]);
    let restart = &["systemctl", "restart", "systemd-networkd.service"][..];
    let renew = &["networkctl", "renew", "ens6"][..];
    let touch = &["sh", "-c", "touch /run/systemd/network/70-ens6.network.d/*.conf"][..];
    let events: [(&str, &[&[&str]]); 7] = [
        ("networkctl reconfigure", &[&["networkctl", "reconfigure", "ens6"]]),
        ("networkctl renew", &[renew]),
        ("a restart", &[restart]),
        ("a restart and a renewal", &[restart, renew]),
        ("a loss of carrier", &[]),
        ("a reload of files that somebody touched", &[touch, &["networkctl", "reload"]]),
        ("ip addr flush", &[&["ip", "address", "flush", "dev", "ens6"]]),
    ];
    for (what, commands) in events {
        let before = routes(&cloud);
        let start = Instant::now();
        if commands.is_empty() {
            cloud.instance.flap("ens6");
        }
        for command in commands {
            cloud.instance.run(command);
            cloud.check_kernel();
        }
        let is_back = holds_within(Duration::from_secs(12), || routes(&cloud) == before);
        let took = start.elapsed();
        println!("{what}: all back after {took:?}");
        assert!(is_back, "{what}: {before}\n--- now\n{}\n{}", routes(&cloud), cloud.instance.journal(&[]));
        cloud.check_kernel();
        // It stays so.
        assert!(
            !holds_within(Duration::from_millis(500), || routes(&cloud) != before),
            "{what}: {}",
            routes(&cloud)
        );
    }
    println!("{}", cloud.instance.journal(&["--unit=heal-policy-routes.service"]));
    cloud.check_kernel();
}

/// Addresses, rules and routes without what counts down.
fn routes(cloud: &Cloud<Machine>) -> String {
    let script = "ip -o address show scope global; ip rule; ip -6 rule; ip route show table all; ip -6 route show table all";
    let text = cloud.instance.text(&["sh", "-c", script]);
    let is_fixed =
        |words: &[&str]| !words.iter().any(|word| ["local", "broadcast", "multicast"].contains(word));
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        if !is_fixed(&words[..1]) {
            continue;
        }
        let mut line = String::new();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            match word {
                // A number of the kernel's, one that counts down, or one that follows a router advertisement.
                "nhid" | "expires" | "valid_lft" | "preferred_lft" | "mtu" => drop(words.next()),
                "dynamic" | "pref" | "medium" => {}
                word => line = format!("{line} {word}"),
            }
        }
        lines.push(line);
    }
    lines.sort();
    lines.join("\n")
}

/// What a restart of networkd and a reload by hand cost, compared with networkd alone.
#[test]
fn a_restart_costs_no_more_than_without_us() {
    if !require_root("a_restart_costs_no_more_than_without_us") {
        return;
    }
    let files = [(
        "/etc/systemd/network/10-dhcp.network",
        "[Match]\nName=ens*\n[Network]\nDHCP=yes\nIPv6AcceptRA=yes\n",
    )];
    let without = Cloud::boot_with(&Image::bare(), &subnets(), &[primary()], &files);
    without.instance.run(&["systemctl", "start", "systemd-networkd.service"]);
    let addresses = primary().eni.leased();
    wait_until(Duration::from_secs(10), "the lease", || {
        addresses.iter().all(|address| without.vpc.peer().ping(*address))
    });
    let alone = cost(&without);
    drop(without);
    let with = boot(2);
    let ours = cost(&with);
    with.check_kernel();
    // On 252 another ENI may have its lease back some milliseconds before the primary.
    println!("by the wrong ENI meanwhile: {}", with.vpc.spoof_report());
    println!(
        "lost by networkd alone (IPv4, IPv6 of a restart; of a reload): {alone:?}, with ec2-net: {ours:?}"
    );
    for (alone, ours) in alone.into_iter().zip(ours) {
        // A fifth more, or a tenth of a second, is the machine's.
        assert!(ours <= alone + alone / 5 + 20, "{ours} packets of 200/s lost, {alone} without ec2-net");
    }
}

/// The packets to the primary's leased addresses that are lost: by a restart and by a reload, IPv4 and IPv6.
fn cost(cloud: &Cloud<Machine>) -> [u64; 4] {
    let events = [&["systemctl", "restart", "systemd-networkd.service"][..], &["networkctl", "reload"]];
    let lost = events.map(|event| {
        let streams: Vec<_> =
            primary().eni.leased().into_iter().map(|address| cloud.vpc.peer().pinger(address)).collect();
        cloud.instance.run(event);
        std::thread::sleep(Duration::from_secs(4));
        streams.into_iter().map(|stream| stream.stop().lost).collect::<Vec<_>>()
    });
    [lost[0][0], lost[0][1], lost[1][0], lost[1][1]]
}
