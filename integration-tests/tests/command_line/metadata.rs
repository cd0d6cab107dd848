use serde_json::{Value, json};

use crate::host::{Host, Ran};
use crate::trees;

/// A file that is no metadata tree fails every verb that reads it, and the message names it.
#[track_caller]
fn check(json: &str, reason: &str) {
    let host = Host::new();
    host.set_metadata(json);
    let path = host.metadata();
    for verb in ["reconcile", "plan", "snapshot", "hostname"] {
        let ran = host.run(&[verb]);
        assert_eq!((ran.status, ran.stdout.as_str()), (1, ""), "{verb}");
        let message = format!(
            "error: cannot read the metadata from `{}`: not a metadata tree: {reason}",
            path.display()
        );
        assert!(
            ran.stderr.starts_with(&message) && ran.stderr.lines().count() == 1,
            "{verb}: {}",
            ran.stderr
        );
    }
    assert_eq!(host.stamps().len(), 0, "nothing is written");
}

#[test]
fn files_that_are_no_tree() {
    check("", "");
    check("mac=02:00:00:00:00:01", "");
    check("[]", "not a JSON object");
    check("null", "not a JSON object");
    check("{\"mac\": true}", "`mac` is no string, list of strings or object");
    check(
        "{\"network\": {\"interfaces\": [{}]}}",
        "`network/interfaces` is no string, list of strings or object",
    );
}

#[test]
fn a_file_that_is_not_there() {
    let ran = Ran::from(Host::new().command().args(["--metadata", "/nonexistent/tree.json", "plan"]));
    assert_eq!((ran.status, ran.stdout.as_str()), (1, ""));
    assert_eq!(
        ran.stderr,
        "error: cannot read the metadata from `/nonexistent/tree.json`: No such file or directory (os error 2)\n"
    );
}

/// A tree in which nothing is, or in which an essential key has the wrong shape, is no panic.
#[test]
fn trees_without_what_every_instance_has() {
    let with_mac = |mac: Value| {
        let mut tree = trees::read("04");
        tree["mac"] = mac;
        tree
    };
    let mut no_enis = trees::read("04");
    trees::enis(&mut no_enis).clear();
    for (tree, keys) in [
        (json!({}), &["`mac`", "`network/interfaces/macs/`"][..]),
        (with_mac(json!("")), &["`mac`"]),
        (with_mac(json!("ens5")), &["`mac`"]),
        (with_mac(json!({})), &["`mac`"]),
        (with_mac(json!(["02:00:00:00:00:01", "02:00:00:00:00:02"])), &["`mac`"]),
        (no_enis, &["`network/interfaces/macs/`"]),
    ] {
        let ran = Host::with(&tree).run(&["plan"]);
        assert_eq!((ran.status, ran.stdout.as_str()), (3, ""), "{keys:?}: {}", ran.stderr);
        let is_named =
            |key: &&str| ran.stderr.starts_with(&format!("error: cannot read the metadata: {key}: "));
        assert!(keys.iter().any(is_named), "{keys:?}: {}", ran.stderr);
    }
}

/// A key of an ENI that is a directory where a value should be, or the reverse, concerns that ENI alone.
#[test]
fn an_eni_of_the_wrong_shape() {
    for keys in [json!("text"), json!({"device-number": {"x": "1"}, "local-ipv4s": "10.0.0.1"})] {
        let mut tree = trees::read("04");
        trees::enis(&mut tree).insert("0a:75:69:92:e2:16".to_owned(), keys);
        let host = Host::with(&tree);
        let ran =
            host.run(&["--link", "ens5=0a:07:84:3d:6e:38", "--link", "ens6=0a:75:69:92:e2:16", "reconcile"]);
        assert_eq!((ran.status, ran.stdout.as_str()), (4, ""), "{}", ran.stderr);
        assert!(
            ran.stderr.starts_with("warning: ens6 (0a:75:69:92:e2:16): left as it is: `"),
            "{}",
            ran.stderr
        );
        assert!(host.path("run/systemd/network/70-ens5.network").is_symlink());
        assert!(!host.path("run/systemd/network/70-ens6.network").is_symlink());
    }
}
