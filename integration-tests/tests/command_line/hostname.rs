use std::fs;

use integration_tests::fake_imds::{FakeImds, Fault};
use serde_json::{Value, json};

use crate::host::{Host, Ran};
use crate::trees;

const KEY: &str = "local-hostname";

/// The hostname of this machine, which no test may change.
fn of_this_machine() -> String {
    fs::read_to_string("/proc/sys/kernel/hostname").unwrap()
}

fn host(value: &Value) -> Host {
    let mut tree = trees::read("04");
    tree[KEY] = value.clone();
    Host::with(&tree)
}

#[track_caller]
fn check(value: &Value, expected: &str) {
    assert_eq!(host(value).run(&["hostname"]), Ran { stdout: format!("{expected}\n"), ..Ran::silent(0) });
}

#[track_caller]
fn check_invalid(value: &str, shown: &str) {
    let ran = host(&json!(value)).run(&["hostname"]);
    let message = format!(
        "error: cannot use the metadata's `local-hostname`: `{shown}` is not a host name of at most 64 characters\n"
    );
    assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr), (1, "", message));
}

#[test]
fn of_each_scenario() {
    for name in trees::names() {
        let tree = trees::read(&name);
        if let Some(hostname) = tree[KEY].as_str() {
            let ran = Host::with(&tree).run(&["hostname"]);
            assert_eq!(ran, Ran { stdout: format!("{hostname}\n"), ..Ran::silent(0) }, "{name}");
        }
    }
}

#[test]
fn the_first_of_several_without_the_dot_at_its_end() {
    check(&json!("ip-10-0-0-1.ec2.internal."), "ip-10-0-0-1.ec2.internal");
    check(&json!("ip-10-0-0-1.ec2.internal. other.example.com."), "ip-10-0-0-1.ec2.internal");
    check(&json!("one.example.com\ttwo.example.com"), "one.example.com");
    check(&json!("one.example.com\n"), "one.example.com");
    check(&json!("HOST-1"), "HOST-1");
}

#[test]
fn the_first_of_several_lines() {
    check(&json!(["one.example.com.", "two.example.com"]), "one.example.com");
}

#[test]
fn what_is_no_hostname() {
    check_invalid("a_b", "a_b");
    check_invalid("-a.example.com", "-a.example.com");
    check_invalid("..", "..");
    check_invalid("<?xml", "<?xml");
    check_invalid("a;reboot", "a;reboot");
    check_invalid("a\u{1b}[2J", "a\\u{1b}[2J");
    let long = format!("{}.example.com", "a".repeat(60));
    check_invalid(&long, &long);
}

#[test]
fn none_at_all() {
    let mut tree = trees::read("04");
    tree.as_object_mut().unwrap().remove(KEY);
    for tree in [&tree, &{
        let mut empty = tree.clone();
        empty[KEY] = json!("");
        empty
    }] {
        let ran = Host::with(tree).run(&["hostname"]);
        assert!(matches!(ran.status, 1 | 3) && ran.stdout.is_empty(), "{ran:?}");
        assert_eq!(ran.stderr, "error: the metadata has no `local-hostname`\n");
    }
}

#[test]
fn from_the_service() {
    let imds = FakeImds::start(trees::read("04")).unwrap();
    let host = Host::new();
    let run = || Ran::from(host.command().args(["--imds", &imds.url(), "hostname"]));
    imds.set(KEY, "one.example.com. two.example.com").unwrap();
    assert_eq!(run(), Ran { stdout: "one.example.com\n".to_owned(), ..Ran::silent(0) });
    assert_eq!((imds.counters().tokens, imds.counters().total), (1, 2), "a token and the key");
    imds.fault(KEY, Fault::status(403));
    let ran = run();
    assert_eq!((ran.status, ran.stdout.as_str()), (3, ""));
    assert_eq!(
        ran.stderr,
        "error: cannot read the metadata: `local-hostname`: status 403: access to the metadata is switched off\n"
    );
}

#[test]
fn set_in_another_root_touches_neither_the_machine_nor_a_file() {
    let before = of_this_machine();
    let host = host(&json!("ip-10-9-9-9.ec2.internal"));
    for content in [None, Some(""), Some("\n"), Some("# none\n"), Some("named.example.com\n")] {
        if let Some(content) = content {
            host.write("etc/hostname", content);
        }
        let stamps = host.stamps();
        assert_eq!(host.run(&["hostname", "--set"]), Ran::silent(0), "{content:?}");
        assert_eq!(host.stamps(), stamps, "{content:?}");
        assert_eq!(of_this_machine(), before, "{content:?}");
    }
}

/// What the administrator has chosen is not even asked about.
#[test]
fn set_asks_nobody_where_there_is_a_hostname() {
    let imds = FakeImds::start(trees::read("04")).unwrap();
    let host = Host::new();
    host.write("etc/hostname", "named\n");
    assert_eq!(Ran::from(host.command().args(["--imds", &imds.url(), "hostname", "--set"])), Ran::silent(0));
    assert_eq!(imds.counters().total, 0);
}

#[test]
fn set_refuses_what_is_no_hostname() {
    assert_eq!(host(&json!("a_b")).run(&["hostname", "--set"]).status, 1);
}
