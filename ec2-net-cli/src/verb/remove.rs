use std::collections::BTreeSet;

use clap::Args;
use networkd_config::InterfaceName;

use crate::apply;
use crate::command;
use crate::context::{Context, open_netlink, read_links};
use crate::decision::{owned, records};
use crate::disk::Disk;
use crate::error::{Error, Exit};
use crate::kernel::{self, Change};
use crate::link::Link;
use crate::lock::lock;
use crate::record::Wanted;
use crate::tree::Files;

/// Remove what reconcile made for an interface
///
/// Its rules, secondary addresses and files go. Nothing that somebody else made goes, and an interface without
/// anything is done. The next reconcile of the interface configures it anew.
#[derive(Debug, Args)]
pub(crate) struct Remove {
    /// The interface; it need not exist any more
    #[arg(value_name = "IFACE")]
    pub(crate) interface: InterfaceName,
}

impl Remove {
    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Error> {
        let _lock = lock(&context.paths.lock())?;
        let mut disk = Disk::open(context)?;
        let (truth, copies) = (records(&disk.truth), records(&disk.copies));
        let owned = owned(&truth, &copies, &self.interface).map_err(|foreign| {
            Error::new(format!("`{}` was not written by ec2-net, and stays", foreign.0.display()))
        })?;
        let mut failed = BTreeSet::new();
        let mut exists = false;
        if context.paths.is_live() {
            let mut netlink = open_netlink()?;
            let kernel = apply::read_kernel(&mut netlink)?;
            let links = read_links(&mut netlink)?;
            let link = links.into_iter().map(|link| link.link).find(|link| link.name == self.interface);
            exists = link.is_some();
            let changes: Vec<Change> = match link {
                Some(link) => removals(&link, &owned, &kernel),
                None => kernel::leftovers(&self.interface, &owned, &[], &kernel),
            };
            apply::apply_changes(&mut netlink, &changes, &mut failed);
        }
        let had_files = !disk.copies.files(&self.interface).is_empty();
        disk.write_copies(&self.interface, Files::new())?;
        disk.write_truth(&self.interface, Files::new())?;
        if exists && had_files {
            // Otherwise networkd would bring back what it has read.
            command::run("networkctl", &["reload"])?;
        }
        Ok(if failed.is_empty() { Exit::Done } else { Exit::Failed })
    }
}

/// Everything that is owned on a link goes.
fn removals(link: &Link, owned: &Wanted, kernel: &kernel::Kernel) -> Vec<Change> {
    let nothing = Wanted { slot: owned.slot, ..Wanted::default() };
    let mut changes = kernel::difference(link, &nothing, owned, kernel);
    changes.extend(kernel::altnames(link, &[]));
    changes
}
