//! What else happens to an instance: other runs, killed runs, links that are down, twins, foreign rules.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use integration_tests::cloud::{Attached, Cloud};
use integration_tests::fake_imds::Fault;
use integration_tests::program;
use integration_tests::testbed::{Guest, Host, require_root};

use integration_tests::fixture::{dual_stack, primary, subnets};

fn configured() -> Cloud {
    let cloud = Cloud::new(&subnets(), &[primary(), Attached::new("ens6", 1, dual_stack(0, 20))]);
    cloud.reconcile();
    cloud.check();
    cloud
}

/// A run that read the metadata before another one did must not undo what that one has done.
#[test]
fn a_slow_run_does_not_undo_a_newer_one() {
    if !require_root("a_slow_run_does_not_undo_a_newer_one") {
        return;
    }
    let mut cloud = configured();
    let late = format!("{}/local-ipv4s", cloud.enis()[1].path());
    cloud.imds().fault(&late, &Fault::delay(Duration::from_millis(800)).times(1)).unwrap();
    let mut slow = cloud.command(&["reconcile"]).stderr(Stdio::piped()).spawn().unwrap();
    thread::sleep(Duration::from_millis(400));
    cloud.change("ens5", |eni| eni.ipv4.push("10.0.1.12".parse().unwrap()));
    assert_eq!(cloud.succeed(&["reconcile", "ens5"]), "ens5: add address 10.0.1.12/32\n");
    assert!(slow.wait().unwrap().success());
    assert!(cloud.instance.has_address("ens5", std::net::Ipv4Addr::new(10, 0, 1, 12)));
    assert_eq!(cloud.reconcile(), "");
    cloud.check();
}

/// Reports R2, R4, R5: any number of runs at once end in one state, and none waits for another's wait.
#[test]
fn r2_many_runs_at_once_end_in_one_state() {
    if !require_root("r2_many_runs_at_once_end_in_one_state") {
        return;
    }
    let mut cloud = configured();
    cloud.attach(Attached::new("ens7", 2, dual_stack(1, 30)));
    cloud.change("ens6", |eni| eni.ipv4.push("10.0.1.22".parse().unwrap()));
    let verbs: [&[&str]; 4] =
        [&["reconcile"], &["reconcile", "--initial", "ens7"], &["reconcile", "ens6"], &["thaw"]];
    let runs: Vec<_> = (0..12).map(|run| cloud.command(verbs[run % verbs.len()]).spawn().unwrap()).collect();
    for mut run in runs {
        assert!(run.wait().unwrap().success());
    }
    cloud.check();
    assert_eq!(cloud.reconcile(), "");
    let lock = fs::metadata(cloud.instance.path("/run/ec2-net/lock")).unwrap();
    assert_eq!(lock.permissions().mode() & 0o777, 0o600, "who can open the lock can hold it");
}

/// networkd's start waits for thaw, and a reload may be what starts it.
#[test]
fn thaw_does_not_wait_for_a_reload() {
    if !require_root("thaw_does_not_wait_for_a_reload") {
        return;
    }
    let mut cloud = configured();
    let directory = cloud.vpc.directory().join("bin");
    fs::create_dir(&directory).unwrap();
    let wrapper = directory.join("networkctl");
    let stuck = directory.join("stuck");
    let script = format!(
        "#!/bin/sh\ntimeout 1 {} thaw || touch {}\nexec {} \"$@\"\n",
        program::ec2_net().display(),
        stuck.display(),
        ["/usr/bin/networkctl", "/bin/networkctl"].into_iter().find(|path| Path::new(path).exists()).unwrap()
    );
    fs::write(&wrapper, script).unwrap();
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).unwrap();
    cloud.attach(Attached::new("ens7", 2, dual_stack(1, 30)));
    let path = format!("{}:{}", directory.display(), std::env::var("PATH").unwrap());
    let output = cloud.command(&["reconcile"]).env("PATH", path).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(!stuck.exists());
    cloud.check();
}

/// A run that was killed leaves something, wherever that was, from which the next one converges.
#[test]
fn a_killed_run_is_made_good_by_the_next() {
    if !require_root("a_killed_run_is_made_good_by_the_next") {
        return;
    }
    let mut cloud = configured();
    for round in 0..8u8 {
        cloud.attach(Attached::new("ens7", 2, dual_stack(0, 60 + round)));
        cloud.change("ens6", |eni| {
            eni.ipv4.truncate(1);
            eni.ipv4.push(std::net::Ipv4Addr::new(10, 0, 1, 30 + round));
        });
        let mut run = cloud.command(&["reconcile"]).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(Duration::from_millis(3 * u64::from(round)));
        run.kill().unwrap();
        run.wait().unwrap();
        cloud.reconcile();
        cloud.check_kernel();
        assert_eq!(cloud.reconcile(), "");
        cloud.detach("ens7");
        cloud.reconcile();
    }
    let left = std::net::Ipv4Addr::new(10, 0, 1, 30);
    assert!(!cloud.instance.has_address("ens6", left));
    assert!(cloud.files().iter().all(|file| !file.contains("70-ens7") && !file.contains(".ec2-net.")));
}

/// Half a truth, as a killed run may leave it, takes no file from networkd.
#[test]
fn thaw_copies_only_a_whole_truth() {
    if !require_root("thaw_copies_only_a_whole_truth") {
        return;
    }
    let cloud = configured();
    fs::remove_file(cloud.instance.path("/run/ec2-net/network/70-ens6.network")).unwrap();
    fs::remove_file(cloud.instance.path("/run/ec2-net/network/70-ens6.network.d/ec2net_policy_4.conf"))
        .unwrap();
    let copies =
        || cloud.files().into_iter().filter(|file| file.contains("/systemd/network/")).collect::<Vec<_>>();
    let before = copies();
    cloud.succeed(&["thaw"]);
    assert_eq!(copies(), before);
    cloud.reconcile();
    cloud.check();
}

#[test]
fn a_link_that_is_down_is_no_failure() {
    if !require_root("a_link_that_is_down_is_no_failure") {
        return;
    }
    let cloud = configured();
    cloud.instance.run(&["ip", "link", "set", "ens6", "down"]);
    cloud.reconcile();
    assert_eq!(cloud.reconcile(), "");
    cloud.instance.run(&["ip", "link", "set", "ens6", "up"]);
    cloud.reconcile();
    let rules = ["10001: 10.0.1.20/32 10001", "10001: 2001:db8:0:1::20/128 10001"];
    assert_eq!(cloud.rules(), rules);
    cloud.instance.run(&["sysctl", "-qw", "net.ipv6.conf.ens5.disable_ipv6=1"]);
    cloud.reconcile();
}

/// What is lost is put back without the metadata: the truth says what was there.
#[test]
fn c3_what_is_lost_is_put_back_while_the_metadata_fails() {
    if !require_root("c3_what_is_lost_is_put_back_while_the_metadata_fails") {
        return;
    }
    let cloud = configured();
    for path in [format!("{}/local-ipv4s", cloud.enis()[1].path()), "*".to_owned()] {
        cloud.imds().fault(&path, &Fault::status(403)).unwrap();
        cloud.instance.run(&["ip", "rule", "del", "pref", "10001", "from", "10.0.1.20"]);
        let output = cloud.ec2_net(&["reconcile"]);
        let log = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), Some(3 | 4)), "{log}");
        assert!(log.contains("ens6: add rule 10001: from 10.0.1.20/32 lookup 10001"), "{log}");
        cloud.imds().clear_faults().unwrap();
        cloud.check();
    }
}

/// Report K3: a rule of another protocol is another rule, and somebody else's.
#[test]
fn k3_rules_and_routes_of_others_stay() {
    if !require_root("k3_rules_and_routes_of_others_stay") {
        return;
    }
    let cloud = configured();
    let theirs =
        ["ip", "rule", "add", "pref", "10001", "from", "10.0.1.20", "lookup", "10001", "protocol", "kernel"];
    cloud.instance.run(&theirs);
    cloud.instance.run(&["ip", "rule", "add", "pref", "10001", "from", "10.0.1.77", "lookup", "10001"]);
    cloud.instance.run(&["ip", "route", "add", "10.9.0.0/16", "dev", "ens6", "table", "10001"]);
    let count = |what: &[&str], text: &str| cloud.instance.text(what).matches(text).count();
    assert_eq!(cloud.reconcile(), "");
    assert_eq!(count(&["ip", "route", "show", "table", "10001"], "10.9.0.0/16"), 1);
    cloud.succeed(&["remove", "ens6"]);
    assert_eq!(count(&["ip", "rule"], "10.0.1.20"), 1);
    assert_eq!(count(&["ip", "rule"], "10.0.1.77"), 1);
}

/// Links with one MAC address, such as those of a bond: none can be told to be the ENI.
#[test]
fn of_two_links_with_one_mac_none_is_touched() {
    if !require_root("of_two_links_with_one_mac_none_is_touched") {
        return;
    }
    let cloud = configured();
    let mac = cloud.enis()[1].eni.mac.clone();
    cloud
        .instance
        .run(&["ip", "link", "add", "twin", "address", &mac, "type", "veth", "peer", "name", "other"]);
    let files = cloud.files();
    let log = cloud.reconcile();
    assert!(log.contains(&format!("ens6: left as it is: twin has its MAC address, {mac}")), "{log}");
    assert!(log.contains(&format!("twin: left as it is: ens6 has its MAC address, {mac}")), "{log}");
    assert_eq!(cloud.files(), files);
    cloud.check();
}

/// Waiting does not mend a file of somebody else, so nobody waits.
#[test]
fn m2_initial_does_not_wait_for_what_waiting_cannot_change() {
    if !require_root("m2_initial_does_not_wait_for_what_waiting_cannot_change") {
        return;
    }
    let mut cloud = configured();
    cloud.attach(Attached::new("ens7", 2, dual_stack(1, 30)));
    cloud.instance.write("/run/systemd/network/70-ens7.network", "[Match]\nName=ens7\n");
    let start = Instant::now();
    let output = cloud.ec2_net(&["reconcile", "--initial", "ens7"]);
    let log = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{log}");
    assert!(log.contains("`/run/systemd/network/70-ens7.network` was not written by ec2-net"), "{log}");
    cloud.imds().fault("*", &Fault::status(403)).unwrap();
    assert_eq!(cloud.ec2_net(&["reconcile", "--initial", "ens6"]).status.code(), Some(3));
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

/// A device number that had not propagated, but looked right, is corrected.
#[test]
fn c6_a_device_number_that_changes_is_noticed() {
    if !require_root("c6_a_device_number_that_changes_is_noticed") {
        return;
    }
    let cloud = configured();
    cloud.imds().set(&format!("{}/device-number", cloud.enis()[1].path()), "3").unwrap();
    cloud.reconcile();
    assert_eq!(cloud.rules(), ["10003: 10.0.1.20/32 10003", "10003: 2001:db8:0:1::20/128 10003"]);
    assert_eq!(cloud.reconcile(), "");
}
