//! What an administrator has configured keeps its effect, before and after our files exist.

use std::fs;
use std::time::Duration;

use integration_tests::cloud::{Attached, Cloud};
use integration_tests::fixture::{dual_stack, primary, subnets};
use integration_tests::testbed::{Guest, Host, require_root, wait_until};

/// The primary and one more.
fn cloud() -> Cloud {
    Cloud::new(&subnets(), &[primary(), Attached::new("ens6", 1, dual_stack(0, 20).with_ipv4("10.0.1.21"))])
}

/// Writes a file of the administrator's and has networkd read it.
#[track_caller]
fn override_by(cloud: &Cloud, path: &str, text: &str) {
    cloud.instance.write(path, text);
    cloud.instance.run(&["networkctl", "reload"]);
}

/// Waits until networkd says of ens6 what it should.
#[track_caller]
fn wait_for_state(cloud: &Cloud, expected: &str) {
    let index = fs::read_to_string(cloud.instance.path("/sys/class/net/ens6/ifindex")).unwrap();
    let path = cloud.instance.path(&format!("/run/systemd/netif/links/{}", index.trim()));
    wait_until(Duration::from_secs(10), expected, || {
        fs::read_to_string(&path).unwrap_or_default().lines().any(|line| line == expected)
    });
}

fn mtu(cloud: &Cloud, interface: &str) -> String {
    cloud.instance.json(&["ip", "-j", "link", "show", "dev", interface])[0]["mtu"].to_string()
}

fn ours(cloud: &Cloud, interface: &str) -> Vec<String> {
    let is_of =
        |file: &String| file.split(' ').next().is_some_and(|path| path.contains(&format!("70-{interface}.")));
    cloud.files().into_iter().filter(is_of).collect()
}

/// Reports K5, U1: where another file wins, that is said once, and nothing is written that nobody reads. When it goes,
/// the ENI is ours again.
#[test]
fn u1_a_file_that_wins_is_left_alone() {
    if !require_root("u1_a_file_that_wins_is_left_alone") {
        return;
    }
    for (path, is_before) in [
        ("/etc/systemd/network/50-mine.network", true),
        ("/etc/systemd/network/70-ens6.network", true),
        ("/etc/systemd/network/50-mine.network", false),
        ("/etc/systemd/network/70-ens6.network", false),
    ] {
        let cloud = cloud();
        if !is_before {
            cloud.reconcile();
            cloud.check_kernel();
        }
        override_by(
            &cloud,
            path,
            "[Match]\nName=ens6\n\n[Network]\nDHCP=ipv4\n\n[DHCPv4]\nRouteMetric=700\n",
        );
        wait_for_state(&cloud, &format!("NETWORK_FILE={path}"));
        let log = cloud.reconcile();
        let said = format!("ens6: left to the administrator: networkd uses `{path}` for it\n");
        assert!(log.contains(&said), "{log}");
        assert!(cloud.rules().is_empty(), "{:?}", cloud.rules());
        assert!(!cloud.instance.has_address("ens6", [10, 0, 1, 21]));
        assert!(ours(&cloud, "ens6").is_empty(), "{:?}", ours(&cloud, "ens6"));
        assert!(!ours(&cloud, "ens5").is_empty());
        wait_until(Duration::from_secs(10), &format!("the metric of {path} ({is_before})"), || {
            let routes = cloud.instance.text(&["ip", "-4", "route", "show", "default", "dev", "ens6"]);
            routes.contains("metric 700")
        });
        assert_eq!(cloud.reconcile(), "", "it is said once");
        assert_eq!(cloud.succeed(&["reconcile", "ens6"]), said, "unless it is asked for");

        fs::remove_file(cloud.instance.path(path)).unwrap();
        cloud.instance.run(&["networkctl", "reload"]);
        wait_for_state(&cloud, "NETWORK_FILE=/usr/lib/systemd/network/80-ec2.network");
        cloud.reconcile();
        cloud.check_kernel();
    }
}

/// Report K4: an ENI that networkd is told not to manage is let go, and comes back.
#[test]
fn k4_an_unmanaged_eni_is_let_go() {
    if !require_root("k4_an_unmanaged_eni_is_let_go") {
        return;
    }
    let cloud = cloud();
    cloud.reconcile();
    cloud.check_kernel();
    let drop_in = "/etc/systemd/network/70-ens6.network.d/mine.conf";
    override_by(&cloud, drop_in, "[Link]\nUnmanaged=yes\n");
    wait_for_state(&cloud, "ADMIN_STATE=unmanaged");
    let log = cloud.reconcile();
    assert!(log.ends_with("ens6: left to the administrator: networkd is told not to manage it\n"), "{log}");
    assert!(cloud.rules().is_empty(), "{:?}", cloud.rules());
    assert_eq!(cloud.reconcile(), "");
    // Another reload does not bring it back.
    cloud.instance.run(&["networkctl", "reload"]);
    wait_for_state(&cloud, "ADMIN_STATE=unmanaged");
    assert_eq!(cloud.reconcile(), "");
    fs::remove_file(cloud.instance.path(drop_in)).unwrap();
    cloud.instance.run(&["networkctl", "reload"]);
    wait_for_state(&cloud, "NETWORK_FILE=/run/systemd/network/70-ens6.network");
    cloud.reconcile();
    cloud.check_kernel();
}

/// Report K4: what an image has masked stays off, the timer's runs included, and what is there stays as it is.
#[test]
fn k4_a_mask_switches_off() {
    if !require_root("k4_a_mask_switches_off") {
        return;
    }
    for mask in [
        "udev/rules.d/99-vpc-policy-routes.rules",
        "systemd/system/policy-routes@.service",
        "systemd/system/policy-routes@ens6.service",
    ] {
        let cloud = cloud();
        let path = format!("/etc/{mask}");
        let directory = path.rsplit_once('/').unwrap().0;
        cloud.instance.run(&["mkdir", "-p", directory]);
        cloud.instance.run(&["ln", "-sf", "/dev/null", &path]);
        let log = cloud.reconcile();
        assert!(log.contains(&format!("ens6: left to the administrator: `{path}` is masked\n")), "{log}");
        assert!(cloud.rules().is_empty(), "{:?}", cloud.rules());
        assert_eq!(ours(&cloud, "ens5").is_empty(), !mask.contains("ens6"));
        assert_eq!(cloud.reconcile(), "");
        cloud.instance.run(&["rm", &path]);
        cloud.reconcile();
        cloud.check_kernel();
        cloud.instance.run(&["ln", "-sf", "/dev/null", &path]);
        let rules = cloud.rules();
        cloud.reconcile();
        assert_eq!(cloud.rules(), rules, "what is there stays");
    }
}

/// Report U4: the base file of an administrator and drop-ins of it count, whether they came before our files or after.
#[test]
fn u4_the_base_file_and_its_drop_ins_count() {
    if !require_root("u4_the_base_file_and_its_drop_ins_count") {
        return;
    }
    let without_mtu = "[DHCPv4]\nUseMTU=no\n\n[Link]\nMTUBytes=1500\n";
    let base = "/etc/systemd/network/80-ec2.network";
    for is_before in [true, false] {
        for path in [
            format!("{base}.d/10-mtu.conf"),
            base.to_owned(),
            "/etc/systemd/network/70-ens6.network.d/10-mtu.conf".to_owned(),
        ] {
            let cloud = cloud();
            let text = if path == base {
                let shipped = cloud.instance.text(&["cat", "/usr/lib/systemd/network/80-ec2.network"]);
                shipped.replace("UseMTU=yes", "UseMTU=no") + "\n[Link]\nMTUBytes=1500\n"
            } else {
                without_mtu.to_owned()
            };
            if is_before {
                override_by(&cloud, &path, &text);
                cloud.reconcile();
            } else {
                cloud.reconcile();
                cloud.check_kernel();
                cloud.instance.write(&path, &text);
                // The links follow; the administrator's own reload makes it count.
                cloud.reconcile();
                cloud.instance.run(&["networkctl", "reload"]);
            }
            for interface in
                ["ens5", "ens6"].into_iter().filter(|name| !path.contains("70-") || *name == "ens6")
            {
                wait_until(Duration::from_secs(10), &format!("{path} ({is_before}) on {interface}"), || {
                    mtu(&cloud, interface) == "1500"
                });
            }
            cloud.reconcile();
            cloud.check_kernel();
            // networkd may still be at work.
            wait_until(Duration::from_secs(5), "nothing to do", || cloud.reconcile().is_empty());
        }
    }
}

/// Drop-ins that are masked by an empty file, or replaced by one of the same name, or gone, leave no link behind.
#[test]
fn u4_the_links_to_drop_ins_are_those_in_force() {
    if !require_root("u4_the_links_to_drop_ins_are_those_in_force") {
        return;
    }
    let cloud = cloud();
    let directory = |top: &str| format!("{top}/systemd/network/80-ec2.network.d");
    cloud.instance.write(&format!("{}/a.conf", directory("/usr/lib")), "[Link]\nMTUBytes=1400\n");
    cloud.instance.write(&format!("{}/b.conf", directory("/usr/lib")), "[Link]\nMTUBytes=1300\n");
    cloud.instance.write(&format!("{}/b.conf", directory("/etc")), "");
    cloud.reconcile();
    let target = |name: &str| {
        fs::read_link(cloud.instance.path(&format!("/run/systemd/network/70-ens6.network.d/eni_base_{name}")))
            .ok()
    };
    assert_eq!(target("a.conf"), Some(format!("{}/a.conf", directory("/usr/lib")).into()));
    assert_eq!(target("b.conf"), None);
    cloud.instance.write(&format!("{}/a.conf", directory("/etc")), "[Link]\nMTUBytes=1400\n");
    cloud.reconcile();
    assert_eq!(target("a.conf"), Some(format!("{}/a.conf", directory("/etc")).into()));
    for top in ["/etc", "/usr/lib"] {
        fs::remove_file(cloud.instance.path(&format!("{}/a.conf", directory(top)))).unwrap();
    }
    cloud.reconcile();
    assert_eq!(target("a.conf"), None);
}
