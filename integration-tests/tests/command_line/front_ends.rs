//! The commands of amazon-ec2-net-utils, which other software calls.

use std::path::PathBuf;
use std::process::Command;

use integration_tests::program;

use crate::host::{Host, Ran, TREES};
use crate::trees;

fn run(program: PathBuf, host: &Host, arguments: &[&str]) -> Ran {
    let metadata = host.metadata();
    Ran::from(
        Command::new(program)
            .args(arguments)
            .arg("--root")
            .arg(host.path(""))
            .arg("--metadata")
            .arg(metadata),
    )
}

fn setup(host: &Host, arguments: &[&str]) -> Ran {
    run(program::setup_policy_routes(), host, arguments)
}

#[test]
fn start_and_refresh_configure_the_interface() {
    let plain = Host::with(&trees::read("11"));
    plain.reconcile(&["ens6"]);
    for action in ["start", "refresh"] {
        let host = Host::with(&trees::read("11"));
        assert_eq!(setup(&host, &["ens6", action]), Ran::silent(0), "{action}");
        assert_eq!(host.files("run"), plain.files("run"), "{action}");
        assert_eq!(setup(&host, &["ens6", action]), Ran::silent(0), "{action}");
    }
}

#[test]
fn remove_removes_it() {
    let host = Host::with(&trees::read("11"));
    host.reconcile(&[]);
    assert_eq!(setup(&host, &["ens6", "remove"]).status, 0);
    assert!(TREES.iter().all(|top| host.files(top).keys().all(|path| !path.contains("ens6"))));
    assert!(host.files(TREES[0]).contains_key("70-ens5.network"));
}

/// Report R9: stopping the service flushed connections.
#[test]
fn r9_stop_and_cleanup_do_nothing() {
    let host = Host::with(&trees::read("11"));
    host.reconcile(&[]);
    let before = host.stamps();
    for action in ["stop", "cleanup"] {
        assert_eq!(setup(&host, &["ens6", action]), Ran::silent(0), "{action}");
        assert_eq!(setup(&host, &["ens99", action]), Ran::silent(0), "{action}");
    }
    assert_eq!(host.stamps(), before);
}

/// An interface that does not exist is nothing to do: udev may be late.
#[test]
fn r1_an_absent_interface_is_nothing_to_do() {
    let host = Host::with(&trees::read("11"));
    for action in ["start", "refresh", "remove"] {
        assert_eq!(setup(&host, &["ens99", action]).status, 0, "{action}");
    }
    assert!(TREES.iter().all(|top| host.files(top).is_empty()));
}

#[test]
fn wrong_usage() {
    let host = Host::with(&trees::read("11"));
    for arguments in
        [&["ens6"][..], &[], &["ens6", "restart"], &["../ens6", "start"], &["ens6", "start", "now"]]
    {
        assert_eq!(setup(&host, arguments).status, 2, "{arguments:?}");
    }
    assert_eq!(setup(&host, &["--help"]).status, 0);
}

#[test]
fn set_hostname_imds_leaves_this_machine_alone() {
    let read = || std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let before = read();
    let host = Host::with(&trees::read("11"));
    assert_eq!(run(program::set_hostname_imds(), &host, &[]), Ran::silent(0));
    assert_eq!(read(), before);
    assert_eq!(host.stamps().len(), 0);
    assert_eq!(run(program::set_hostname_imds(), &host, &["ens5"]).status, 2);
}
