use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use networkd_config::InterfaceName;

use crate::apply;
use crate::context::{Context, open_netlink, read_links};
use crate::crawl::Crawl;
use crate::decision::{Decision, Left, Reason, decide};
use crate::disk::Disk;
use crate::error::{Error, Exit};
use crate::kernel::Kernel;
use crate::link::Link;
use crate::lock::lock;
use crate::memo::Memo;
use crate::netlink::Netlink;
use crate::{observe, report};

/// The longest time that a refresh takes to read the metadata: less than the timer's interval.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// The longest time, in seconds, that a new ENI's metadata is waited for; 18 seconds have been seen.
const TIMEOUT: u32 = 30;
/// The pause between two looks at metadata that is not complete.
const POLL: Duration = Duration::from_millis(100);
/// The same for each ENI, where many wait: link-local services share 1024 packets a second.
const POLL_PER_ENI: Duration = Duration::from_millis(20);

/// Make files and kernel what the metadata says of the ENIs
///
/// Reads the metadata of all ENIs, compares what they should have with the network files and the kernel, and
/// changes only what differs. An ENI about which the metadata gives no complete answer stays as it is. A second run
/// changes nothing.
#[derive(Debug, Args)]
pub(crate) struct Reconcile {
    /// Interfaces to configure [default: all ENIs]
    #[arg(value_name = "IFACE")]
    pub(crate) interfaces: Vec<InterfaceName>,

    /// Wait until the metadata of new ENIs is complete
    #[arg(long)]
    pub(crate) initial: bool,

    /// How long to wait with --initial
    #[arg(long, value_name = "SECONDS", default_value_t = TIMEOUT, requires = "initial")]
    pub(crate) timeout: u32,
}

/// What one pass over the ENIs came to.
#[derive(Default)]
struct Pass {
    decision: Decision,
    crawl: Option<Crawl>,
    failed: BTreeSet<InterfaceName>,
}

impl Reconcile {
    /// What the commands of amazon-ec2-net-utils ask for.
    pub(crate) fn of(interface: InterfaceName, initial: bool) -> Self {
        Self { interfaces: vec![interface], initial, timeout: TIMEOUT }
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Error> {
        if !context.paths.is_live() {
            return self.run_offline(context);
        }
        let mut netlink = open_netlink()?;
        if !self.initial {
            let pass = pass(context, &mut netlink, &self.interfaces, PATIENCE, true)?;
            return self.report(context, &pass);
        }
        self.wait(context, &mut netlink, Instant::now() + Duration::from_secs(self.timeout.into()))
    }

    /// Makes passes until all is complete or the time is up. Each configures what is complete.
    fn wait(&self, context: &Context, netlink: &mut Netlink, deadline: Instant) -> Result<Exit, Error> {
        let mut names = self.interfaces.clone();
        let mut knows = false;
        loop {
            let patience = deadline.saturating_duration_since(Instant::now()).min(PATIENCE);
            let result = pass(context, netlink, &names, patience, knows);
            knows = true;
            let pass = match result {
                Err(error) if error.exit() == Exit::Unreachable && Instant::now() + POLL < deadline => {
                    log::debug!("{error}; trying again");
                    thread::sleep(POLL);
                    continue;
                }
                result => result?,
            };
            let waiting = waiting(&pass);
            if waiting.is_empty() || !sleep_until_news(context, &pass, &waiting, deadline) {
                return self.report(context, &pass);
            }
            names = waiting.into_iter().map(|link| link.name).collect();
        }
    }

    fn run_offline(&self, context: &Context) -> Result<Exit, Error> {
        let _lock = lock(&context.paths.lock())?;
        let mut disk = Disk::open(context)?;
        let mut metadata = context.metadata(&[], PATIENCE);
        let (links, crawl) = observe::crawl_offline(context, &mut metadata, &mut Memo::default(), &disk)?;
        let kernel = Kernel::default();
        apply::remove_gone(None, &mut disk, &kernel, &links)?;
        let chosen = |link: &Link| self.interfaces.is_empty() || self.interfaces.contains(&link.name);
        let links: Vec<Link> = links.into_iter().filter(chosen).collect();
        let decision = decide(disk.observed(&links, &crawl, &kernel, &context.paths.base_file()));
        apply::apply_offline(&mut disk, &decision)?;
        self.report(context, &Pass { decision, crawl: Some(crawl), failed: BTreeSet::new() })
    }

    /// Says which ENIs stayed as they were, and why.
    fn report(&self, context: &Context, pass: &Pass) -> Result<Exit, Error> {
        let noteworthy: Vec<&Left> =
            pass.decision.left.iter().filter(|left| self.is_noteworthy(left)).collect();
        for left in &noteworthy {
            log::warn!("{}: left as it is: {}", left.name(), left.reason);
        }
        if context.json {
            report::print_json(&report::document(&pass.decision, Vec::new()))?;
        }
        Ok(match (pass.failed.is_empty(), noteworthy.is_empty()) {
            (false, _) => Exit::Failed,
            (true, false) => Exit::Partly,
            (true, true) => Exit::Done,
        })
    }

    /// A link that never was an ENI is none of our business, unless it was named.
    fn is_noteworthy(&self, left: &Left) -> bool {
        let is_named = self.interfaces.contains(&left.link.name);
        !matches!(left.reason, Reason::Unlisted) || left.is_configured || is_named
    }
}

/// All links, and those that can be ENIs.
fn read_candidates(context: &Context, netlink: &mut Netlink) -> Result<(Vec<Link>, Vec<Link>), Error> {
    let all = read_links(netlink)?;
    let candidates = context.candidates(&all);
    Ok((all.into_iter().map(|link| link.link).collect(), candidates))
}

fn pass(
    context: &Context,
    netlink: &mut Netlink,
    names: &[InterfaceName],
    patience: Duration,
    may_remember: bool,
) -> Result<Pass, Error> {
    let (all, candidates) = read_candidates(context, netlink)?;
    let chosen = |link: &&Link| names.is_empty() || names.contains(&link.name);
    let links: Vec<Link> = candidates.iter().filter(chosen).cloned().collect();
    for link in all.iter().filter(|link| names.contains(&link.name) && !links.contains(link)) {
        log::warn!("{}: its driver is not one of the `drivers` that an ENI can have", link.name);
    }
    let remembered = Memo::read(&context.paths.memo());
    let mut memo = remembered.clone();
    memo.retain(&all);
    if !may_remember {
        for link in &links {
            memo.forget(link.mac);
        }
    }
    let crawl = if links.is_empty() {
        None
    } else {
        let mut metadata = context.metadata(&candidates, patience);
        Some(observe::crawl(&mut metadata, &mut memo, &links))
    };

    let guard = lock(&context.paths.lock())?;
    // Links come and go while the metadata is read, and another run may have configured a new one.
    let (all, links) = {
        let (all, candidates) = read_candidates(context, netlink)?;
        let is_same =
            |link: &Link| links.iter().any(|known| (&known.name, known.mac) == (&link.name, link.mac));
        (all, candidates.into_iter().filter(is_same).collect::<Vec<Link>>())
    };
    let mut disk = Disk::open(context)?;
    let kernel = apply::read_kernel(netlink)?;
    apply::remove_gone(Some(netlink), &mut disk, &kernel, &all)?;
    let Some(crawl) = crawl.transpose()? else { return Ok(Pass::default()) };
    let decision = decide(disk.observed(&links, &crawl, &kernel, &context.paths.base_file()));
    // What is incomplete may still be wrong, such as a device number of 0.
    for left in decision.left.iter().filter(|left| !matches!(left.reason, Reason::Failed(_))) {
        memo.forget(left.link.mac);
    }
    let done = apply::apply(context, netlink, &mut disk, &kernel, &decision)?;
    memo.write(&context.paths.memo(), &remembered)?;
    drop(guard);

    let mut failed = done.failed;
    if done.reloaded {
        failed.extend(apply::settle(context, netlink, &all, &decision)?);
    }
    Ok(Pass { decision, crawl: Some(crawl), failed })
}

/// Sleeps until the metadata of a waiting ENI may be another; false if the time is up first.
fn sleep_until_news(context: &Context, pass: &Pass, waiting: &[Link], deadline: Instant) -> bool {
    let pause = POLL.max(POLL_PER_ENI * u32::try_from(waiting.len()).unwrap_or(u32::MAX));
    let mut metadata = context.metadata(&pass.links(), deadline.saturating_duration_since(Instant::now()));
    while Instant::now() + pause < deadline {
        thread::sleep(pause);
        let has_news = |link: &Link| {
            let shows = pass.left(link).is_none_or(|left| left.reason.shows_in_index());
            !shows || Crawl::keys(&mut metadata, link.mac).as_ref() != pass.keys(link)
        };
        if waiting.iter().any(has_news) {
            return true;
        }
    }
    false
}

impl Pass {
    fn links(&self) -> Vec<Link> {
        let left = self.decision.left.iter().map(|left| &left.link);
        self.decision.enis.iter().map(|eni| &eni.link).chain(left).cloned().collect()
    }

    /// The keys that an ENI listed.
    fn keys(&self, link: &Link) -> Option<&BTreeSet<String>> {
        self.crawl.as_ref()?.indexes.get(&link.mac)
    }

    fn left(&self, link: &Link) -> Option<&Left> {
        self.decision.left.iter().find(|left| left.link.mac == link.mac)
    }
}

/// The links whose ENI is incomplete, or may still get IPv6 addresses.
fn waiting(pass: &Pass) -> Vec<Link> {
    let growing = pass.decision.enis.iter().filter(|eni| eni.may_grow).map(|eni| &eni.link);
    pass.decision.left.iter().map(|left| &left.link).chain(growing).cloned().collect()
}
