use crate::host::{Host, Ran};
use crate::trees;

const VERBS: [&str; 6] = ["reconcile", "plan", "snapshot", "hostname", "remove", "thaw"];
const OPTIONS: [&str; 6] =
    ["--root <DIR>", "--metadata <FILE>", "--link <NAME=MAC>", "--imds <URL>", "--json", "-v, --verbose"];

/// Wrong usage: status 2, nothing on stdout, and the first line of stderr.
#[track_caller]
fn check(arguments: &[&str], message: &str) {
    let ran = Ran::from(Host::new().command().args(arguments));
    assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    assert_eq!(ran.stderr.lines().next(), Some(message));
}

#[test]
fn help_of_each_verb() {
    for verb in VERBS {
        let ran = Ran::from(Host::new().command().args([verb, "--help"]));
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{verb}");
        assert!(ran.stdout.contains(&format!("Usage: ec2-net {verb}")), "{verb}: {}", ran.stdout);
        for option in OPTIONS {
            assert!(ran.stdout.contains(option), "{verb} does not tell {option}: {}", ran.stdout);
        }
    }
}

#[test]
fn help_and_version() {
    let ran = Ran::from(Host::new().command().arg("--help"));
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    for verb in VERBS {
        assert!(ran.stdout.lines().any(|line| line.trim_start().starts_with(verb)), "{verb}: {}", ran.stdout);
    }
    for status in 0..=5 {
        assert!(ran.stdout.contains(&format!("{status} ")), "status {status}: {}", ran.stdout);
    }
    let version = concat!("ec2-net ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(Ran::from(Host::new().command().arg("-V")).stdout, version);
}

#[test]
fn what_does_not_exist() {
    check(&["recon"], "error: unrecognized subcommand 'recon'");
    check(&["plan", "--bogus"], "error: unexpected argument '--bogus' found");
    check(&["plan", "ens5"], "error: unexpected argument 'ens5' found");
    check(
        &["reconcile", "../x"],
        "error: invalid value '../x' for '[IFACE]...': `../x` is not the name of a network interface",
    );
    check(&["remove"], "error: the following required arguments were not provided:");
    check(&["reconcile", "--timeout", "3"], "error: the following required arguments were not provided:");
    assert_eq!(Ran::from(&mut Host::new().command()).status, 2);
}

#[test]
fn a_link_that_is_none() {
    let link = |text: &str, reason: &str| {
        check(
            &["--link", text, "plan"],
            &format!("error: invalid value '{text}' for '--link <NAME=MAC>': {reason}"),
        );
    };
    link("ens6", "it is not NAME=MAC");
    link("ens6=zz", "`zz` is not a MAC address");
    link("ens6=02:00:00:00:00:0", "`02:00:00:00:00:0` is not a MAC address");
    link("a/b=02:00:00:00:00:01", "`a/b` is not the name of a network interface");
    link(
        "a-name-too-long-for-linux=02:00:00:00:00:01",
        "`a-name-too-long-for-linux` is not the name of a network interface",
    );
}

#[test]
fn an_endpoint_that_is_none() {
    let endpoint = |url: &str, reason: &str| {
        let message = format!("`{url}` is not an endpoint of the metadata service: {reason}");
        check(
            &["--imds", url, "plan"],
            &format!("error: invalid value '{url}' for '--imds <URL>': {message}"),
        );
    };
    endpoint("169.254.169.254", "it does not begin with `http://`");
    endpoint("https://169.254.169.254", "it does not begin with `http://`");
    endpoint("http://169.254.169.254/latest", "only a host and a port may follow `http://`");
    endpoint("http://user@169.254.169.254", "only a host and a port may follow `http://`");
}

/// One ENI cannot be two links, nor one link two ENIs.
#[test]
fn links_that_contradict_each_other() {
    let host = Host::with(&trees::read("04"));
    for links in [
        ["ens5=0a:07:84:3d:6e:38", "ens6=0a:07:84:3d:6e:38"],
        ["ens5=0a:07:84:3d:6e:38", "ens5=0a:75:69:92:e2:16"],
    ] {
        let ran = host.run(&["--link", links[0], "--link", links[1], "reconcile"]);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{links:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("--link"), "{links:?}: {}", ran.stderr);
    }
}
