//! What a change costs, measured with traffic to each address of the instance.

use std::net::IpAddr;
use std::thread;
use std::time::{Duration, Instant};

use integration_tests::cloud::{Attached, Cloud};
use integration_tests::fixture::{dual_stack, primary, secondaries, subnets};
use integration_tests::testbed::{
    Eni, Guest, Host, Image, Machine, Outcome, Traffic, require_root, wait_until,
};

use crate::settled::{idle, settled};

/// The longest silence of a TCP connection that is none: the machine does something else as well.
const SILENCE: Duration = Duration::from_millis(150);

/// An instance with a secondary ENI in the primary's subnet and one in another, each ENI with secondary addresses.
#[track_caller]
fn busy() -> Cloud<Machine> {
    let mut enis = vec![primary()];
    for attached in secondaries(2) {
        let eni = attached.eni.clone();
        let (subnet, number) = (eni.subnet + 1, 100 + attached.device);
        let eni = eni.with_ipv4(&format!("10.0.{subnet}.{number}"));
        enis.push(Attached { eni: eni.with_ipv6(&format!("2001:db8:0:{subnet}::{number}")), ..attached });
    }
    let cloud = Cloud::boot(&Image::installed(), &subnets(), &enis);
    settled(&cloud);
    cloud
}

#[track_caller]
fn traffic(cloud: &Cloud<Machine>, of: fn(&Eni) -> Vec<IpAddr>) -> Traffic {
    let addresses = cloud.enis().iter().flat_map(|attached| of(&attached.eni));
    Traffic::start(&cloud.vpc, &cloud.instance, addresses.collect::<Vec<_>>())
}

/// Asserts that nothing was lost, and prints what was sent.
#[track_caller]
fn nothing_lost(what: &str, outcomes: &[Outcome]) {
    let sent: u64 = outcomes.iter().map(|outcome| outcome.tally.sent).sum();
    let lost: u64 = outcomes.iter().map(|outcome| outcome.tally.lost).sum();
    let longest = outcomes.iter().filter_map(|outcome| outcome.pause).max();
    println!(
        "{what}: {lost} of {sent} packets to {} addresses lost, TCP silent for {longest:?} at most",
        outcomes.len()
    );
    assert_eq!(lost, 0, "{what}: {outcomes:#?}");
    for outcome in outcomes {
        assert!(outcome.pause.is_some_and(|pause| pause < SILENCE), "{what}: {outcome:#?}");
    }
}

/// The change of one ENI's addresses and prefixes.
type Change = fn(&mut Eni);

/// Invariant "hitless": addresses, prefixes, and what comes after such changes.
#[test]
fn changes_cost_nothing() {
    if !require_root("changes_cost_nothing") {
        return;
    }
    let mut cloud = busy();
    let networkd = cloud.instance.networkd_log();

    let stream = traffic(&cloud, Eni::addresses);
    for _ in 0..100 {
        assert_eq!(cloud.reconcile(), "");
    }
    nothing_lost("100 refreshes", &stream.stop());

    let changes: [(&str, &str, Change, Change); 4] = [
        ("ens5", "10.0.1.60", |eni| eni.ipv4.push([10, 0, 1, 60].into()), |eni| eni.ipv4.truncate(2)),
        ("ens6", "10.0.2.60", |eni| eni.ipv4.push([10, 0, 2, 60].into()), |eni| eni.ipv4.truncate(2)),
        (
            "ens6",
            "2001:db8:0:2::60",
            |eni| eni.ipv6.push("2001:db8:0:2::60".parse().unwrap()),
            |eni| eni.ipv6.truncate(2),
        ),
        (
            "ens7",
            "",
            |eni| {
                *eni = eni.clone().with_ipv4_prefix("10.0.1.80/28").with_ipv6_prefix("2001:db8:0:1:80::/80");
            },
            |eni| {
                eni.ipv4_prefixes.clear();
                eni.ipv6_prefixes.clear();
            },
        ),
    ];
    for (interface, new, assign, withdraw) in changes {
        let stream = traffic(&cloud, Eni::addresses);
        cloud.change(interface, assign);
        let pinger = new.parse::<IpAddr>().ok().map(|new| cloud.vpc.peer().early_pinger(new));
        let start = Instant::now();
        cloud.reconcile();
        let run = start.elapsed();
        if let Some(pinger) = &pinger {
            wait_until(Duration::from_millis(50), &format!("{new} after the run"), || pinger.is_answered());
            println!("{new} answers {:?} after the beginning of a run of {run:?}", start.elapsed());
        }
        cloud.check_kernel();
        drop(pinger);
        cloud.change(interface, withdraw);
        cloud.reconcile();
        cloud.check_kernel();
        nothing_lost(&format!("assigned to {interface} and withdrawn: {new}"), &stream.stop());
    }
    assert_eq!(cloud.instance.networkd_log(), networkd, "networkd was not asked");

    // The next reload finds no changed file of the others.
    // systemd starts units slowly in the testbed while it carries much traffic.
    let stream = traffic(&cloud, Eni::leased);
    cloud.attach(Attached::new("ens8", 3, dual_stack(0, 40)));
    wait_until(Duration::from_secs(60), "the rules", || {
        cloud.rules().iter().any(|rule| rule.starts_with("10003: 10.0.1.40"))
    });
    idle(&cloud);
    nothing_lost("an ENI attached, to the others", &stream.stop());
    let without: Vec<IpAddr> = cloud.enis()[..3].iter().flat_map(|eni| eni.eni.leased()).collect();
    let stream = Traffic::start(&cloud.vpc, &cloud.instance, without);
    cloud.detach("ens8");
    idle(&cloud);
    nothing_lost("an ENI detached, to the others", &stream.stop());
    settled(&cloud);
}

/// Reports R6, R8: what runs while the instance boots loses nothing to our reload.
#[test]
fn r8_the_first_configuration_costs_ipv4_nothing() {
    if !require_root("r8_the_first_configuration_costs_ipv4_nothing") {
        return;
    }
    for others in [0, 2] {
        let enis = [vec![primary()], secondaries(others)].concat();
        let mut cloud = Cloud::boot(&Image::installed(), &subnets(), &enis);
        settled(&cloud);
        cloud.instance.shut_down();
        wait_until(Duration::from_secs(10), "the instance to be off", || {
            !cloud.vpc.peer().ping([10, 0, 1, 10])
        });
        let pinger = cloud.vpc.peer().early_pinger([10, 0, 1, 10]);
        cloud.switch_on();
        idle(&cloud);
        cloud.check_kernel();
        let tally = pinger.stop();
        // Before the first run, networkd's default routes are all alike, and the kernel may take a secondary's.
        println!("by the wrong ENI before: {}", cloud.vpc.spoof_report());
        println!("boot with {others} secondary ENIs, to the primary: {tally:?}");
        assert!(tally.sent > 20, "{tally:?}");
        assert_eq!(tally.lost, 0, "{tally:?}\n{}", cloud.instance.journal(&[]));
    }
}

/// Reports R6, R7: without an answer to DHCP, the primary keeps what it has, and the run says what is missing.
#[test]
fn r7_the_lease_may_be_lost() {
    if !require_root("r7_the_lease_may_be_lost") {
        return;
    }
    let mask = ("/etc/udev/rules.d/99-vpc-policy-routes.rules", "");
    let cloud = Cloud::boot_with(&Image::installed(), &subnets(), &[primary()], &[mask]);
    cloud.instance.wait_for_lease("ens5", &cloud.enis()[0].eni);
    cloud.instance.run(&["rm", mask.0]);
    let silence = "table inet silence { chain input { type filter hook input priority 0; udp dport { 67, 547 } drop; }; }";
    cloud.vpc.router().run(&["nft", silence]);
    let pinger = cloud.vpc.peer().pinger([10, 0, 1, 10]);
    let output = cloud.ec2_net(&["reconcile", "--initial", "ens5"]);
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    println!("{log}");
    assert!(log.contains("ens5: networkd has not brought up all that its files say after 5 s"), "{log}");
    cloud.instance.run(&["networkctl", "reload"]);
    thread::sleep(Duration::from_secs(2));
    assert!(cloud.instance.has_address("ens5", [10, 0, 1, 10]));
    let tally = pinger.stop();
    println!("without DHCP: {tally:?}");
    assert_eq!(tally.lost, 0);
    cloud.vpc.router().run(&["nft", "delete", "table", "inet", "silence"]);
    cloud.instance.run(&["udevadm", "trigger", "--subsystem-match=net", "--action=change"]);
    settled(&cloud);
}
