use integration_tests::fake_imds::{FakeImds, Fault, TOKEN_PATH};
use serde_json::json;

use crate::host::{Host, Ran};
use crate::trees;

#[test]
fn zero_is_done_and_nothing_to_do() {
    let host = Host::with(&trees::read("04"));
    assert_eq!(host.run(&["reconcile"]), Ran::silent(0));
    assert_eq!(host.run(&["reconcile"]), Ran::silent(0));
    // An absent link is nothing to do.
    assert_eq!(host.run(&["reconcile", "ens9"]), Ran::silent(0));
}

#[test]
fn one_is_failed() {
    let host = Host::with(&trees::read("04"));
    host.write("run", "not a directory");
    let ran = host.run(&["reconcile"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (1, ""));
    let directory = host.path("run/ec2-net/network");
    let message = format!("error: cannot read `{}`: Not a directory (os error 20)\n", directory.display());
    assert_eq!(ran.stderr, message);
}

#[test]
fn three_is_no_metadata_and_touches_nothing() {
    let imds = FakeImds::start(trees::read("04")).unwrap();
    let host = Host::new();
    let run = |verb| Ran::from(host.command().args(["--imds", &imds.url(), verb]));
    assert_eq!(run("reconcile"), Ran::silent(0));
    let before = host.stamps();

    imds.fault(TOKEN_PATH, Fault::status(403));
    let forbidden = "error: cannot read the metadata: `latest/api/token`: status 403: access to the metadata is switched off\n";
    for verb in ["reconcile", "plan", "snapshot", "hostname"] {
        let ran = run(verb);
        assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.as_str()), (3, "", forbidden), "{verb}");
    }
    assert_eq!(host.stamps(), before);

    imds.clear_faults();
    imds.remove("mac").unwrap();
    let ran = run("reconcile");
    assert_eq!(
        (ran.status, ran.stderr.as_str()),
        (3, "error: cannot read the metadata: `mac`: absent or empty\n")
    );
    assert_eq!(host.stamps(), before);
}

#[test]
fn three_is_nobody_there() {
    // The port is free again once the listener is dropped.
    let url = format!("http://{}", std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let ran = Ran::from(Host::new().command().args(["--imds", &url, "reconcile"]));
    assert_eq!((ran.status, ran.stdout.as_str()), (3, ""));
    let message = format!(
        "error: cannot read the metadata: `latest/api/token`: the metadata service gives no token ({url}: "
    );
    assert!(ran.stderr.starts_with(&message), "{}", ran.stderr);
    assert!(ran.stderr.contains("Connection refused") && ran.stderr.lines().count() == 1, "{}", ran.stderr);
}

#[test]
fn four_is_partly_done() {
    let mut tree = trees::read("04");
    trees::eni(&mut tree, "0a:75:69:92:e2:16").insert("device-number".to_owned(), json!("0"));
    let host = Host::with(&tree);
    let ran =
        host.run(&["--link", "ens5=0a:07:84:3d:6e:38", "--link", "ens6=0a:75:69:92:e2:16", "reconcile"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (4, ""));
    assert_eq!(
        ran.stderr,
        "warning: ens6 (eni-043cdce36ded5e79f): left as it is: claims device 0 of card 0, which is the primary's; \
         it has not propagated yet\n"
    );
    assert!(host.path("run/systemd/network/70-ens5.network").is_symlink());
}

#[test]
fn five_is_something_to_change() {
    let host = Host::with(&trees::read("04"));
    assert_eq!(host.run(&["plan", "--exit-code"]).status, 5);
    host.reconcile(&[]);
    assert_eq!(host.run(&["plan", "--exit-code"]).status, 0);
}
