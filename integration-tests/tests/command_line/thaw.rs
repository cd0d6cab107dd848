use std::fs;

use crate::host::{Host, Ran, TREES};
use crate::trees;

#[test]
fn without_a_record_there_is_nothing_to_do() {
    let host = Host::new();
    assert_eq!(Ran::from(host.command().arg("thaw")), Ran::silent(0));
    assert_eq!(host.stamps().len(), 0);
}

#[test]
fn the_copies_become_the_record() {
    let host = Host::with(&trees::read("11"));
    host.reconcile(&[]);
    let record = host.files(TREES[1]);
    fs::write(
        host.path(TREES[0]).join("70-ens6.network.d/ec2net_alias.conf"),
        "# ec2-net 02:02:43:f6:4c:1f\n",
    )
    .unwrap();
    fs::remove_file(host.path(TREES[0]).join("70-ens5.network.d/eni.conf")).unwrap();
    fs::remove_file(host.path(TREES[1]).join("70-ens6.network.d/ec2net_policy_6.conf")).unwrap();
    assert_eq!(Ran::from(host.command().arg("thaw")), Ran::silent(0));
    let mut expected = record;
    expected.remove("70-ens6.network.d/ec2net_policy_6.conf");
    assert_eq!(host.files(TREES[0]), expected);
    let before = host.stamps();
    assert_eq!(Ran::from(host.command().arg("thaw")), Ran::silent(0));
    assert_eq!(host.stamps(), before, "a second time, nothing is touched");
}

/// networkd starts right after it: an ENI that somebody else configures stays so, and the others are thawed.
#[test]
fn a_file_of_somebody_else_stays() {
    let host = Host::with(&trees::read("04"));
    host.reconcile(&[]);
    let record = host.files(TREES[1]);
    fs::remove_dir_all(host.path(TREES[0])).unwrap();
    let theirs = "run/systemd/network/70-ens6.network";
    host.write(theirs, "[Match]\nName=ens6\n");
    let ran = Ran::from(host.command().arg("thaw"));
    assert_eq!(host.files(TREES[0])["70-ens6.network"], "[Match]\nName=ens6\n");
    assert!(ran.stderr.contains(host.path(theirs).to_str().unwrap()), "{ran:?}");
    let copies = host.files(TREES[0]);
    assert!(
        record.iter().filter(|(path, _)| path.contains("ens5")).all(|(path, text)| copies[path] == *text)
    );
}
