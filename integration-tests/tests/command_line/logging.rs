use serde_json::json;

use crate::host::{Host, Ran};
use crate::trees;

/// A host on which ens6 is left as it is.
fn host() -> Host {
    let mut tree = trees::read("04");
    trees::eni(&mut tree, "0a:75:69:92:e2:16").insert("device-number".to_owned(), json!("100"));
    let host = Host::with(&tree);
    host.write("etc/hostname", "named\n");
    host
}

/// The log of a run with variables of the environment.
fn log(host: &Host, verb: &[&str], variables: &[(&str, &str)]) -> String {
    let mut command = host.command();
    command.arg("--metadata").arg(host.metadata()).args(verb).envs(variables.iter().copied());
    let ran = Ran::from(&mut command);
    assert_eq!(ran.stdout, "", "the log goes to stderr");
    ran.stderr
}

const LEFT: &str = "ens6 (eni-043cdce36ded5e79f): left as it is: device 100 of card 0 is beyond the numbering (100 devices a card)\n";

#[test]
fn a_line_has_its_level_in_words() {
    assert_eq!(log(&host(), &["reconcile"], &[]), format!("warning: {LEFT}"));
}

#[test]
fn under_systemd_a_line_has_its_priority() {
    let journal = &[("JOURNAL_STREAM", "8:12345")];
    assert_eq!(log(&host(), &["reconcile"], journal), format!("<4>{LEFT}"));
    let host = host();
    host.write("etc/ec2-net/config.toml", "driver = []\n");
    let log = log(&host, &["hostname", "--set", "-v"], journal);
    assert!(log.starts_with("<3>cannot use `"), "{log}");
    assert!(
        log.ends_with(&format!("<7>`{}` has a hostname, which stays\n", host.path("etc/hostname").display())),
        "{log}"
    );
    // Source: sd-daemon(3). A line without a prefix has the unit's default priority.
    assert!(log.lines().all(|line| line.starts_with("<3>") || line.starts_with("<7>")), "{log}");
}

#[test]
fn verbose_says_more() {
    let host = host();
    let stays = format!("debug: `{}` has a hostname, which stays\n", host.path("etc/hostname").display());
    assert_eq!(log(&host, &["hostname", "--set"], &[]), "");
    assert_eq!(log(&host, &["hostname", "--set", "-v"], &[]), stays);
    assert_eq!(log(&host, &["hostname", "--set", "-vv"], &[]), stays);
    assert_eq!(log(&host, &["hostname", "--set", "--verbose"], &[]), stays);
}

#[test]
fn the_variable_overrides_the_option() {
    let host = host();
    assert!(log(&host, &["hostname", "--set"], &[("EC2_NET_LOG", "debug")]).starts_with("debug: "));
    assert_eq!(log(&host, &["reconcile"], &[("EC2_NET_LOG", "off")]), "");
    assert_eq!(log(&host, &["reconcile"], &[("EC2_NET_LOG", "error")]), "");
    assert_eq!(log(&host, &["hostname", "--set", "-v"], &[("EC2_NET_LOG", "info")]), "");
}

/// A level that is none is no reason to stop.
#[test]
fn a_variable_that_is_no_filter() {
    let host = host();
    log(&host, &["reconcile"], &[("EC2_NET_LOG", "a=b=c")]);
    assert!(host.path("run/systemd/network/70-ens5.network").is_symlink());
}
