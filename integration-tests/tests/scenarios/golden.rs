//! The files of each scenario, byte for byte as in its folder `expected`.
//!
//! `UPDATE_GOLDEN=1` rewrites those folders; the difference is to be read. A symbolic link is a line of the list
//! `links`. Of the scenario with 80 ENIs only the first two and the last are kept, and the list of all links:
//! `files_oracle` reads the files of all of them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use networkd_config::NetworkFile;

use crate::host::{Host, TREES};
use crate::trees;

/// The list of the symbolic links of a scenario.
const LINKS: &str = "links";
/// Files above which a scenario is kept in part.
const MANY: usize = 100;
/// The interfaces that are kept of it.
const SAMPLE: [&str; 3] = ["70-ens5.", "70-ens6.", "70-ens84."];

#[test]
fn the_files_of_each_scenario_are_the_golden_ones() {
    let update = env::var_os("UPDATE_GOLDEN").is_some();
    for name in trees::names() {
        let golden = Path::new(trees::FOLDER).join(&name).join("expected");
        let files = folded(&written(&name));
        if update {
            store(&golden, &files);
        }
        let expected = load(&golden, Path::new(""));
        let paths = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(paths(&files), paths(&expected), "{name}: other files; UPDATE_GOLDEN=1 rewrites them");
        for (path, text) in &files {
            assert_eq!(*text, expected[path], "{name}/{path}; UPDATE_GOLDEN=1 rewrites it");
        }
        check_syntax(&name, &expected);
    }
}

/// Every golden file is one of networkd's, in the one spelling.
#[track_caller]
fn check_syntax(name: &str, files: &BTreeMap<String, String>) {
    for (path, text) in files.iter().filter(|(path, _)| *path != LINKS) {
        let file = text.parse::<NetworkFile>().unwrap_or_else(|error| panic!("{name}/{path}: {error}"));
        assert_eq!(file.to_string(), *text, "{name}/{path}");
    }
}

/// What a first run writes for a scenario: the same in both trees.
fn written(name: &str) -> BTreeMap<String, String> {
    let host = Host::with(&trees::read(name));
    host.reconcile(&[]);
    let [copies, truth] = TREES.map(|directory| host.files(directory));
    assert_eq!(copies, truth, "{name}");
    copies
}

fn folded(files: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut links = String::new();
    let mut texts = BTreeMap::new();
    for (path, text) in files {
        if text.starts_with("-> ") {
            writeln!(links, "{path} {text}").unwrap();
        } else if files.len() < MANY || SAMPLE.iter().any(|sample| path.starts_with(sample)) {
            texts.insert(path.clone(), text.clone());
        }
    }
    texts.insert(LINKS.to_owned(), links);
    texts
}

fn store(directory: &Path, files: &BTreeMap<String, String>) {
    let _ = fs::remove_dir_all(directory);
    for (path, text) in files {
        let path = directory.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn load(top: &Path, below: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(top.join(below)).into_iter().flatten() {
        let path: PathBuf = below.join(entry.unwrap().file_name());
        if top.join(&path).is_dir() {
            files.extend(load(top, &path));
        } else {
            files.insert(path.to_str().unwrap().to_owned(), fs::read_to_string(top.join(&path)).unwrap());
        }
    }
    files
}
