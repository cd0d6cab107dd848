//! The programs of `ec2-net-cli`, built from the sources as they are.
//!
//! Cargo tells a test the path of a program only if both are in one package, and builds it only then. Hence a test
//! of another package that needs a program has it built here: into the test's own target directory, in its own
//! profile, and once per process, which takes a moment when nothing has changed.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

const PACKAGE: &str = "ec2-net-cli";
/// The workspace of these sources.
pub(crate) const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The path of `ec2-net`.
///
/// # Panics
/// When it cannot be built.
pub fn ec2_net() -> PathBuf {
    directory().join("ec2-net")
}

/// The path of `setup-policy-routes`.
///
/// # Panics
/// When it cannot be built.
pub fn setup_policy_routes() -> PathBuf {
    directory().join("setup-policy-routes")
}

/// The path of `set-hostname-imds`.
///
/// # Panics
/// When it cannot be built.
pub fn set_hostname_imds() -> PathBuf {
    directory().join("set-hostname-imds")
}

/// The path of `fake-imds`, which Cargo builds for the tests of this package.
pub fn fake_imds() -> PathBuf {
    profile_directory().join("fake-imds")
}

/// The path of `tcp-flow`, which Cargo builds for the tests of this package.
pub fn tcp_flow() -> PathBuf {
    profile_directory().join("tcp-flow")
}

/// The target directory of the workspace.
pub(crate) fn target_directory() -> PathBuf {
    profile_directory().parent().unwrap_or(Path::new("/")).to_owned()
}

/// The path of the example `documents`, which makes man pages and completions.
///
/// # Panics
/// When it cannot be built.
pub fn documents() -> PathBuf {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    DIRECTORY.get_or_init(|| build(&["--example", "documents"])).join("examples/documents")
}

/// Where the programs are, built when it is asked first.
fn directory() -> &'static Path {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    DIRECTORY.get_or_init(|| build(&["--bins"]))
}

/// Builds some of the package's targets, and says where they are.
fn build(targets: &[&str]) -> PathBuf {
    let directory = profile_directory();
    let (Some(target), Some(name)) = (directory.parent(), directory.file_name()) else {
        fail(&format!("`{}` is no directory of a target directory", directory.display()));
    };
    // The profiles `dev` and `test` share a directory that has neither's name.
    let profile = if name == "debug" { "dev".as_ref() } else { name };
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(WORKSPACE).args(["build", "--quiet", "--package", PACKAGE]).args(targets);
    cargo.arg("--target-dir").arg(target).arg("--profile").arg(profile);
    match cargo.output() {
        Ok(output) if output.status.success() => directory,
        Ok(output) => fail(&format!("{}\n{}", output.status, String::from_utf8_lossy(&output.stderr))),
        Err(error) => fail(&format!("cannot run `{}`: {error}", env!("CARGO"))),
    }
}

/// `TARGET/PROFILE`: a test runs from `deps` in there, a program from the directory itself.
fn profile_directory() -> PathBuf {
    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(error) => fail(&format!("cannot tell where the test is: {error}")),
    };
    let directory = program.parent().unwrap_or(Path::new("/"));
    let outer = if directory.ends_with("deps") { directory.parent() } else { None };
    outer.unwrap_or(directory).to_owned()
}

#[allow(clippy::panic, reason = "there is nothing to test without the program")]
fn fail(reason: &str) -> ! {
    panic!("cannot build the programs of `{PACKAGE}`: {reason}")
}
