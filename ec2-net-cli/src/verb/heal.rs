use clap::Args;

use crate::apply::{self, Failed};
use crate::claim;
use crate::context::{Context, open_netlink, read_links};
use crate::disk::Disk;
use crate::error::{Error, Exit};
use crate::link::Link;
use crate::lock::{PATIENCE, lock};

/// Put back what the kernel has lost, without asking the metadata
///
/// ec2-net heal makes the kernel what the last reconcile has left on record: addresses, rules, routes and metrics that
/// somebody removed or changed, or networkd when it configured a link anew. It is started whenever networkd has changed the
/// state of a link, so that nothing has to wait for the next refresh.
#[derive(Debug, Args)]
#[command(after_long_help = Exit::help(&[Exit::Done, Exit::Failed, Exit::Usage]))]
pub(crate) struct Heal {}

impl Heal {
    pub(crate) fn run(context: &Context) -> Result<Exit, Error> {
        if !context.paths.is_live() {
            return Err(Error::usage("`heal` is about the running system, not about a `--root`"));
        }
        if !context.paths.truth().exists() {
            return Ok(Exit::Done);
        }
        let guard = lock(&context.paths.lock(), PATIENCE)?;
        let mut netlink = open_netlink()?;
        let mut links: Vec<Link> = read_links(&mut netlink)?.into_iter().map(|link| link.link).collect();
        let claims = claim::read(&context.paths, &links);
        let is_busy = |link: &Link| claim::is_being_configured(&context.paths, link);
        links.retain(|link| !claims.contains_key(&link.name) && !is_busy(link));
        let kernel = apply::read_kernel(&mut netlink)?;
        let mut failed = Failed::new();
        apply::heal(&mut netlink, &Disk::open(context)?, &kernel, &links, &mut failed);
        drop(guard);
        apply::restore_leases(context, &mut netlink, &kernel, &links, &mut failed);
        Ok(if failed.is_empty() { Exit::Done } else { Exit::Failed })
    }
}
