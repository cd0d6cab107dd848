//! The lock around writing and applying. The kernel releases it when the process ends, however it ends.

use std::fs::{self, File};
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

use crate::error::Error;

/// Waits for the lock, which is held until the file is dropped. Nobody holds it while waiting for something else.
pub(crate) fn lock(path: &Path) -> Result<File, Error> {
    let failed =
        |error: std::io::Error| Error::while_doing(format!("cannot lock `{}`", path.display()), error);
    let directory = path.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(directory).map_err(failed)?;
    // Not truncated: a run that changes nothing writes nothing, not even a time stamp.
    let file = File::options().write(true).create(true).truncate(false).open(path).map_err(failed)?;
    flock(&file, FlockOperation::LockExclusive).map_err(|error| failed(error.into()))?;
    Ok(file)
}
