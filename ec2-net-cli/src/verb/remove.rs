use clap::{Args, ValueHint};
use networkd_config::InterfaceName;

use crate::apply::{self, Failed};
use crate::claim;
use crate::command;
use crate::context::{Context, open_netlink, read_links};
use crate::decision::{owned, records};
use crate::disk::Disk;
use crate::error::{Error, Exit};
use crate::kernel;
use crate::link::Link;
use crate::lock::{PATIENCE, lock};
use crate::memo::Memo;
use crate::record::{Foreign, Record};

/// Remove what reconcile made for an interface
///
/// The interface loses its rules, secondary addresses, alternative names and files, and networkd reloads if it had
/// read any. Nothing that somebody else made goes; an interface for which nothing was made is nothing to do. The next
/// reconcile that includes the interface configures it anew.
#[derive(Debug, Args)]
#[command(after_long_help = Exit::help(&[Exit::Done, Exit::Failed, Exit::Usage]))]
pub(crate) struct Remove {
    /// The interface; it need not exist any more
    #[arg(value_name = "IFACE", required_unless_present = "gone", value_hint = ValueHint::Other)]
    pub(crate) interface: Option<InterfaceName>,

    /// Remove instead what is left of the ENIs that are detached, whatever their names were
    #[arg(long, conflicts_with = "interface")]
    pub(crate) gone: bool,
}

impl Remove {
    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Error> {
        match &self.interface {
            Some(interface) => Self::remove(context, interface),
            None => Self::remove_gone(context),
        }
    }

    /// An ENI is gone when no link has its MAC address and its name, which the metadata need not say.
    fn remove_gone(context: &Context) -> Result<Exit, Error> {
        if !context.paths.is_live() {
            return Err(Error::usage(
                "`--gone` compares with the links of the running system, not of a `--root`",
            ));
        }
        let _lock = lock(&context.paths.lock(), PATIENCE)?;
        let mut netlink = open_netlink()?;
        let links: Vec<Link> = read_links(&mut netlink)?.into_iter().map(|link| link.link).collect();
        let kernel = apply::read_kernel(&mut netlink)?;
        let mut failed = Failed::new();
        apply::remove_gone(Some(&mut netlink), &mut Disk::open(context)?, &kernel, &links, &mut failed)?;
        let before = Memo::read(&context.paths.memo());
        let mut memo = before.clone();
        memo.retain(&links);
        memo.write(&context.paths.memo(), &before)?;
        Ok(if failed.is_empty() { Exit::Done } else { Exit::Failed })
    }

    fn remove(context: &Context, interface: &InterfaceName) -> Result<Exit, Error> {
        let mut failed = Failed::new();
        let needs_reload = {
            let _lock = lock(&context.paths.lock(), PATIENCE)?;
            let mut disk = Disk::open(context)?;
            let (truth, copies) = (records(&disk.truth), records(&disk.copies));
            let owned = owned(&truth, &copies, interface).map_err(|foreign| {
                Error::new(format!("`{}` was not written by ec2-net, and stays", foreign.0.display()))
            })?;
            let mut exists = false;
            if context.paths.is_live() {
                let mut netlink = open_netlink()?;
                let kernel = apply::read_kernel(&mut netlink)?;
                let links = read_links(&mut netlink)?;
                let link = links.into_iter().map(|link| link.link).find(|link| link.name == *interface);
                exists = link.is_some();
                let changes = match link {
                    Some(link) => {
                        let mut changes = apply::removals(&link, &owned, &kernel);
                        changes.extend(kernel::altnames(&link, &[]));
                        changes
                    }
                    None => apply::leftovers(&disk, &[interface.clone()].into(), &kernel),
                };
                apply::apply_changes(&mut netlink, &changes, &mut failed);
            }
            let had_files = !disk.copies.files(interface).is_empty();
            if failed.is_empty() {
                disk.remove(interface)?;
                forget(context, truth.get(interface))?;
            }
            exists && had_files && failed.is_empty() && claim::is_networkd_running(&context.paths)
        };
        if needs_reload {
            // Otherwise networkd would bring back what it has read.
            command::reload_networkd()?;
        }
        Ok(if failed.is_empty() { Exit::Done } else { Exit::Failed })
    }
}

/// What is remembered of the ENI goes with it.
fn forget(context: &Context, record: Option<&Result<Option<Record>, Foreign>>) -> Result<(), Error> {
    let Some(Ok(Some(record))) = record else { return Ok(()) };
    let before = Memo::read(&context.paths.memo());
    let mut memo = before.clone();
    memo.forget(record.mac);
    memo.write(&context.paths.memo(), &before)
}
