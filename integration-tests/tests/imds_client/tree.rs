//! A JSON file of a whole tree answers as the service with that tree does.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use imds_client::{Answer, Metadata, Tree};
use integration_tests::fake_imds::{FakeImds, Settings};
use serde_json::Value;

use crate::fixture::{metadata, options};

/// All that can be read below a directory, as pairs of key and answer.
fn crawl(metadata: &mut Metadata, directory: &str, found: &mut Vec<(String, Answer<String>)>) {
    let index = metadata.index(directory).unwrap();
    found.push((directory.to_owned(), metadata.text(directory).unwrap()));
    for entry in index.value().unwrap_or_default() {
        let key = format!("{directory}{}", entry.name);
        if entry.is_directory {
            crawl(metadata, &format!("{key}/"), found);
        } else {
            found.push((key.clone(), metadata.text(&key).unwrap()));
        }
    }
}

fn scenarios() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let entries = fs::read_dir(directory).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path().join("metadata.json")).collect();
    files.sort();
    files
}

/// Without the timeline, which only a service can have.
fn read(file: &Path) -> Value {
    let mut tree: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    tree.as_object_mut().unwrap().remove("timeline");
    tree
}

#[test]
fn every_key_of_every_scenario_is_the_same_from_both() {
    assert!(!scenarios().is_empty());
    for file in scenarios() {
        let tree = read(&file);
        let mut of_file = Metadata::from(tree.to_string().parse::<Tree>().unwrap());
        let imds = FakeImds::start(tree).unwrap();
        imds.settings(Settings { keep_alive: true, ..Settings::default() });
        let mut of_service = metadata(options(&imds).with_patience(Duration::from_secs(10)));
        let (mut left, mut right) = (Vec::new(), Vec::new());
        crawl(&mut of_file, "", &mut left);
        crawl(&mut of_service, "", &mut right);
        assert!(left.len() > 10, "{}", file.display());
        assert_eq!(left, right, "{}", file.display());
        assert_eq!(imds.counters().tokens, 1);
    }
}

#[test]
fn what_is_absent_from_one_is_absent_from_the_other() {
    let tree = read(&scenarios()[0]);
    let mut of_file = Metadata::from(tree.to_string().parse::<Tree>().unwrap());
    let imds = FakeImds::start(tree).unwrap();
    let mut of_service = metadata(options(&imds));
    for key in
        ["absent", "absent/", "mac/", "mac/absent", "network/absent", "source", "timeline", "source/kind"]
    {
        assert_eq!(of_file.text(key), Ok(Answer::Absent), "{key}");
        assert_eq!(of_service.text(key), Ok(Answer::Absent), "{key}");
    }
}

#[test]
fn c2_an_empty_list_is_empty_in_both() {
    let tree = serde_json::json!({"list": [], "text": "", "directory": {}});
    let mut of_file = Metadata::from(tree.to_string().parse::<Tree>().unwrap());
    let imds = FakeImds::start(tree).unwrap();
    let mut of_service = metadata(options(&imds));
    for key in ["list", "text", "directory/"] {
        assert_eq!(of_file.text(key), Ok(Answer::Empty), "{key}");
        assert_eq!(of_service.text(key), Ok(Answer::Empty), "{key}");
    }
}
