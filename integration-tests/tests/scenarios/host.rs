//! A host that is a directory: with `--root` a run is offline, so no test needs root, systemd or EC2.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use integration_tests::program;
use serde_json::Value;
use tempfile::TempDir;

/// Where networkd reads, and the record of what is owned.
pub(crate) const TREES: [&str; 2] = ["run/systemd/network", "run/ec2-net/network"];

/// A root directory, and a metadata file beside it.
pub(crate) struct Host(TempDir);

/// How a program ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Host {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("root")).unwrap();
        Self(directory)
    }

    /// A host whose instance is described by `tree`.
    pub(crate) fn with(tree: &Value) -> Self {
        let host = Self::new();
        host.set_metadata(&tree.to_string());
        host
    }

    pub(crate) fn set_metadata(&self, json: &str) {
        fs::write(self.metadata(), json).unwrap();
    }

    /// The metadata file.
    pub(crate) fn metadata(&self) -> PathBuf {
        self.0.path().join("metadata.json")
    }

    /// The place of `path`, without a slash at its beginning, below the root directory.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join("root").join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// `ec2-net`, which does not look at the metadata file.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(program::ec2_net());
        command.arg("--root").arg(self.path("")).env_remove("JOURNAL_STREAM").env_remove("EC2_NET_LOG");
        command
    }

    /// Runs `ec2-net` with the metadata file.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command().arg("--metadata").arg(self.metadata()).args(arguments))
    }

    /// Configures everything, which has to succeed and to say nothing.
    #[track_caller]
    pub(crate) fn reconcile(&self, arguments: &[&str]) {
        assert_eq!(self.run(&[&["reconcile"], arguments].concat()), Ran::silent(0));
    }

    /// What `plan --json` prints, whatever its status is.
    pub(crate) fn plan(&self, arguments: &[&str]) -> Value {
        let ran = self.run(&[&["plan", "--json"], arguments].concat());
        serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:?}"))
    }

    /// Every file below a directory by its relative path: its text, or `-> TARGET` of a symbolic link.
    pub(crate) fn files(&self, directory: &str) -> BTreeMap<String, String> {
        let top = self.path(directory);
        let text = |path: &Path| match fs::read_link(path) {
            Ok(target) => format!("-> {}", target.display()),
            Err(_) => fs::read_to_string(path).unwrap(),
        };
        let entries = walk(&top).into_iter().filter(|path| path.is_symlink() || !path.is_dir());
        entries.map(|path| (relative(&path, &top), text(&path))).collect()
    }

    /// What tells whether somebody has touched anything: inode, size and time of every file and directory.
    pub(crate) fn stamps(&self) -> BTreeMap<String, (u64, u64, i64, i64)> {
        let top = self.path("");
        let stamp = |path: &Path| {
            let stat = fs::symlink_metadata(path).unwrap();
            (stat.ino(), stat.size(), stat.mtime(), stat.mtime_nsec())
        };
        walk(&top).into_iter().map(|path| (relative(&path, &top), stamp(&path))).collect()
    }
}

impl Ran {
    pub(crate) fn from(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        // A program that a signal ended has no status.
        let status = output.status.code().unwrap_or(-1);
        Self { status, stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    pub(crate) fn silent(status: i32) -> Self {
        Self { status, stdout: String::new(), stderr: String::new() }
    }
}

fn walk(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(walk(&path));
        }
        found.push(path);
    }
    found
}

fn relative(path: &Path, top: &Path) -> String {
    OsStr::to_str(path.strip_prefix(top).unwrap().as_os_str()).unwrap().to_owned()
}
