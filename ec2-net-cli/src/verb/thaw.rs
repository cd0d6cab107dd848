use clap::Args;

use crate::apply::{self, Disk};
use crate::context::Context;
use crate::decision::Reason;
use crate::error::{Error, Exit};
use crate::lock::lock;
use crate::record::Record;
use crate::tree::NO_FILES;

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
        let mut disk = Disk::open(context)?;
        let mut exit = Exit::Done;
        for (interface, files) in &disk.truth {
            if let Err(foreign) = Record::read(interface, disk.copies.get(interface).unwrap_or(&NO_FILES)) {
                log::error!("{interface}: left as it is: {}", Reason::Foreign(foreign.0));
                exit = Exit::Partly;
                continue;
            }
            apply::write(&context.paths.copies(), &mut disk.copies, interface, files.clone())?;
        }
        Ok(exit)
    }
}
