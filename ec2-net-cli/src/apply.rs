//! The writing side of a run: files, one reload, and the kernel.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use networkd_config::InterfaceName;

use crate::base::Base;
use crate::claim::{self, Claim, Claims};
use crate::command;
use crate::context::{Context, read_links};
use crate::decision::{Decided, Decision, owned, records};
use crate::disk::Disk;
use crate::error::Error;
use crate::kernel::{self, Change, Kernel};
use crate::link::Link;
use crate::lock::{PATIENCE, lock};
use crate::netlink::Netlink;
use crate::record::Wanted;
use crate::render;
use crate::tree::Files;
use crate::turn::Turn;

/// The longest wait for networkd to do its part after a reload.
const ADOPTION: Duration = Duration::from_secs(5);
/// The pause between two looks at whether it has.
const ADOPTION_POLL: Duration = Duration::from_millis(20);

/// The links on which something could not be done.
pub(crate) type Failed = BTreeSet<InterfaceName>;

/// Removes the rules and files of ENIs that are gone, whose links are not among `links`.
///
/// First the rules, then the files that name them: a run that is killed or that fails leaves enough for the next one.
pub(crate) fn remove_gone(
    netlink: Option<&mut Netlink>,
    disk: &mut Disk,
    kernel: &Kernel,
    links: &[Link],
    failed: &mut Failed,
) -> Result<(), Error> {
    let gone = disk.gone(links);
    if let Some(netlink) = netlink {
        apply_changes(netlink, &leftovers(disk, &gone, kernel), failed);
    }
    for interface in gone.difference(failed) {
        disk.remove(interface)?;
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

/// Carries out what needs no reload, and writes what networkd is to read. The lock is held.
pub(crate) fn apply(
    context: &Context,
    netlink: &mut Netlink,
    disk: &mut Disk,
    kernel: &Kernel,
    decision: &Decision,
    failed: &mut Failed,
) -> Result<(), Error> {
    let base = Base::read(&context.paths);
    for eni in &decision.enis {
        if eni.needs_reload {
            disk.write_copies(&eni.link.name, eni.files.clone())?;
            continue;
        }
        // What is to go stays on record until it is gone, and what is to come is on record before it comes.
        let both = eni.wanted.clone().and(&disk.recorded(&eni.link.name));
        disk.write_truth(&eni.link.name, files_for(eni, &both, &base))?;
        let changes = kernel::difference(&eni.link, &eni.wanted, &eni.owned, kernel);
        apply_changes(netlink, &changes, failed);
        if !failed.contains(&eni.link.name) {
            disk.write_truth(&eni.link.name, eni.files.clone())?;
        }
        disk.follow_links(&eni.link.name, &eni.files)?;
    }
    for left in &decision.left {
        if let Some(claim) = left.claim() {
            release(netlink, disk, kernel, &left.link, claim, failed)?;
        } else if left.is_primary && !left.is_configured {
            apply_changes(netlink, &kernel::preference(&left.link, kernel), failed);
        }
    }
    let names = decision.enis.iter().flat_map(|eni| kernel::altnames(&eni.link, &eni.plan.altnames));
    let mut names: Vec<Change> = names.collect();
    // A name that moves from one link to another is taken from the one first.
    names.sort_by(|one, other| one.action.cmp(&other.action));
    apply_changes(netlink, &names, failed);
    Ok(())
}

/// Makes networkd read the files of the new ENIs, waits until it has brought them up, and mends what is missing then:
/// the configuration of one link may have cost another a rule, on a networkd that manages foreign rules.
///
/// The lock is not held while networkd works: it may be starting, which runs `thaw` first. The turn ends when the ENIs are
/// on record.
pub(crate) fn adopt(
    context: &Context,
    netlink: &mut Netlink,
    decision: &Decision,
    claims: &Claims,
    turn: Turn,
    failed: &mut Failed,
) -> Result<(), Error> {
    command::reload_networkd()?;
    {
        let _lock = lock(&context.paths.lock(), PATIENCE)?;
        let mut disk = Disk::open(context)?;
        let kernel = read_kernel(netlink)?;
        // Another run may have written other files meanwhile, which are then its own to finish.
        let is_ours = |eni: &&Decided| eni.needs_reload && *disk.copies.files(&eni.link.name) == eni.files;
        let new: Vec<&Decided> = decision.enis.iter().filter(is_ours).collect();
        for eni in new {
            let mut changes = kernel::difference(&eni.link, &eni.wanted, &eni.owned, &kernel);
            changes.retain(|change| change.action.is_removal());
            apply_changes(netlink, &changes, failed);
            if !failed.contains(&eni.link.name) {
                // The truth is written last: an ENI without it is configured anew, reload and all.
                disk.write_truth(&eni.link.name, eni.files.clone())?;
                let (plan, slot) = (&eni.plan, eni.plan.slot);
                log::info!("{}: configured as {}, {slot}, table {}", eni.link.name, plan.id, slot.table());
            }
        }
    }
    drop(turn);
    let deadline = Instant::now() + ADOPTION;
    let mut waiting: Vec<&Decided> = decision.enis.iter().filter(|eni| eni.needs_reload).collect();
    loop {
        let kernel = read_kernel(netlink)?;
        waiting.retain(|eni| !kernel::is_adopted(&eni.link, &eni.wanted, &kernel));
        if waiting.is_empty() || Instant::now() >= deadline {
            break;
        }
        thread::sleep(ADOPTION_POLL);
    }
    for eni in waiting.iter().filter(|eni| context.has_link(&eni.link.name)) {
        let seconds = ADOPTION.as_secs();
        log::warn!(
            "{}: networkd has not brought up all that its files say after {seconds} s; DHCP may not answer",
            eni.link.name
        );
    }
    let _lock = lock(&context.paths.lock(), PATIENCE)?;
    let links = read_links(netlink)?.into_iter().map(|link| link.link);
    let is_free = |link: &Link| !claims.contains_key(&link.name);
    let links: Vec<Link> = links.filter(is_free).collect();
    let kernel = read_kernel(netlink)?;
    heal(netlink, &Disk::open(context)?, &kernel, &links, failed);
    Ok(())
}

/// Lets go of a link that somebody else configures: what is ours in the kernel goes, and the record of it.
///
/// networkd is not asked to reload, since it does already what it is told. Of a link that it does not manage, the copies
/// stay, because what tells it so may be a drop-in of theirs.
fn release(
    netlink: &mut Netlink,
    disk: &mut Disk,
    kernel: &Kernel,
    link: &Link,
    claim: &Claim,
    failed: &mut Failed,
) -> Result<(), Error> {
    if !matches!(claim, Claim::Overridden(_) | Claim::Unmanaged) {
        return Ok(());
    }
    let owned = owned(&records(&disk.truth), &records(&disk.copies), &link.name).unwrap_or_default();
    apply_changes(netlink, &removals(link, &owned, kernel), failed);
    if failed.contains(&link.name) {
        return Ok(());
    }
    if matches!(claim, Claim::Overridden(_)) {
        disk.write_copies(&link.name, Files::new())?;
    }
    disk.write_truth(&link.name, Files::new())
}

/// Everything that is owned on a link goes.
pub(crate) fn removals(link: &Link, owned: &Wanted, kernel: &Kernel) -> Vec<Change> {
    let nothing = Wanted { slot: owned.slot, ..Wanted::default() };
    let mut changes = kernel::difference(link, &nothing, owned, kernel);
    changes.retain(|change| change.action.is_removal());
    changes
}

/// Has networkd configure the links anew whose leased address somebody removed: until the lease is renewed it would not
/// notice. Nothing is lost by it, since no IPv4 route is left without the address.
pub(crate) fn restore_leases(
    context: &Context,
    netlink: &mut Netlink,
    kernel: &Kernel,
    links: &[Link],
    failed: &mut Failed,
) {
    for link in links.iter().filter(|link| link.is_up) {
        let Some(leased) = claim::leased_ipv4(&context.paths, link) else { continue };
        let Some(changes) = kernel::bereft(link, leased.into(), kernel) else { continue };
        log::warn!(
            "{}: somebody removed its leased address {leased}: networkd configures it anew",
            link.name
        );
        apply_changes(netlink, &changes, failed);
        if let Err(error) = command::run("networkctl", &["reconfigure", link.name.as_str()]) {
            log::error!("{}: {error}", link.name);
            failed.insert(link.name.clone());
        }
    }
}

/// Makes the kernel what the truth says of some links, without asking the metadata.
pub(crate) fn heal(netlink: &mut Netlink, disk: &Disk, kernel: &Kernel, links: &[Link], failed: &mut Failed) {
    let (truth, copies) = (records(&disk.truth), records(&disk.copies));
    for link in links {
        let (Some(Ok(Some(record))), Ok(owned)) = (truth.get(&link.name), owned(&truth, &copies, &link.name))
        else {
            continue;
        };
        if record.mac == link.mac {
            apply_changes(netlink, &kernel::difference(link, &record.wanted, &owned, kernel), failed);
        }
    }
}

pub(crate) fn read_kernel(netlink: &mut Netlink) -> Result<Kernel, Error> {
    netlink
        .state()
        .map_err(|error| Error::while_doing("cannot read addresses and routes from the kernel", error))
}

pub(crate) fn apply_changes(netlink: &mut Netlink, changes: &[Change], failed: &mut Failed) {
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
fn files_for(eni: &Decided, wanted: &Wanted, base: &Base) -> Files {
    let mut plan = eni.plan.clone();
    plan.addresses = wanted.addresses.iter().copied().collect();
    plan.rules = wanted.rules.iter().copied().collect();
    plan.routes = wanted.routes.iter().copied().collect();
    render::files(&eni.link.name, &plan, base)
}
