//! Other programs.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

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

/// The longest time that networkd may take to be ready for another reload.
const RELOAD: Duration = Duration::from_secs(5);
/// The pause between two tries.
const RELOAD_POLL: Duration = Duration::from_millis(50);

/// Makes networkd read its files. From systemd 257 on it refuses while it is still at an earlier reload, which may be
/// another run's or anybody's.
pub(crate) fn reload_networkd() -> Result<(), Error> {
    let deadline = Instant::now() + RELOAD;
    loop {
        match run("networkctl", &["reload"]) {
            Err(error) if Instant::now() < deadline => {
                log::debug!("{error}; trying again");
                thread::sleep(RELOAD_POLL);
            }
            result => return result,
        }
    }
}
