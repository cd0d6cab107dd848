use integration_tests::fake_imds::{FakeImds, Fault};
use serde_json::{Value, json};

use crate::host::{Host, Ran};
use crate::trees;

/// A tree with a secret wherever the service has one.
fn with_secrets() -> Value {
    let mut tree = trees::read("11");
    let credentials = "{\n  \"AccessKeyId\" : \"SECRET\",\n  \"SecretAccessKey\" : \"SECRET\",\n  \"Token\" : \"SECRET\"\n}";
    tree["iam"] =
        json!({"info": "{\"InstanceProfileId\": \"SECRET\"}", "security-credentials": {"role": credentials}});
    tree["identity-credentials"] =
        json!({"ec2": {"info": "{}", "security-credentials": {"ec2-instance": credentials}}});
    tree["managed-ssh-keys"] = json!({"active-keys": {"root": "SECRET"}, "signer-cert": "SECRET"});
    tree["public-keys"] = json!({"0=SECRET": {"openssh-key": "ssh-ed25519 SECRET"}});
    tree["tags"] = json!({"instance": {"Name": "web", "b+c=d.e:f@g_h-i": "x"}});
    tree
}

fn snapshot(host: &Host, imds: &FakeImds) -> Ran {
    Ran::from(host.command().args(["--imds", &imds.url(), "snapshot"]))
}

#[test]
fn holds_no_secret_and_does_not_even_ask_for_one() {
    let imds = FakeImds::start(with_secrets()).unwrap();
    let ran = snapshot(&Host::new(), &imds);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    assert!(!ran.stdout.contains("SECRET"), "{}", ran.stdout);
    let asked = imds.counters();
    let secret =
        |path: &String| path.contains("credentials") || path.contains("iam") || path.contains("-key");
    assert!(!asked.requests.keys().any(secret), "{:?}", asked.requests);

    let host = Host::with(&with_secrets());
    let ran = host.run(&["snapshot"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(!ran.stdout.contains("SECRET"), "{}", ran.stdout);
}

/// Source: EC2 User Guide, the characters of tags in the instance metadata.
#[test]
fn holds_the_tags_whatever_their_keys_are() {
    let tree = json!({"mac": "x", "tags": {"instance": {"Name": "web", "a,b+c=d.e:f@g_h-i": "x"}}});
    let ran = snapshot(&Host::new(), &FakeImds::start(tree.clone()).unwrap());
    assert_eq!(serde_json::from_str::<Value>(&ran.stdout).unwrap(), tree, "{}", ran.stderr);
}

#[test]
fn stands_in_for_the_service() {
    for number in ["01", "02", "04", "05", "08", "10", "11", "17"] {
        let imds = FakeImds::start(trees::read(number)).unwrap();
        let host = Host::new();
        let of_service = Ran::from(host.command().args(["--imds", &imds.url(), "--json", "plan"]));
        let ran = snapshot(&host, &imds);
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{number}");
        host.set_metadata(&ran.stdout);
        let of_snapshot = host.run(&["--json", "plan"]);
        assert_eq!(of_snapshot, of_service, "{number}");
        assert_eq!(host.run(&["snapshot"]), ran, "{number}: a snapshot of the snapshot");
        assert_eq!((of_service.status, of_service.stderr.as_str()), (0, ""), "{number}");
    }
}

/// It describes a broken instance too: what cannot be read is left out and named.
#[test]
fn leaves_out_what_cannot_be_read() {
    let imds = FakeImds::start(trees::read("01")).unwrap();
    imds.fault("placement/region", Fault::status(403));
    imds.fault("services/", Fault::body("<html>\n"));
    let ran = snapshot(&Host::new(), &imds);
    assert_eq!(ran.status, 4);
    let lines: Vec<&str> = ran.stderr.lines().collect();
    assert_eq!(lines.len(), 2, "{}", ran.stderr);
    assert_eq!(
        lines[0],
        "warning: left out: `placement/region`: status 403: access to the metadata is switched off"
    );
    assert!(lines[1].starts_with("warning: left out: `services/`: `<html>` is malformed"), "{}", lines[1]);
    let tree: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(tree["placement"].get("region"), None);
    assert_eq!(tree["placement"]["availability-zone"], "ap-southeast-1b");
}

#[test]
fn keeps_lists_and_values_apart() {
    let imds =
        FakeImds::start(json!({"mac": "x", "list": ["a", "b"], "empty": "", "directory": {}})).unwrap();
    let ran = snapshot(&Host::new(), &imds);
    let tree: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(tree, json!({"mac": "x", "list": ["a", "b"], "empty": "", "directory": {}}));
}
