//! Other programs.

use std::process::Command;

use crate::error::Error;

/// Runs a program and checks its status. What it says is in the error.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Result<(), Error> {
    let line = [&[program], arguments].concat().join(" ");
    log::debug!("running `{line}`");
    let doing = || format!("cannot run `{line}`");
    let output =
        Command::new(program).args(arguments).output().map_err(|error| Error::while_doing(doing(), error))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Error::new(format!("`{line}` failed with {}: {}", output.status, said.trim())))
}
