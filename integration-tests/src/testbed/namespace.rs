//! Named network namespaces.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::host::Host;
use super::process::{run, run_with_input};

/// What the name of everything of the testbed begins with; the id of the process follows.
const PREFIX: &str = "e2n-";

/// Where ip(8) binds the namespaces that have names.
const NAMED: &str = "/run/netns";

/// A new name, unlike any that this or another process uses.
pub(crate) fn unique_id() -> String {
    static COUNTER: AtomicUsize = AtomicUsize::new(0);
    format!("{PREFIX}{}-{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed))
}

/// A network namespace with a name, deleted on drop.
pub struct Namespace {
    name: String,
}

impl Namespace {
    /// Makes the namespace, with `lo` up.
    #[track_caller]
    pub(crate) fn new(name: String) -> Self {
        run(Command::new("ip").args(["netns", "add", &name]));
        let namespace = Self { name };
        namespace.ip("link set lo up");
        // Inherited from the host.
        namespace.set("ipv4/conf/all/rp_filter", "0");
        namespace.set("ipv4/conf/default/rp_filter", "0");
        namespace
    }

    /// The name under which ip(8) knows it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs commands of ip(8) in it, one a line. An instance may have thousands of addresses.
    #[track_caller]
    pub(crate) fn ip(&self, lines: &str) {
        run_with_input(Command::new("ip").args(["-n", &self.name, "-batch", "-"]), lines);
    }

    /// Sets a value under `/proc/sys/net`.
    #[track_caller]
    pub(crate) fn set(&self, setting: &str, value: &str) {
        self.run(&["sh", "-c", "echo \"$1\" >\"/proc/sys/net/$0\"", setting, value]);
    }
}

impl Host for Namespace {
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net={NAMED}/{}", self.name)).arg("--").arg(program);
        command
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["netns", "delete", &self.name]).output();
    }
}

/// Deletes the namespaces and the directories of test processes that were killed before they
/// could do so themselves.
pub(crate) fn sweep(directory: &Path) {
    for name in orphans(Path::new(NAMED)) {
        let _ = Command::new("ip").args(["netns", "delete", &name]).output();
    }
    for name in orphans(directory) {
        let _ = fs::remove_dir_all(directory.join(name));
    }
}

/// The names in a directory that contain the id of a process that is no more.
fn orphans(directory: &Path) -> BTreeSet<String> {
    let Ok(entries) = fs::read_dir(directory) else { return BTreeSet::new() };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| owner(name).is_some_and(|pid| !Path::new("/proc").join(pid).exists()))
        .collect()
}

/// The id of the process that made the thing of this name.
fn owner(name: &str) -> Option<&str> {
    let (pid, _) = name.strip_prefix(PREFIX)?.split_once('-')?;
    (!pid.is_empty() && pid.bytes().all(|byte| byte.is_ascii_digit())).then_some(pid)
}
