use std::fs::File;
use std::process::Stdio;

use crate::host::{Host, Ran};
use crate::trees;

/// A reader that goes away, such as `head -1`, is no failure, and no panic.
#[test]
fn stdout_that_is_closed_early() {
    let host = Host::with(&trees::read("16"));
    let metadata = host.metadata();
    for verb in [
        &["plan"][..],
        &["plan", "--json"],
        &["snapshot"],
        &["hostname"],
        &["--help"],
        &["reconcile", "--json"],
    ] {
        let mut command = host.command();
        command.arg("--metadata").arg(&metadata).args(verb).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{verb:?}");
        assert_eq!(output.status.code(), Some(0), "{verb:?}");
    }
}

#[test]
fn stdout_that_is_full() {
    let host = Host::with(&trees::read("04"));
    for verb in [&["plan"][..], &["plan", "--json"], &["snapshot"], &["hostname"]] {
        let mut command = host.command();
        command.arg("--metadata").arg(host.metadata()).args(verb);
        let output = command.stdout(File::create("/dev/full").unwrap()).output().unwrap();
        let message = "error: cannot write to stdout: No space left on device (os error 28)\n";
        assert_eq!(
            (output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()),
            (Some(1), message),
            "{verb:?}"
        );
    }
}

#[test]
fn json_of_reconcile_is_the_plan_that_was_carried_out() {
    let host = Host::with(&trees::read("11"));
    let plan = host.plan(&[]);
    let ran = host.run(&["reconcile", "--json"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    let done: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(done["interfaces"], plan["interfaces"]);
}

#[test]
fn options_may_stand_before_and_after_the_verb() {
    let host = Host::with(&trees::read("04"));
    let after = host.run(&["plan", "--json"]);
    assert_eq!(host.run(&["--json", "plan"]), after);
    let ran = Ran::from(host.command().args(["plan", "--json", "--metadata"]).arg(host.metadata()));
    assert_eq!(ran, after);
}
