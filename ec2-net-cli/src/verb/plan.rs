use std::collections::BTreeSet;

use clap::Args;
use networkd_config::InterfaceName;

use crate::apply;
use crate::base::Base;
use crate::claim::{self, Claims};
use crate::context::{Context, Ways, open_netlink, read_links};
use crate::decision::{Decision, decide};
use crate::disk::Disk;
use crate::error::{Error, Exit};
use crate::kernel::{self, Change, Kernel};
use crate::link::Link;
use crate::memo::Memo;
use crate::tree::{self, Files};
use crate::verb::reconcile::PATIENCE;
use crate::{observe, plan_text, report};

/// Show what reconcile would change
///
/// ec2-net plan prints what each ENI should have, and what of files and kernel would change for that. Nothing is
/// changed. With --metadata, the instance is the one that the file describes, and the plan is made without EC2, root
/// or systemd; unless --link names its interfaces, they are called ens5, ens6 and so on.
#[derive(Debug, Args)]
#[command(after_long_help = Exit::help(&[Exit::Done, Exit::Failed, Exit::Usage, Exit::Unreachable, Exit::Changes]))]
pub(crate) struct Plan {
    /// Exit with status 5 when there is something to change
    #[arg(long)]
    exit_code: bool,
}

impl Plan {
    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Error> {
        let disk = Disk::read(context)?;
        let mut memo = Memo::read(&context.paths.memo());
        let (links, all, crawl, kernel) = if context.has_host_links() {
            let mut netlink = open_netlink()?;
            let all = read_links(&mut netlink)?;
            let links = context.candidates(&all);
            let ways = Ways::read(&mut netlink, &links, memo.interface.as_deref())?;
            let mut metadata = context.metadata(&ways, PATIENCE);
            let crawl = observe::crawl(&mut metadata, &mut memo, &links)?;
            let all = all.into_iter().map(|link| link.link).collect();
            (links, all, crawl, Some(apply::read_kernel(&mut netlink)?))
        } else {
            let mut metadata = context.metadata(&Ways::default(), PATIENCE);
            let (links, crawl) = observe::crawl_offline(context, &mut metadata, &mut Memo::default(), &disk)?;
            (links.clone(), links, crawl, None)
        };
        // Named or invented links say nothing of what is gone from this host.
        let knows_links = context.has_host_links() || !context.paths.is_live();
        let gone = if knows_links { disk.gone(&all) } else { BTreeSet::new() };
        let known = disk.without(&gone);
        let state = kernel.clone().unwrap_or_default();
        let (base, claims) = (Base::read(&context.paths), self::claims(context, &links));
        let decision = decide(known.observed(&links, &crawl, &state, &base, &claims));
        let mut document = report::document(&decision, files(context, &disk, &decision, &gone));
        if let Some(kernel) = kernel {
            let mut changes = apply::leftovers(&disk, &gone, &kernel);
            changes.extend(kernel_changes(&decision, &kernel));
            document.kernel = changes.iter().map(ToString::to_string).collect();
        }
        if context.json {
            report::print_json(&document)?;
        } else {
            report::print(&plan_text::text(&document))?;
        }
        let changes = !document.files.is_empty() || !document.kernel.is_empty();
        Ok(if self.exit_code && changes { Exit::Changes } else { Exit::Done })
    }
}

/// Who has a say about the links; about invented ones nobody has.
fn claims(context: &Context, links: &[Link]) -> Claims {
    let exist = context.has_host_links() || !context.paths.is_live();
    if exist { claim::read(&context.paths, links) } else { Claims::new() }
}

/// The changes of files: those of the copies where networkd is to read them, and those of the truth.
fn files<'a>(
    context: &Context,
    disk: &'a Disk,
    decision: &'a Decision,
    gone: &'a BTreeSet<InterfaceName>,
) -> Vec<report::File<'a>> {
    static NONE: Files = Files::new();
    let after = decision.enis.iter().map(|eni| (&eni.link.name, &eni.files, eni.needs_reload));
    let mut files = Vec::new();
    for (interface, after, is_read) in gone.iter().map(|interface| (interface, &NONE, true)).chain(after) {
        let is_frozen = context.paths.is_live() && !is_read;
        for (tree, is_frozen) in [(&disk.copies, is_frozen), (&disk.truth, false)] {
            let changes = tree::difference(tree.files(interface), after);
            let changes = changes.iter().filter(|change| !is_frozen || change.is_of_link());
            files.extend(changes.map(|change| report::file(&tree.directory, change)));
        }
    }
    files
}

/// What would change in the kernel, be it by networkd or by netlink.
fn kernel_changes(decision: &Decision, kernel: &Kernel) -> Vec<Change> {
    let changes = |eni: &crate::decision::Decided| {
        let mut changes = kernel::difference(&eni.link, &eni.wanted, &eni.owned, kernel);
        changes.extend(kernel::altnames(&eni.link, &eni.plan.altnames));
        changes
    };
    decision.enis.iter().flat_map(changes).collect()
}
