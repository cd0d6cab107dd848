//! What the testbed needs of the host, and what happens when it is not there.

use std::env;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The programs, found along `PATH`.
const PROGRAMS: [&str; 11] = [
    "bridge",
    "busctl",
    "dbus-daemon",
    "dnsmasq",
    "ip",
    "mount",
    "networkctl",
    "nft",
    "nsenter",
    "ping",
    "unshare",
];

/// Where distributions put networkd.
const NETWORKD: [&str; 2] = ["/usr/lib/systemd/systemd-networkd", "/lib/systemd/systemd-networkd"];

/// Set where a test that can not run is a failure, as in CI.
const NO_SKIP: &str = "EC2_NET_NO_SKIP";

/// Whether the testbed can work here. When it can not, says so on standard error itself, past the
/// capture of the test harness; with `EC2_NET_NO_SKIP` in the environment it panics instead.
#[track_caller]
pub fn require_root(test: &str) -> bool {
    static MISSING: OnceLock<Option<String>> = OnceLock::new();
    MISSING.get_or_init(missing).as_ref().is_none_or(|missing| skip(test, missing))
}

/// Whether a test has the programs that it needs. When it has not, this is as with [`require_root`].
#[track_caller]
pub fn require_programs(test: &str, programs: &[&str]) -> bool {
    let missing = programs.iter().find(|program| !is_program(program));
    missing.is_none_or(|program| skip(test, &format!("the program `{program}`")))
}

/// Says that a test is skipped, which is a failure where nothing may be; never true.
#[track_caller]
fn skip(test: &str, missing: &str) -> bool {
    assert!(env::var_os(NO_SKIP).is_none(), "{test} can not run: needs {missing}, and `{NO_SKIP}` is set");
    let line = format!("SKIPPED {test}: needs {missing}\n");
    // print! and eprint! are captured, and shown for failed tests only.
    let _ = std::io::stderr().write_all(line.as_bytes());
    false
}

/// The path of this host's systemd-networkd.
pub(crate) fn networkd() -> Option<&'static str> {
    NETWORKD.into_iter().find(|path| Path::new(path).exists())
}

/// What is missing, in words.
fn missing() -> Option<String> {
    // The owner of a process's directory is its effective user.
    if fs::metadata("/proc/self").map_or(u32::MAX, |metadata| metadata.uid()) != 0 {
        return Some("root".to_owned());
    }
    if let Some(program) = PROGRAMS.into_iter().find(|program| !is_program(program)) {
        return Some(format!("root and the program `{program}`"));
    }
    if networkd().is_none() {
        return Some(format!("root and `{}`", NETWORKD[0]));
    }
    let unshare = Command::new("unshare").args(["--net", "--mount", "true"]).output();
    let is_allowed = unshare.is_ok_and(|output| output.status.success());
    (!is_allowed).then(|| "root that may make namespaces".to_owned())
}

/// Whether `PATH` leads to this program.
fn is_program(name: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).map(|directory: PathBuf| directory.join(name)).any(|file| file.exists())
}
