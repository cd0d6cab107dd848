use clap::Args;

use crate::apply::{self, Disk};
use crate::context::Context;
use crate::error::{Error, Exit};
use crate::lock::lock;

/// Give networkd the latest files, before it starts
///
/// While networkd runs, the files that it has read stay as they are, because it would drop leases to read others.
/// A drop-in of its unit runs this before each start.
#[derive(Debug, Args)]
pub(crate) struct Thaw {}

impl Thaw {
    pub(crate) fn run(context: &Context) -> Result<Exit, Error> {
        if !context.paths.truth().exists() {
            return Ok(Exit::Done);
        }
        let _lock = lock(&context.paths.lock())?;
        let mut disk = Disk::read(context)?;
        for (interface, files) in &disk.truth {
            apply::write(&context.paths.copies(), &mut disk.copies, interface, files.clone())?;
        }
        Ok(Exit::Done)
    }
}
