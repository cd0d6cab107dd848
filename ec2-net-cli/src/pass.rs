//! One pass over the ENIs: read, decide, apply.

use std::collections::BTreeSet;
use std::time::Duration;

use networkd_config::InterfaceName;

use crate::apply::{self, Failed};
use crate::base::Base;
use crate::claim;
use crate::command;
use crate::context::{Context, Ways, read_links};
use crate::crawl::Crawl;
use crate::decision::{Decided, Decision, Left, Reason, decide};
use crate::disk::Disk;
use crate::error::Error;
use crate::link::Link;
use crate::lock::{PATIENCE, lock};
use crate::memo::Memo;
use crate::netlink::Netlink;
use crate::observe;
use crate::turn::Turn;

/// What to make a pass over.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    /// The interfaces to configure; all if there are none.
    pub(crate) names: Vec<InterfaceName>,
    /// How long the metadata may take.
    pub(crate) patience: Duration,
    /// Whether what is remembered of the ENIs holds.
    pub(crate) may_remember: bool,
}

impl Scope {
    fn has(&self, link: &Link) -> bool {
        self.names.is_empty() || self.names.contains(&link.name)
    }
}

/// Which ENIs to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// Those in scope.
    Scope,
    /// All.
    All,
    /// Those in scope, which were left out before.
    Again,
}

/// What a pass came to.
#[derive(Debug, Default)]
pub(crate) struct Pass {
    pub(crate) decision: Decision,
    /// Nothing if there was no ENI to read.
    pub(crate) crawl: Option<Crawl>,
    pub(crate) failed: Failed,
    /// How many links can be ENIs, those out of scope too.
    pub(crate) candidates: usize,
}

impl Pass {
    /// Makes a pass on the running system. What another run has done since this one came is done.
    pub(crate) fn make(context: &Context, netlink: &mut Netlink, scope: &Scope) -> Result<Self, Error> {
        let turn = Turn::take(&context.paths.turn())?;
        if turn.was_taken_by_another() && is_configured(context, netlink, scope)? {
            log::debug!("another run has done it");
            return Ok(Self::default());
        }
        // Others may be waiting, for any ENI.
        let reach = if turn.is_busy() { Reach::All } else { Reach::Scope };
        let (mut pass, again) = Self::make_once(context, netlink, scope, reach, turn)?;
        if !again.is_empty() {
            log::debug!("reading {again:?} again");
            let scope = Scope { names: again, may_remember: true, ..scope.clone() };
            let turn = Turn::take(&context.paths.turn())?;
            let (again, _) = Self::make_once(context, netlink, &scope, Reach::Again, turn)?;
            pass.absorb(again, &scope.names);
        }
        pass.narrow(scope);
        Ok(pass)
    }

    /// Makes a pass. Some links are left out and named: those at which another run has been since the metadata was read,
    /// since that may be older than what the other run knew, unless this was so before; and new secondary ENIs, if the
    /// primary one is new too. Its routes are to be preferred before theirs can be.
    fn make_once(
        context: &Context,
        netlink: &mut Netlink,
        scope: &Scope,
        reach: Reach,
        turn: Turn,
    ) -> Result<(Self, Vec<InterfaceName>), Error> {
        let before = Disk::read(context)?;
        let (all, candidates) = read_candidates(context, netlink)?;
        let chosen = |link: &&Link| reach == Reach::All || scope.has(link);
        let mut links: Vec<Link> = candidates.iter().filter(chosen).cloned().collect();
        for link in all.iter().filter(|link| scope.names.contains(&link.name) && !links.contains(link)) {
            log::warn!("{}: its driver is not one of the `drivers` that an ENI can have", link.name);
        }
        let mut memo = Memo::read(&context.paths.memo());
        memo.retain(&all);
        if !scope.may_remember {
            for link in links.iter().filter(|link| scope.has(link)) {
                memo.forget(link.mac);
            }
        }
        let crawl = if links.is_empty() {
            None
        } else {
            let ways = Ways::read(netlink, &candidates, memo.interface.as_deref())?;
            let mut metadata = context.metadata(&ways, scope.patience);
            let mut crawl = observe::crawl(&mut metadata, &mut memo, &links);
            let is_waiting = |link: &&Link| !links.contains(link) && before.record(&link.name).is_none();
            let mut waiting = candidates.iter().filter(is_waiting);
            let primary = crawl.as_ref().ok().map(|crawl| crawl.primary);
            if let Some(link) = waiting.find(|link| Some(link.mac) == primary).cloned() {
                let more = observe::crawl(&mut metadata, &mut memo, std::slice::from_ref(&link));
                crawl = crawl.and_then(|crawl| Ok(crawl.and(more?)));
                links.push(link);
            }
            let interface = metadata.interface().map(str::to_owned);
            memo.interface = interface.filter(|_| metadata.interface() != ways.routed.as_deref());
            Some(crawl)
        };

        let guard = lock(&context.paths.lock(), PATIENCE)?;
        // Links come and go while the metadata is read, and another run may have configured a new one.
        let (all, now) = read_candidates(context, netlink)?;
        let is_same =
            |link: &&Link| links.iter().any(|known| (&known.name, known.mac) == (&link.name, link.mac));
        let links: Vec<Link> = now.iter().filter(is_same).cloned().collect();
        let mut disk = Disk::open(context)?;
        let is_overtaken = |link: &Link| {
            reach != Reach::Again && before.truth.files(&link.name) != disk.truth.files(&link.name)
        };
        let (overtaken, links): (Vec<Link>, Vec<Link>) = links.into_iter().partition(is_overtaken);
        let kernel = apply::read_kernel(netlink)?;
        let mut failed = Failed::new();
        apply::remove_gone(Some(netlink), &mut disk, &kernel, &all, &mut failed)?;
        let claims = claim::read(&context.paths, &links);
        let crawl = match crawl {
            None => return Ok((Self { failed, ..Self::default() }, Vec::new())),
            Some(Ok(crawl)) => crawl,
            Some(Err(error)) => {
                let links: Vec<Link> =
                    links.into_iter().filter(|link| !claims.contains_key(&link.name)).collect();
                apply::heal(netlink, &disk, &kernel, &links, &mut failed);
                return Err(error);
            }
        };
        let base = Base::read(&context.paths);
        let mut decision = decide(disk.observed(&links, &crawl, &kernel, &base, &claims));
        let later = decision.postpone_behind_primary();
        // What is incomplete may still be wrong, such as a device number of 0.
        let is_incomplete =
            |left: &&Left| left.claim().is_none() && !matches!(left.reason, Reason::Failed(_));
        for left in decision.left.iter().filter(is_incomplete) {
            memo.forget(left.link.mac);
        }
        apply::apply(context, netlink, &mut disk, &kernel, &decision, &mut failed)?;
        let left =
            decision.left.iter().map(|left| &left.link).filter(|link| !claims.contains_key(&link.name));
        let left: Vec<Link> = left.cloned().collect();
        apply::heal(netlink, &disk, &kernel, &left, &mut failed);
        remember(context, &memo, (&links, &all), &decision, &scope.names);
        drop(guard);
        let ours: Vec<Link> = links.iter().filter(|link| !claims.contains_key(&link.name)).cloned().collect();
        apply::restore_leases(context, netlink, &kernel, &ours, &mut failed);
        let shares_drop_ins = |left: &Left| {
            let had_some = !before.copies.files(&left.link.name).is_empty();
            had_some && left.claim().is_some_and(|claim| claim.shares_drop_ins(&left.link.name))
        };
        let is_whole = failed.is_empty() && decision.left.iter().all(|left| left.claim().is_some());
        let again: Vec<InterfaceName> = overtaken.into_iter().map(|link| link.name).chain(later).collect();
        if reach == Reach::All && is_whole && again.is_empty() {
            turn.tell();
        }
        if decision.enis.iter().any(|eni| eni.needs_reload) {
            apply::adopt(context, netlink, &decision, &claims, turn, &mut failed)?;
        } else if decision.left.iter().any(shares_drop_ins) {
            // What it has read of ours would count beside the administrator's file.
            command::reload_networkd()?;
        }
        Ok((Self { decision, crawl: Some(crawl), failed, candidates: candidates.len() }, again))
    }

    /// Adds what a later pass over some interfaces came to, in place of what was said of them before.
    pub(crate) fn absorb(&mut self, later: Self, names: &[InterfaceName]) {
        self.decision.enis.retain(|eni| !names.contains(&eni.link.name));
        self.decision.left.retain(|left| !names.contains(&left.link.name));
        self.decision.enis.extend(later.decision.enis);
        self.decision.enis.sort_by_key(|eni| eni.plan.slot);
        self.decision.left.extend(later.decision.left);
        self.failed.extend(later.failed);
        self.candidates = self.candidates.max(later.candidates);
        match (&mut self.crawl, later.crawl) {
            (Some(crawl), Some(later)) => crawl.indexes.extend(later.indexes),
            (crawl, later) => *crawl = crawl.take().or(later),
        }
    }

    /// Leaves out what is said of ENIs that are out of scope.
    fn narrow(&mut self, scope: &Scope) {
        self.decision.enis.retain(|eni| scope.has(&eni.link));
        self.decision.left.retain(|left| scope.has(&left.link));
        self.failed.retain(|name| scope.names.is_empty() || scope.names.contains(name));
    }

    /// The keys that an ENI listed.
    pub(crate) fn keys(&self, link: &Link) -> Option<&BTreeSet<String>> {
        self.crawl.as_ref()?.indexes.get(&link.mac)
    }

    /// The ENIs for which waiting may be enough.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = &Left> {
        self.decision.left.iter().filter(|left| left.reason.may_pass())
    }

    /// The ENIs that may still get IPv6 addresses.
    pub(crate) fn growing(&self) -> impl Iterator<Item = &Decided> {
        self.decision.enis.iter().filter(|eni| eni.may_grow)
    }
}

/// Whether all ENIs in scope have their configuration.
fn is_configured(context: &Context, netlink: &mut Netlink, scope: &Scope) -> Result<bool, Error> {
    let (all, candidates) = read_candidates(context, netlink)?;
    let disk = Disk::read(context)?;
    let is_gone = scope.names.iter().any(|name| !all.iter().any(|link| link.name == *name));
    let mut links = candidates.iter().filter(|link| scope.has(link));
    Ok(!is_gone && links.all(|link| disk.record(&link.name).is_some_and(|record| record.mac == link.mac)))
}

/// All links, and those that can be ENIs.
fn read_candidates(context: &Context, netlink: &mut Netlink) -> Result<(Vec<Link>, Vec<Link>), Error> {
    let all = read_links(netlink)?;
    let candidates = context.candidates(&all);
    Ok((all.into_iter().map(|link| link.link).collect(), candidates))
}

/// Remembers what was learned of some links, beside what other runs have remembered, and says what is news of who has a
/// claim on them, or was asked for. It is a cache, so a failure is no more than a nuisance.
fn remember(
    context: &Context,
    memo: &Memo,
    (links, all): (&[Link], &[Link]),
    decision: &Decision,
    asked: &[InterfaceName],
) {
    let path = context.paths.memo();
    let before = Memo::read(&path);
    let mut after = before.clone();
    after.adopt(memo, links);
    after.retain(all);
    for link in links {
        let left = decision.left.iter().find(|left| left.link.name == link.name);
        let claim = left.and_then(Left::claim).filter(|claim| claim.is_wish());
        let is_news = after.is_news(&link.name, claim);
        if let Some(claim) = claim.filter(|_| is_news || asked.contains(&link.name)) {
            log::info!("{}: left to the administrator: {claim}", link.name);
        }
    }
    if let Err(error) = after.write(&path, &before) {
        log::warn!("{error}");
    }
}
