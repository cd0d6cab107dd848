use crate::host::{Host, Ran, TREES};
use crate::trees;

#[test]
fn removes_one_interface_from_both_trees() {
    let host = Host::with(&trees::read("11"));
    host.reconcile(&[]);
    let before = host.files("run");
    let ran = host.run(&["remove", "ens6"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    let after = host.files("run");
    assert!(after.keys().all(|path| !path.contains("ens6")), "{after:?}");
    assert!(after.iter().all(|(path, text)| before[path] == *text));
    assert_eq!(before.len() - after.len(), 10);
    assert!(!host.path("run/systemd/network/70-ens6.network.d").exists());
    host.reconcile(&[]);
    assert_eq!(host.files("run"), before);
}

/// It needs no metadata: an ENI can be taken away when the service is.
#[test]
fn asks_nobody() {
    let host = Host::with(&trees::read("04"));
    host.reconcile(&[]);
    let ran = Ran::from(host.command().args(["--imds", "http://127.0.0.1:1", "remove", "ens6"]));
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(!host.path("run/systemd/network/70-ens6.network").is_symlink());
}

#[test]
fn an_interface_without_anything_is_done() {
    let host = Host::with(&trees::read("04"));
    assert_eq!(host.run(&["remove", "ens6"]), Ran::silent(0));
    host.reconcile(&[]);
    let before = host.files("run");
    assert_eq!(host.run(&["remove", "ens9"]), Ran::silent(0));
    assert_eq!(host.files("run"), before);
}

#[test]
fn the_drop_ins_of_others_stay() {
    let host = Host::with(&trees::read("04"));
    host.reconcile(&[]);
    let theirs = "run/systemd/network/70-ens6.network.d/99-theirs.conf";
    host.write(theirs, "[Network]\nLLDP=no\n");
    assert_eq!(host.run(&["remove", "ens6"]).status, 0);
    let left: Vec<String> = host.files(TREES[0]).into_keys().filter(|path| path.contains("ens6")).collect();
    assert_eq!(left, ["70-ens6.network.d/99-theirs.conf"]);
}
