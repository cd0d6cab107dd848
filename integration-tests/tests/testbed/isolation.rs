//! The host is not touched, and nothing is left.

use std::path::PathBuf;

use integration_tests::testbed::{Host, Instance, Vpc, require_root};

use crate::fixture::{primary, running, subnet};

#[test]
fn the_host_is_not_changed() {
    if !require_root("the_host_is_not_changed") {
        return;
    }
    let vpc = Vpc::new(&[]);
    let instance = Instance::new(&vpc);
    let files = ["/run/e2n-trace", "/etc/e2n-trace", "/usr/lib/systemd/network/e2n-trace"].map(PathBuf::from);
    for file in &files {
        instance.write(&file.display().to_string(), "");
        assert!(!file.exists(), "`{}` is on the host", file.display());
    }
    assert!(!instance.command("touch").arg("/sys/kernel/mm/e2n").output().unwrap().status.success());
    assert_eq!(instance.text(&["ls", "/sys/class/net"]), "lo\n");
}

#[test]
fn nothing_is_left_after_a_panic() {
    if !require_root("nothing_is_left_after_a_panic") {
        return;
    }
    let (send, receive) = std::sync::mpsc::channel();
    let test = std::thread::spawn(move || {
        let (vpc, instance) = running(subnet(), &primary());
        let inside = instance.text(&["readlink", "/proc/self/ns/net"]);
        let names = [vpc.router().name(), vpc.peer().name()].map(str::to_owned);
        send.send((inside.trim().to_owned(), names, vpc.directory().to_path_buf())).unwrap();
        panic!("as a failed test does");
    });
    let (inside, names, directory) = receive.recv().unwrap();
    assert!(test.join().is_err());
    assert!(!directory.exists());
    for name in names {
        assert!(!PathBuf::from("/run/netns").join(&name).exists(), "`{name}` is left");
    }
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let left = processes.filter(|process| {
        std::fs::read_link(process.path().join("ns/net")).is_ok_and(|net| net.to_string_lossy() == inside)
    });
    assert_eq!(left.count(), 0, "a process is left in {inside}");
}
