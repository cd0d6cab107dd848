//! Report C1: a metadata error removed the secondary addresses. An empty value is no answer about an ENI that had
//! one: it stays as it is, and only an index without the key takes the value away.

use serde_json::json;

use crate::host::{Host, TREES};
use crate::instance::{Eni, mac, tree};
use crate::trees;

/// Empties a key of the second ENI: its files stay, and the message names the interface and the key.
#[track_caller]
fn check(key: &str) {
    let enis = [
        Eni::new(None, 0).with_ipv4(2).with_ipv6(2),
        Eni::new(None, 1).with_ipv4(2).with_ipv6(2).with_prefixes(1, 1),
        Eni::new(None, 2),
    ];
    let mut tree = tree(&enis);
    let host = Host::with(&tree);
    host.reconcile(&[]);
    let before = host.files("run");
    for empty in [json!(""), json!("\n"), json!([])] {
        trees::eni(&mut tree, &mac(0, 1)).insert(key.to_owned(), empty);
        // Another ENI changes in the same run, and is done.
        trees::eni(&mut tree, &mac(0, 2)).insert("local-ipv4s".to_owned(), json!(["10.0.2.100", "10.0.2.7"]));
        host.set_metadata(&tree.to_string());
        let ran = host.run(&["reconcile"]);
        assert_eq!((ran.status, ran.stdout.as_str()), (4, ""), "{key}: {}", ran.stderr);
        let begin = "warning: ens6 (";
        assert!(ran.stderr.starts_with(begin) && ran.stderr.lines().count() == 1, "{key}: {}", ran.stderr);
        assert!(ran.stderr.contains(&format!("/{}/{key}`", mac(0, 1))), "{key}: {}", ran.stderr);
        let after = host.files("run");
        let others = |path: &String| !path.contains("70-ens7.");
        assert!(
            before.iter().filter(|(path, _)| others(path)).all(|(path, text)| after[path] == *text),
            "{key}"
        );
        for top in TREES {
            let top = top.strip_prefix("run/").unwrap();
            assert!(
                after[&format!("{top}/70-ens7.network.d/ec2net_alias.conf")].contains("10.0.2.7/32"),
                "{key}"
            );
        }
    }
}

#[test]
fn c1_an_empty_value_removes_nothing() {
    for key in [
        "local-ipv4s",
        "ipv6s",
        "ipv4-prefix",
        "ipv6-prefix",
        "subnet-ipv4-cidr-block",
        "subnet-ipv6-cidr-blocks",
    ] {
        check(key);
    }
}

#[test]
fn an_empty_identity_changes_nothing() {
    check("interface-id");
    check("device-number");
}
