//! The man pages and completions, and that they say what the programs say of themselves.

#![allow(clippy::panic, clippy::unwrap_used, reason = "the helpers of a test may panic as its cases do")]

mod changelog;
mod completions;
mod help;
mod pages;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use integration_tests::program;
use tempfile::TempDir;

/// Makes all documents.
fn documents() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let output = Command::new(program::documents()).arg(directory.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!((output.stdout, output.stderr), (Vec::new(), Vec::new()));
    directory
}

/// The files below a directory, by their path in it.
fn files(directory: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(next) = directories.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else {
                let name = path.strip_prefix(directory).unwrap().to_str().unwrap().to_owned();
                files.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}

#[test]
fn every_file_is_where_its_reader_looks_and_no_other() {
    let mut expected = vec!["man/man5/ec2-net-config.5".to_owned()];
    for command in help::commands() {
        expected.push(format!("man/man8/{}.8", command.name));
        expected.extend(command.verbs.iter().map(|verb| format!("man/man8/{}-{verb}.8", command.name)));
        expected.push(format!("completions/bash/{}", command.name));
        expected.push(format!("completions/zsh/_{}", command.name));
        expected.push(format!("completions/fish/{}.fish", command.name));
    }
    expected.sort_unstable();
    assert_eq!(files(documents().path()).into_keys().collect::<Vec<_>>(), expected);
}

/// A package that is built again is the same, wherever and whenever.
#[test]
fn the_documents_are_reproducible() {
    let (one, other) = (documents(), documents());
    let files_of_one = files(one.path());
    assert_eq!(files_of_one, files(other.path()));
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_str().unwrap();
    for (name, text) in files_of_one {
        for path in [workspace, one.path().to_str().unwrap()] {
            assert!(!text.contains(path), "{name} has {path}");
        }
    }
}

#[test]
fn without_a_directory_it_is_wrong_usage() {
    let output = Command::new(program::documents()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "usage: documents DIR\n");
}
