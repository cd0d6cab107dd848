//! The writing side of a run: files, one reload, and the kernel.

use std::collections::BTreeSet;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use networkd_config::InterfaceName;

use crate::command;
use crate::context::Context;
use crate::decision::{Decided, Decision, owned, records};
use crate::disk::Disk;
use crate::error::Error;
use crate::kernel::{self, Action, Change, Kernel};
use crate::link::Link;
use crate::lock::lock;
use crate::netlink::Netlink;
use crate::record::Wanted;
use crate::render;
use crate::tree::Files;

/// The longest wait for networkd to do its part after a reload.
const ADOPTION: Duration = Duration::from_secs(5);
/// The pause between two looks at whether it has.
const ADOPTION_POLL: Duration = Duration::from_millis(20);

/// What a run did.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// Whether networkd was made to read files: it is then to be waited for.
    pub(crate) reloaded: bool,
    /// The links on which something could not be done.
    pub(crate) failed: BTreeSet<InterfaceName>,
}

/// Removes the rules and files of ENIs that are gone, whose links are not among `links`.
///
/// First the rules, then the files that name them: a run that is killed leaves enough for the next one.
pub(crate) fn remove_gone(
    netlink: Option<&mut Netlink>,
    disk: &mut Disk,
    kernel: &Kernel,
    links: &[Link],
) -> Result<(), Error> {
    let gone = disk.gone(links);
    if let Some(netlink) = netlink {
        apply_changes(netlink, &leftovers(disk, &gone, kernel), &mut BTreeSet::new());
    }
    for interface in gone {
        disk.write_copies(&interface, Files::new())?;
        disk.write_truth(&interface, Files::new())?;
        log::info!("{interface}: removed the configuration of an ENI that is gone");
    }
    Ok(())
}

/// The rules that gone ENIs leave behind.
pub(crate) fn leftovers(disk: &Disk, gone: &BTreeSet<InterfaceName>, kernel: &Kernel) -> Vec<Change> {
    let (truth, copies) = (records(&disk.truth), records(&disk.copies));
    let owned = |interface| owned(&truth, &copies, interface).unwrap_or_default();
    let kept: Vec<Wanted> = truth.keys().filter(|interface| !gone.contains(*interface)).map(owned).collect();
    gone.iter().flat_map(|interface| kernel::leftovers(interface, &owned(interface), &kept, kernel)).collect()
}

/// Writes both trees and touches nothing else.
pub(crate) fn apply_offline(disk: &mut Disk, decision: &Decision) -> Result<(), Error> {
    for eni in &decision.enis {
        disk.write_truth(&eni.link.name, eni.files.clone())?;
        disk.write_copies(&eni.link.name, eni.files.clone())?;
    }
    Ok(())
}

/// Carries a decision out on the running system.
pub(crate) fn apply(
    context: &Context,
    netlink: &mut Netlink,
    disk: &mut Disk,
    kernel: &Kernel,
    decision: &Decision,
) -> Result<Done, Error> {
    let mut done = Done::default();
    let base = context.paths.base_file();
    let (new, known): (Vec<&Decided>, Vec<&Decided>) = decision.enis.iter().partition(|eni| eni.needs_reload);
    for eni in known {
        // What is to go stays on record until it is gone, and what is to come is on record before it comes.
        let both = eni.wanted.clone().and(&disk.recorded(&eni.link.name));
        disk.write_truth(&eni.link.name, files_for(eni, &both, &base))?;
        let changes = kernel::difference(&eni.link, &eni.wanted, &eni.owned, kernel);
        apply_changes(netlink, &changes, &mut done.failed);
        if !done.failed.contains(&eni.link.name) {
            disk.write_truth(&eni.link.name, eni.files.clone())?;
        }
    }
    for eni in &new {
        disk.write_copies(&eni.link.name, eni.files.clone())?;
    }
    if !new.is_empty() {
        command::run("networkctl", &["reload"])?;
        done.reloaded = true;
    }
    for eni in &new {
        // The truth is written last: an ENI without it is configured anew, reload and all.
        let mut changes = kernel::difference(&eni.link, &eni.wanted, &eni.owned, kernel);
        changes.retain(|change| {
            matches!(change.action, Action::RemoveAddress(_) | Action::RemoveRule(_) | Action::RemoveRoute(_))
        });
        apply_changes(netlink, &changes, &mut done.failed);
        disk.write_truth(&eni.link.name, eni.files.clone())?;
        log::info!(
            "{}: configured as {}, {}, table {}",
            eni.link.name,
            eni.plan.id,
            eni.plan.slot,
            eni.plan.slot.table()
        );
    }
    let names = decision.enis.iter().flat_map(|eni| kernel::altnames(&eni.link, &eni.plan.altnames));
    let mut names: Vec<Change> = names.collect();
    // A name that moves from one link to another is taken from the one first.
    names.sort_by(|one, other| one.action.cmp(&other.action));
    apply_changes(netlink, &names, &mut done.failed);
    Ok(done)
}

/// Waits until networkd has brought up what it was made to read, and mends what is missing then: another link's
/// configuration may have cost a rule, on a networkd that manages foreign rules.
pub(crate) fn settle(
    context: &Context,
    netlink: &mut Netlink,
    links: &[Link],
    decision: &Decision,
) -> Result<BTreeSet<InterfaceName>, Error> {
    let deadline = Instant::now() + ADOPTION;
    let is_adopted = |kernel: &Kernel| {
        let mut new = decision.enis.iter().filter(|eni| eni.needs_reload);
        new.all(|eni| kernel::difference(&eni.link, &eni.wanted, &Wanted::default(), kernel).is_empty())
    };
    while !is_adopted(&read_kernel(netlink)?) && Instant::now() < deadline {
        thread::sleep(ADOPTION_POLL);
    }
    let _lock = lock(&context.paths.lock())?;
    let disk = Disk::read(context)?;
    let kernel = read_kernel(netlink)?;
    let (truth, copies) = (records(&disk.truth), records(&disk.copies));
    let mut failed = BTreeSet::new();
    for link in links {
        if let (Some(Ok(Some(record))), Ok(owned)) =
            (truth.get(&link.name), owned(&truth, &copies, &link.name))
        {
            if record.mac == link.mac {
                apply_changes(
                    netlink,
                    &kernel::difference(link, &record.wanted, &owned, &kernel),
                    &mut failed,
                );
            }
        }
    }
    Ok(failed)
}

pub(crate) fn read_kernel(netlink: &mut Netlink) -> Result<Kernel, Error> {
    netlink
        .state()
        .map_err(|error| Error::while_doing("cannot read addresses and routes from the kernel", error))
}

pub(crate) fn apply_changes(netlink: &mut Netlink, changes: &[Change], failed: &mut BTreeSet<InterfaceName>) {
    for change in changes {
        match netlink.apply(change) {
            Ok(()) => log::info!("{change}"),
            Err(error) => {
                log::error!("{change}: {error}");
                failed.insert(change.interface.clone());
            }
        }
    }
}

/// The files of an ENI with other addresses, rules and routes than its plan's.
fn files_for(eni: &Decided, wanted: &Wanted, base: &Path) -> Files {
    let mut plan = eni.plan.clone();
    plan.addresses = wanted.addresses.iter().copied().collect();
    plan.rules = wanted.rules.iter().copied().collect();
    plan.routes = wanted.routes.iter().copied().collect();
    render::files(&eni.link.name, &plan, base)
}
