//! The lock around writing and applying. The kernel releases it when the process ends, however it ends.

use std::fs::{self, File};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::error::Error;
use crate::tree;

/// The longest wait for the lock. Nobody holds it while waiting for something else, so this is for a run that is
/// stopped or stuck.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// The pause between two tries.
const POLL: Duration = Duration::from_millis(5);

/// Waits for the lock, which is held until the file is dropped.
pub(crate) fn lock(path: &Path, patience: Duration) -> Result<File, Error> {
    try_lock(path, patience)?.ok_or_else(|| {
        let seconds = patience.as_secs();
        Error::new(format!("`{}` is locked by another run for {seconds} s", path.display()))
    })
}

/// Waits for the lock; nothing if it is held for longer than that.
pub(crate) fn try_lock(path: &Path, patience: Duration) -> Result<Option<File>, Error> {
    let failed =
        |error: std::io::Error| Error::while_doing(format!("cannot lock `{}`", path.display()), error);
    let deadline = Instant::now() + patience;
    let directory = path.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(directory).map_err(failed)?;
    // Whoever can open it can lock it, reading or writing: flock(2). And it is not truncated: a run that changes
    // nothing writes nothing, not even a time stamp.
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let file = options.open(path).map_err(failed)?;
    tree::give(path, directory).map_err(failed)?;
    loop {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(Some(file)),
            Err(Errno::WOULDBLOCK) if Instant::now() < deadline => thread::sleep(POLL),
            Err(Errno::WOULDBLOCK) => return Ok(None),
            Err(error) => return Err(failed(error.into())),
        }
    }
}
