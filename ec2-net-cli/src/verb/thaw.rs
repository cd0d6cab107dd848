use std::time::Duration;

use clap::Args;

use crate::context::Context;
use crate::decision::{Reason, records};
use crate::disk::Disk;
use crate::error::{Error, Exit};
use crate::lock::lock;
use crate::record::Foreign;

/// The longest wait for the lock: networkd's start waits with us, and older files are better than none.
const PATIENCE: Duration = Duration::from_secs(2);

/// Give networkd the latest files, before it starts
///
/// While networkd runs, the files that it has read stay as they are, because before systemd 257 it drops the leases
/// of every link whose files changed. The latest ones are kept beside them, and are copied to where networkd reads by
/// this command, which a drop-in of networkd's unit is to run before each start.
#[derive(Debug, Args)]
#[command(after_long_help = Exit::help(&[Exit::Done, Exit::Failed, Exit::Usage, Exit::Partly]))]
pub(crate) struct Thaw {}

impl Thaw {
    pub(crate) fn run(context: &Context) -> Result<Exit, Error> {
        if !context.paths.truth().exists() {
            return Ok(Exit::Done);
        }
        let _lock = lock(&context.paths.lock(), PATIENCE)?;
        let mut disk = Disk::open(context)?;
        let mut exit = Exit::Done;
        let (truth, copies) = (records(&disk.truth), records(&disk.copies));
        for (interface, record) in truth {
            if let Some(Err(Foreign(path))) = copies.get(&interface) {
                log::error!("{interface}: left as it is: {}", Reason::Foreign(path.clone()));
                exit = Exit::Partly;
                continue;
            }
            // A run that was killed may have left half of a new ENI's truth: then the copies are the better half.
            if record.is_ok_and(|record| record.is_some_and(|record| record.is_whole())) {
                disk.write_copies(&interface, disk.truth.files(&interface).clone())?;
            }
        }
        Ok(exit)
    }
}
