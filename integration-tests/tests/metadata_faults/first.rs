//! Faults during the first configuration of an ENI. Report C2: an empty configuration was installed.

use std::fs;

use integration_tests::fake_imds::{FakeImds, Fault};
use serde_json::json;

use crate::host::Host;
use crate::instance::{CARD, KEYS, PRIMARY, SECOND, THIRD, tree};
use crate::matrix::{check, common_trials, trials};
use crate::trial::configured;

#[test]
fn c2_no_fault_at_any_key_configures_half_an_eni() {
    let mut keys = KEYS.to_vec();
    keys.push(CARD);
    check("an ENI at first", &trials(SECOND, &keys, true), 13 * 10);
}

#[test]
fn c2_no_fault_of_the_whole_instance_configures_anything() {
    check("an instance at first", &common_trials(true), 13 * 3);
}

/// Report S2: metadata text was written into files unchecked.
#[test]
fn s2_nothing_malformed_is_ever_written() {
    let lines = [
        "10.0.1.999/28",
        "10.0.1.64/33",
        "10.0.1.64/28 [Route]",
        "10.0.1.64/28;Table=1",
        "10.0.1.64/28\r[Route]",
        "%i/28",
        "0.0.0.0/0",
        "10.0.1.64",
        "10.0.1.64/+28",
        "::ffff:10.0.1.64/28",
        "[Route]",
        "Gateway=10.0.1.66",
    ];
    let sound = FakeImds::start(tree()).unwrap();
    let sound_lines = ["10.0.1.48/28", "10.0.1.80/28"];
    sound.set(&SECOND.path("ipv4-prefix"), json!(sound_lines)).unwrap();
    let expected = configured(&sound).files();
    for line in lines {
        let imds = FakeImds::start(tree()).unwrap();
        imds.set(&SECOND.path("ipv4-prefix"), json!([sound_lines[0], line, sound_lines[1]])).unwrap();
        let host = Host::new();
        let run = host.run(&imds.url(), &["reconcile"]);
        let files = host.files();
        assert!([0, 4].contains(&run.status) && !run.stderr.is_empty(), "{line:?}: {run:?}");
        let own = files.of(SECOND);
        assert!(own.is_empty() || own.contents() == expected.of(SECOND).contents(), "{line:?}: {own:?}");
        for eni in [PRIMARY, THIRD] {
            assert_eq!(files.of(eni).contents(), expected.of(eni).contents(), "{line:?}");
        }
    }
}

/// What a failed first run leaves is nothing that networkd could read.
#[test]
fn c2_an_eni_without_a_complete_answer_has_no_files_at_all() {
    let imds = FakeImds::start(tree()).unwrap();
    imds.fault(&SECOND.path("subnet-ipv6-cidr-blocks"), Fault::status(404));
    let host = Host::new();
    assert_eq!(host.run(&imds.url(), &["reconcile"]).status, 4);
    assert!(host.files().of(SECOND).is_empty());
    assert!(!host.files().of(PRIMARY).is_empty());
    assert!(!host.files().of(THIRD).is_empty());
}

/// The service and a file with the same tree make the same files.
#[test]
fn a_file_and_the_service_configure_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("tree.json");
    fs::write(&file, tree().to_string()).unwrap();
    let imds = FakeImds::start(tree()).unwrap();
    let (by_file, by_service) = (Host::new(), Host::new());
    assert_eq!(by_file.run_with_file(&file, &["reconcile"]).status, 0);
    assert_eq!(by_service.run(&imds.url(), &["reconcile"]).status, 0);
    assert_eq!(by_file.files().contents(), by_service.files().contents());
}
