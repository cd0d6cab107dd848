use clap::Args;

use crate::context::Context;
use crate::decision::{Reason, records};
use crate::disk::Disk;
use crate::error::{Error, Exit};
use crate::lock::lock;
use crate::record::Foreign;

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
        let copies = records(&disk.copies);
        for (interface, files) in disk.truth.links.clone() {
            if let Some(Err(Foreign(path))) = copies.get(&interface) {
                log::error!("{interface}: left as it is: {}", Reason::Foreign(path.clone()));
                exit = Exit::Partly;
                continue;
            }
            disk.write_copies(&interface, files)?;
        }
        Ok(exit)
    }
}
