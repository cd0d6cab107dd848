//! The metadata changes between two runs: what changed is written, and nothing else.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::host::{Host, TREES};
use crate::instance::{Eni, mac, tree};
use crate::trees;

fn before() -> Vec<Eni> {
    vec![
        Eni::new(None, 0).with_ipv4(3).with_ipv6(2),
        Eni::new(None, 1).with_ipv4(3).with_ipv6(2).with_prefixes(1, 1),
        Eni::new(None, 2),
    ]
}

/// From one tree to another: exactly `expected` changes, in both trees, as `plan` says; and the result is what a
/// new host would have.
#[track_caller]
fn check(from: &Value, to: &Value, expected: &[&str]) {
    let host = Host::with(from);
    host.reconcile(&[]);
    let files = host.stamps();
    host.set_metadata(&to.to_string());
    let plan = host.plan(&[]);
    let top = host.path("");
    let planned: BTreeSet<&str> = plan["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["path"].as_str().unwrap())
        .map(|path| path.strip_prefix(top.to_str().unwrap()).unwrap().trim_start_matches('/'))
        .collect();
    let both: BTreeSet<String> =
        TREES.iter().flat_map(|top| expected.iter().map(move |file| format!("{top}/{file}"))).collect();
    assert_eq!(planned, both.iter().map(String::as_str).collect(), "planned");

    host.reconcile(&[]);
    let after = host.stamps();
    let is_file = |path: &&String| path.contains("70-") && !host.path(path).is_dir();
    let all: BTreeSet<&String> = files.keys().chain(after.keys()).filter(is_file).collect();
    let changed: BTreeSet<String> =
        all.into_iter().filter(|path| files.get(*path) != after.get(*path)).cloned().collect();
    assert_eq!(changed, both, "changed");

    let new = Host::with(to);
    new.reconcile(&[]);
    assert_eq!(TREES.map(|tree| host.files(tree)), TREES.map(|tree| new.files(tree)));
}

/// Sets keys of one ENI, or removes them where the value is null; and the same backwards.
#[track_caller]
fn check_both(device: u8, change: &[(&str, Value)], expected: &[&str]) {
    let from = tree(&before());
    let mut to = from.clone();
    let keys = trees::eni(&mut to, &mac(0, device));
    for (key, value) in change {
        keys.remove(*key);
        keys.extend((!value.is_null()).then(|| ((*key).to_owned(), value.clone())));
    }
    check(&from, &to, expected);
    check(&to, &from, expected);
}

/// Report C3: a secondary address that was assigned or unassigned later was not applied.
#[test]
fn c3_an_address_of_the_primary() {
    check_both(
        0,
        &[("local-ipv4s", json!(["10.0.0.100", "10.0.0.61"]))],
        &["70-ens5.network.d/ec2net_alias.conf"],
    );
}

#[test]
fn c3_an_address_of_another_eni() {
    check_both(
        1,
        &[("local-ipv4s", json!(["10.0.1.100", "10.0.1.62"]))],
        &["70-ens6.network.d/ec2net_alias.conf", "70-ens6.network.d/ec2net_policy_4.conf"],
    );
    check_both(
        1,
        &[("ipv6s", json!(["2001:db8:0:1::64"]))],
        &["70-ens6.network.d/ec2net_alias.conf", "70-ens6.network.d/ec2net_policy_6.conf"],
    );
}

/// The file goes and comes with what is in it.
#[test]
fn the_last_secondary_address() {
    check_both(
        2,
        &[("local-ipv4s", json!(["10.0.2.100", "10.0.2.101"]))],
        &["70-ens7.network.d/ec2net_alias.conf", "70-ens7.network.d/ec2net_policy_4.conf"],
    );
}

#[test]
fn a_prefix() {
    check_both(1, &[("ipv4-prefix", Value::Null)], &["70-ens6.network.d/ec2net_policy_4.conf"]);
    check_both(1, &[("ipv6-prefix", Value::Null)], &["70-ens6.network.d/ec2net_policy_6.conf"]);
    check_both(0, &[("ipv4-prefix", json!(["10.0.0.32/28"]))], &[]);
}

/// Report C14: IPv6 that came later never reached the table.
#[test]
fn c14_ipv6_that_comes_later() {
    check_both(
        2,
        &[
            ("subnet-ipv6-cidr-blocks", json!(["2001:db8:0:2:0:0:0:0/64"])),
            ("ipv6s", json!(["2001:db8:0:2::a", "2001:db8:0:2::1"])),
        ],
        &[
            "70-ens7.network.d/ec2net_alias.conf",
            "70-ens7.network.d/ec2net_policy_6.conf",
            "70-ens7.network.d/eni.conf",
        ],
    );
}

/// Report C14: a block that the subnet got later never reached the table.
#[test]
fn c14_a_block_that_the_subnet_gets_later() {
    check_both(
        2,
        &[("subnet-ipv6-cidr-blocks", json!("2001:db8:0:2::/64"))],
        &["70-ens7.network.d/eni.conf"],
    );
    check_both(
        0,
        &[("subnet-ipv6-cidr-blocks", json!(["2001:db8::/64", "2001:db8:9::/64"]))],
        &["70-ens5.network.d/eni.conf"],
    );
}

/// All but the link itself tells the slot.
#[test]
fn another_slot() {
    check_both(
        2,
        &[("device-number", json!("7"))],
        &["70-ens7.network.d/ec2net_policy_4.conf", "70-ens7.network.d/eni.conf"],
    );
}

/// Another ENI of a slot in between renames nothing.
#[test]
fn names_stay() {
    let mut enis = before();
    let host = Host::with(&tree(&enis));
    host.reconcile(&[]);
    enis[1].device = 9;
    enis.push(Eni::new(None, 1));
    enis[3].mac = "02:00:5e:00:99:99".to_owned();
    host.set_metadata(&tree(&enis).to_string());
    host.reconcile(&[]);
    let names = host.plan(&[])["interfaces"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["name"].clone(), one["table"].clone()))
        .collect::<Vec<_>>();
    let expected = [("ens5", 10_000), ("ens8", 10_001), ("ens7", 10_002), ("ens6", 10_009)];
    assert_eq!(names, expected.map(|(name, table)| (json!(name), json!(table))));
}

/// Order and spelling are no change.
#[test]
fn what_is_the_same() {
    check_both(1, &[("local-ipv4s", json!(["10.0.1.100", "10.0.1.62", "10.0.1.61"]))], &[]);
    check_both(1, &[("ipv6-prefix", json!("2001:DB8:0:1:0:0:0:0/80\n"))], &[]);
    check_both(1, &[("public-ipv4s", json!("203.0.113.1"))], &[]);
}

/// The base file of an administrator replaces the packaged one, and every link follows.
#[test]
fn another_base_file() {
    let host = Host::with(&tree(&before()));
    host.reconcile(&[]);
    host.write("etc/systemd/network/80-ec2.network", "[Match]\nDriver=ena\n");
    host.reconcile(&[]);
    let files = host.files(TREES[0]);
    assert_eq!(files["70-ens5.network"], "-> /etc/systemd/network/80-ec2.network");
    assert_eq!(files["70-ens7.network"], "-> /etc/systemd/network/80-ec2.network");
    host.reconcile(&[]);
    assert_eq!(files, host.files(TREES[0]));
}
