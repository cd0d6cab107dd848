//! Many runs at once.

use std::process::Child;
use std::time::{Duration, Instant};

use integration_tests::fixture::secondaries;
use integration_tests::testbed::{Guest, Host, require_root, wait_until};

use crate::settled::boot;

/// Reports R1, R2: sixty starts at once for fourteen new ENIs, with refreshes among them, end in one state, and the
/// metadata is read three times at most.
#[test]
fn r2_sixty_starts_at_once() {
    if !require_root("r2_sixty_starts_at_once") {
        return;
    }
    let mut cloud = boot(0);
    // So that only the runs that are started here are at work.
    let off = "[Service]\nExecStart=\nExecStart=true\nExecStopPost=\n";
    cloud.instance.write("/run/systemd/system/policy-routes@.service.d/off.conf", off);
    cloud.instance.run(&[
        "systemctl",
        "mask",
        "--runtime",
        "refresh-policy-routes.timer",
        "heal-policy-routes.path",
    ]);
    cloud.instance.run(&["systemctl", "stop", "refresh-policy-routes.timer", "heal-policy-routes.path"]);
    cloud.instance.run(&["systemctl", "daemon-reload"]);
    for attached in secondaries(14) {
        cloud.attach(attached);
    }
    for attached in &cloud.enis()[1..] {
        cloud.instance.wait_for_lease(attached.interface, &attached.eni);
    }
    let names: Vec<&str> = cloud.enis()[1..].iter().map(|attached| attached.interface).collect();

    for with_removals in [false, true] {
        cloud.imds().reset_counters().unwrap();
        let start = Instant::now();
        let spawn = |program: &str, words: &[&str]| -> Child {
            cloud.instance.command(program).args(words).spawn().unwrap()
        };
        let mut runs = Vec::new();
        for number in 0..60 {
            runs.push(spawn("setup-policy-routes", &[names[number % names.len()], "start"]));
            if number % 10 == 5 {
                runs.push(spawn("ec2-net", &["reconcile"]));
            }
            if with_removals && number % 15 == 7 {
                runs.push(spawn("setup-policy-routes", &[names[number % 5], "remove"]));
            }
        }
        for mut run in runs {
            assert!(run.wait().unwrap().success());
        }
        let took = start.elapsed();
        let counters = cloud.imds().counters().unwrap();
        let crawls = counters.of("network/interfaces/macs/");
        println!(
            "60 starts, removals {with_removals}: {took:?}, {crawls} crawls, {} requests",
            counters.total
        );
        assert!(took < Duration::from_secs(5), "{took:?}");
        if with_removals {
            // The last word on an ENI may have been its removal.
            cloud.reconcile();
            // networkd says so when a file goes between its listing and its reading.
            cloud.check_kernel();
        } else {
            assert!(crawls <= 3, "{counters:#?}");
            cloud.check();
        }
    }
    wait_until(Duration::from_secs(1), "no process to be left", || {
        !cloud.instance.command("pgrep").args(["ec2-net|setup-policy"]).status().unwrap().success()
    });
}
