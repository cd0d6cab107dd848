//! Files under our names that we did not write: they stay, are named, and hold nobody else back.

use std::fs;
use std::os::unix::fs::symlink;

use crate::host::{Host, TREES};
use crate::trees;

const THEIRS: &str = "[Match]\nName=ens6\n\n[Network]\nAddress=192.0.2.1/24\n";

/// The links, which nothing may rename.
const LINKS: [&str; 4] = ["--link", "ens5=0a:07:84:3d:6e:38", "--link", "ens6=0a:75:69:92:e2:16"];

/// What lies at `path` stays; ens6 is left, ens5 is done.
#[track_caller]
fn check(host: &Host, path: &str) {
    let place = host.path(path);
    let before = host.files("");
    let ran = host.run(&[&["reconcile"], &LINKS[..]].concat());
    assert_eq!((ran.status, ran.stdout.as_str()), (4, ""), "{}", ran.stderr);
    let message = format!(
        "warning: ens6 (eni-043cdce36ded5e79f): left as it is: `{}` was not written by ec2-net; move it away or switch ec2-net off\n",
        place.display()
    );
    assert_eq!(ran.stderr, message);
    let after = host.files("");
    let of = |name: &str| after.keys().filter(|file| file.contains(name)).collect::<Vec<_>>();
    assert_eq!(of("ens6"), before.keys().filter(|file| file.contains("ens6")).collect::<Vec<_>>());
    assert_eq!(
        before.iter().filter(|(file, text)| after.get(*file) != Some(*text)).count(),
        0,
        "lost: {after:?}"
    );
    assert_eq!(of("70-ens5.network").len(), 6, "{after:?}");

    let plan = host.plan(&LINKS);
    assert_eq!(
        (&plan["interfaces"][1]["name"], &plan["interfaces"][1]["state"]),
        (&"ens6".into(), &"left".into())
    );
    assert_eq!(plan["files"], serde_json::json!([]));
    let ran = host.run(&["remove", "ens6"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (1, ""));
    assert_eq!(ran.stderr, format!("error: `{}` was not written by ec2-net, and stays\n", place.display()));
    assert_eq!(host.files(""), after);
}

#[test]
fn a_network_file() {
    let host = Host::with(&trees::read("04"));
    host.write("run/systemd/network/70-ens6.network", THEIRS);
    check(&host, "run/systemd/network/70-ens6.network");
}

#[test]
fn a_drop_in_without_our_header() {
    for (top, file) in [(TREES[0], "eni.conf"), (TREES[0], "ec2net_policy_4.conf"), (TREES[1], "eni.conf")] {
        let host = Host::with(&trees::read("04"));
        let path = format!("{top}/70-ens6.network.d/{file}");
        host.write(&path, THEIRS);
        check(&host, &path);
    }
}

#[test]
fn a_directory_in_the_place_of_a_drop_in() {
    let host = Host::with(&trees::read("04"));
    host.write("run/systemd/network/70-ens6.network.d/eni.conf/x", "");
    check(&host, "run/systemd/network/70-ens6.network.d/eni.conf");
}

#[test]
fn a_drop_in_that_is_a_link() {
    let host = Host::with(&trees::read("04"));
    host.write("etc/theirs.conf", THEIRS);
    fs::create_dir_all(host.path("run/systemd/network/70-ens6.network.d")).unwrap();
    symlink("/etc/theirs.conf", host.path("run/systemd/network/70-ens6.network.d/eni.conf")).unwrap();
    check(&host, "run/systemd/network/70-ens6.network.d/eni.conf");
}

/// systemd's way to switch a file off, or somebody's own choice of a file, is no link to a base file.
#[test]
fn a_link_to_something_else() {
    for target in ["/dev/null", "/etc/systemd/network/10-theirs.network"] {
        let host = Host::with(&trees::read("04"));
        fs::create_dir_all(host.path(TREES[0])).unwrap();
        symlink(target, host.path("run/systemd/network/70-ens6.network")).unwrap();
        check(&host, "run/systemd/network/70-ens6.network");
    }
}

/// An ENI that was configured before the file came.
#[test]
fn a_file_that_comes_later() {
    let host = Host::with(&trees::read("04"));
    host.reconcile(&[]);
    fs::remove_file(host.path("run/systemd/network/70-ens6.network")).unwrap();
    host.write("run/systemd/network/70-ens6.network", THEIRS);
    check(&host, "run/systemd/network/70-ens6.network");
}

/// Files of other names, and drop-ins beside ours, are nobody's business.
#[test]
fn other_files_stay() {
    let theirs = [
        "run/systemd/network/10-theirs.network",
        "run/systemd/network/70-ens6.network.d/99-theirs.conf",
        "run/systemd/network/70-.network",
        "run/systemd/network/70-bridge.network",
        "run/systemd/network/71-ens6.network.d/eni.conf",
        "etc/systemd/network/70-ens6.network.d/eni.conf",
    ];
    let host = Host::with(&trees::read("04"));
    for path in theirs {
        host.write(path, THEIRS);
    }
    host.reconcile(&[]);
    host.reconcile(&[]);
    let files = host.files("");
    assert!(theirs.iter().all(|path| files[*path] == THEIRS), "{files:?}");
    assert!(files.contains_key("run/systemd/network/70-ens6.network"));
}
