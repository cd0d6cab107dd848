use crate::host::Host;
use crate::trees;

const FILE: &str = "etc/ec2-net/config.toml";

/// A file that cannot be used is named with the cause, and the run goes on with the defaults.
#[track_caller]
fn check(text: &str, causes: &[&str]) {
    let host = Host::with(&trees::read("04"));
    host.write(FILE, text);
    let ran = host.run(&["reconcile"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    let begin = format!("error: cannot use `{}`", host.path(FILE).display());
    assert!(ran.stderr.starts_with(&begin), "{}", ran.stderr);
    for cause in causes {
        assert!(ran.stderr.contains(cause), "{cause}: {}", ran.stderr);
    }
    let plain = Host::with(&trees::read("04"));
    plain.reconcile(&[]);
    assert_eq!(host.files("run"), plain.files("run"));
}

#[test]
fn an_unknown_key_is_named() {
    check("driver = [\"ena\"]\n", &["`driver`", "line 1"]);
    check("drivers = [\"ena\"]\n\n[dns]\nservers = 1\n", &["`dns`", "line 3"]);
}

#[test]
fn a_file_that_is_no_toml() {
    check("drivers = [\n", &["line 1"]);
    check("drivers = \"ena\"\n", &["line 1"]);
    check("drivers = [1]\n", &["line 1"]);
    check("\u{0}", &[]);
}

#[test]
fn a_directory_in_its_place() {
    let host = Host::with(&trees::read("04"));
    host.write("etc/ec2-net/config.toml/x", "");
    let ran = host.run(&["reconcile"]);
    let message = format!(
        "error: cannot use `{}`, so the defaults are: Is a directory (os error 21)\n",
        host.path(FILE).display()
    );
    assert_eq!((ran.status, ran.stderr), (0, message));
}

#[test]
fn a_good_file_says_nothing() {
    let host = Host::with(&trees::read("04"));
    host.write(FILE, "# which links can be ENIs\ndrivers = [\"ena\", \"veth\"]\n");
    host.reconcile(&[]);
}
