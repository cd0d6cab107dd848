//! An ENI about which the metadata is not complete or not consistent is left as it is; the others are done.

use serde_json::{Value, json};

use crate::host::{Host, TREES};
use crate::instance::{Eni, link, mac, tree};
use crate::{oracle, trees};

/// Four ENIs on two cards; each is ens5 and up in this order.
fn enis() -> [Eni; 4] {
    [
        Eni::new(0, 0).with_ipv4(2),
        Eni::new(0, 1).with_ipv4(2).with_prefixes(1, 0),
        Eni::new(1, 0).with_ipv4(2).with_ipv6(1),
        Eni::new(1, 1),
    ]
}

fn links() -> Vec<String> {
    let names = ["ens5", "ens6", "ens7", "ens8"];
    names
        .iter()
        .zip([(0, 0), (0, 1), (1, 0), (1, 1)])
        .flat_map(|(name, (card, device))| link(name, card, device))
        .collect()
}

/// Leaves those `left`, by name, MAC address and reason, on a new host and on one where all was well before.
#[track_caller]
fn check(tree: &Value, left: &[(&str, String, &str)]) {
    let links = links();
    let links: Vec<&str> = links.iter().map(String::as_str).collect();
    let host = Host::with(tree);
    let plan = host.plan(&links);
    let (done, refused): (Vec<Value>, Vec<Value>) =
        plan["interfaces"].as_array().unwrap().iter().cloned().partition(|one| one["state"] == "complete");
    let mut refused = refused;
    refused.sort_by_key(|one| one["name"].to_string());
    let expected = left
        .iter()
        .map(|(name, mac, reason)| json!({"name": name, "mac": mac, "state": "left", "reason": reason}));
    assert_eq!(refused, expected.collect::<Vec<_>>());
    assert_eq!(nameless(&done), nameless(&oracle::interfaces(&without(tree, left))));

    let ran = host.run(&[&["reconcile"], &links[..]].concat());
    assert_eq!((ran.status, ran.stdout.as_str()), (4, ""), "{}", ran.stderr);
    assert_eq!(ran.stderr.lines().count(), left.len(), "{}", ran.stderr);
    for (name, _, reason) in left {
        let is_told = |line: &str| {
            line.starts_with(&format!("warning: {name} ("))
                && line.ends_with(&format!("): left as it is: {reason}"))
        };
        assert!(ran.stderr.lines().any(is_told), "{name}: {reason}\n{}", ran.stderr);
    }
    let is_theirs = |path: &String| left.iter().any(|(name, ..)| path.contains(name));
    assert!(!host.files("").keys().any(is_theirs), "{:?}", host.files(""));

    let host = Host::with(&self::tree(&enis()));
    host.reconcile(&links);
    let before = TREES.map(|top| host.files(top));
    host.set_metadata(&tree.to_string());
    assert_eq!(host.run(&[&["reconcile"], &links[..]].concat()).status, 4);
    for (top, before) in TREES.into_iter().zip(before) {
        let after = host.files(top);
        let theirs = |files: std::collections::BTreeMap<String, String>| {
            files.into_iter().filter(|(path, _)| is_theirs(path)).collect::<Vec<_>>()
        };
        assert_eq!(theirs(after), theirs(before), "{top}");
    }
}

fn nameless(interfaces: &[Value]) -> Vec<Value> {
    let mut interfaces = oracle::canonical(interfaces);
    for interface in &mut interfaces {
        interface.as_object_mut().unwrap().remove("name");
    }
    interfaces
}

fn without(tree: &Value, left: &[(&str, String, &str)]) -> Value {
    let mut tree = tree.clone();
    for (_, mac, _) in left {
        trees::enis(&mut tree).remove(mac);
    }
    tree
}

/// The tree with a key of an ENI set, or removed.
fn with(card: u8, device: u8, key: &str, value: Option<Value>) -> Value {
    let mut tree = tree(&enis());
    let keys = trees::eni(&mut tree, &mac(card, device));
    keys.remove(key);
    keys.extend(value.map(|value| (key.to_owned(), value)));
    tree
}

/// The full key of an ENI.
fn key(card: u8, device: u8, key: &str) -> String {
    format!("`network/interfaces/macs/{}/{key}`", mac(card, device))
}

/// Report C7: no two ENIs share a slot.
#[test]
fn c7_two_enis_in_one_slot_are_both_left() {
    let (one, other) = (mac(1, 0), mac(1, 1));
    check(
        &with(1, 1, "device-number", Some(json!("0"))),
        &[
            ("ens7", one.clone(), &format!("claims device 0 of card 1, as does {other}")),
            ("ens8", other, &format!("claims device 0 of card 1, as does {one}")),
        ],
    );
}

#[test]
fn a_device_number_beyond_the_numbering() {
    let reason = "device 100 of card 0 is beyond the numbering (100 devices a card)";
    check(&with(0, 1, "device-number", Some(json!("100"))), &[("ens6", mac(0, 1), reason)]);
}

/// Report C6: a new ENI reads device 0 before its number has propagated.
#[test]
fn c6_another_eni_in_the_slot_of_the_primary() {
    let reason = "claims device 0 of card 0, which is the primary's; it has not propagated yet";
    check(&with(0, 1, "device-number", Some(json!("0"))), &[("ens6", mac(0, 1), reason)]);
}

#[test]
fn the_primary_in_another_slot() {
    let reason = "is the primary, but claims device 3 of card 0 rather than device 0 of card 0";
    check(&with(0, 0, "device-number", Some(json!("3"))), &[("ens5", mac(0, 0), reason)]);
}

/// Report C8: the primary lists the key, so its absence is a delay.
#[test]
fn c8_a_card_that_is_late() {
    let reason = format!("{} is not there yet", key(1, 1, "network-card"));
    check(&with(1, 1, "network-card", None), &[("ens8", mac(1, 1), &reason)]);
    check(
        &with(1, 0, "network-card", Some(json!(""))),
        &[("ens7", mac(1, 0), &format!("{} is not there yet", key(1, 0, "network-card")))],
    );
}

#[test]
fn keys_that_every_eni_has() {
    for name in ["interface-id", "device-number", "local-ipv4s", "subnet-ipv4-cidr-block"] {
        let reason = format!("{} is not there yet", key(0, 1, name));
        check(&with(0, 1, name, None), &[("ens6", mac(0, 1), &reason)]);
    }
    let reason = format!("{} is not there yet", key(1, 0, "subnet-ipv6-cidr-blocks"));
    check(&with(1, 0, "subnet-ipv6-cidr-blocks", None), &[("ens7", mac(1, 0), &reason)]);
}

/// Report S2: text of the metadata went into unit files unchecked.
#[test]
fn s2_values_that_are_none() {
    let page = "<?xml version=\"1.0\"?>";
    for (name, value, excerpt) in [
        ("interface-id", "eni-1\n[Network]", "[Network]"),
        ("interface-id", "eni-/../x", "eni-/../x"),
        ("device-number", "+1", "+1"),
        ("device-number", "-1", "-1"),
        ("device-number", "65536", "65536"),
        ("network-card", "0x0", "0x0"),
        ("local-ipv4s", "10.0.1.100\n[Route]\nGateway=10.0.0.1", "[Route]"),
        ("local-ipv4s", "10.0.1.100/24", "10.0.1.100/24"),
        ("local-ipv4s", page, page),
        ("ipv6s", "2001:db8::1%ens5", "2001:db8::1%ens5"),
        ("subnet-ipv4-cidr-block", "0.0.0.0/0", "0.0.0.0/0"),
    ] {
        let tree = with(0, 1, name, Some(json!(value)));
        let links = links();
        let links: Vec<&str> = links.iter().map(String::as_str).collect();
        let host = Host::with(&tree);
        let ran = host.run(&[&["reconcile"], &links[..]].concat());
        assert_eq!(ran.status, 4, "{name}={value:?}: {ran:?}");
        let begin = format!("warning: ens6 (eni-0001 0123456789abc): left as it is: {}", key(0, 1, name));
        let begin = begin.replace("0001 ", "0001");
        let begin =
            if name == "interface-id" { begin.replace("eni-00010123456789abc", &mac(0, 1)) } else { begin };
        assert!(ran.stderr.starts_with(&begin), "{name}={value:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(excerpt) && ran.stderr.lines().count() == 1, "{}", ran.stderr);
        let files = host.files("");
        assert!(files.keys().all(|path| !path.contains("ens6")), "{name}={value:?}: {files:?}");
        assert_eq!(
            files.values().filter(|text| text.starts_with("-> ")).count(),
            6,
            "the other three, twice"
        );
    }
}

/// A prefix that does not parse is skipped or holds its ENI back; it is never written, and never unnoticed.
#[test]
fn s2_a_prefix_that_is_none() {
    for name in ["ipv4-prefix", "ipv6-prefix"] {
        let host = Host::with(&with(0, 1, name, Some(json!(["0.0.0.0/0", "10.0.1.48\n[Route]"]))));
        let ran = host.run(&["reconcile"]);
        assert!(ran.stderr.starts_with("warning: ") && ran.stderr.contains(name), "{name}: {ran:?}");
        assert!(matches!(ran.status, 0 | 4), "{name}: {ran:?}");
        let files = host.files("");
        assert!(
            files.values().all(|text| !text.contains("From=0.0.0.0") && !text.contains("10.0.1.48")),
            "{files:?}"
        );
    }
}
