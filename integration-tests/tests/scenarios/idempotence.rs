//! A second run writes nothing, and says nothing.

use crate::host::{Host, Ran};
use crate::trees;

#[test]
fn a_second_run_touches_no_file_and_says_nothing() {
    for name in trees::names() {
        let host = Host::with(&trees::read(&name));
        host.reconcile(&[]);
        let before = host.stamps();
        assert_eq!(host.run(&["reconcile"]), Ran::silent(0), "{name}");
        assert_eq!(host.stamps(), before, "{name}");
    }
}

#[test]
fn plan_tells_by_its_status_whether_there_is_something_to_do() {
    for name in trees::names() {
        let host = Host::with(&trees::read(&name));
        assert_eq!(host.run(&["plan"]).status, 0, "{name}");
        assert_eq!(host.run(&["plan", "--exit-code"]).status, 5, "{name}");
        assert_eq!(host.run(&["plan", "--exit-code", "--json"]).status, 5, "{name}");
        host.reconcile(&[]);
        assert_eq!(host.run(&["plan", "--exit-code", "--json"]).status, 0, "{name}");
        let ran = host.run(&["plan", "--exit-code"]);
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{name}");
        assert!(ran.stdout.ends_with("\nNothing to change.\n"), "{name}: {}", ran.stdout);
        assert_eq!(host.plan(&[])["files"], serde_json::json!([]), "{name}");
    }
}

#[test]
fn plan_writes_nothing() {
    let host = Host::with(&trees::read("11"));
    let before = host.stamps();
    host.plan(&[]);
    assert_eq!(host.stamps(), before);
}

/// What `plan --json` announces is what `reconcile` writes.
#[test]
fn reconcile_writes_what_plan_announces() {
    for name in trees::names() {
        let host = Host::with(&trees::read(&name));
        let plan = host.plan(&[]);
        host.reconcile(&[]);
        let mut files = host.files("");
        let (top, lock) = (host.path(""), "run/ec2-net/lock");
        assert_eq!(files.remove(lock).as_deref(), Some(""), "{name}");
        for file in plan["files"].as_array().unwrap() {
            assert_eq!(file["change"], "create", "{name}");
            let path = file["path"].as_str().unwrap().strip_prefix(top.to_str().unwrap()).unwrap();
            let text = match file["target"].as_str() {
                Some(target) => format!("-> {target}"),
                None => file["content"].as_str().unwrap().to_owned(),
            };
            assert_eq!(files.remove(path.trim_start_matches('/')), Some(text), "{name}: {path}");
        }
        assert_eq!(files.keys().collect::<Vec<_>>(), Vec::<&String>::new(), "{name}: not announced");
    }
}

#[test]
fn files_are_readable_by_all_whatever_the_umask_is() {
    use std::os::unix::fs::PermissionsExt;
    let host = Host::with(&trees::read("04"));
    let program = integration_tests::program::ec2_net();
    let mut shell = std::process::Command::new("sh");
    let mut arguments = vec!["-c", "umask 077; exec \"$0\" \"$@\"", program.to_str().unwrap(), "--root"];
    let (root, metadata) = (host.path(""), host.metadata());
    arguments.extend([root.to_str().unwrap(), "--metadata", metadata.to_str().unwrap(), "reconcile"]);
    assert_eq!(Ran::from(shell.args(arguments)), Ran::silent(0));
    for (path, mode) in [("70-ens5.network.d/eni.conf", 0o644), ("70-ens5.network.d", 0o755), ("", 0o755)] {
        let path = host.path("run/systemd/network").join(path);
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            mode,
            "{}",
            path.display()
        );
    }
}
