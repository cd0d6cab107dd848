use std::thread;
use std::time::{Duration, Instant};

use clap::{Args, ValueHint};
use networkd_config::InterfaceName;

use crate::apply::{self, Failed};
use crate::base::Base;
use crate::context::{Context, Ways, open_netlink, read_links};
use crate::crawl::Crawl;
use crate::decision::{Left, Reason, decide};
use crate::disk::Disk;
use crate::error::{Error, Exit};
use crate::kernel::{Kernel, KernelAddress};
use crate::link::Link;
use crate::memo::Memo;
use crate::netlink::Netlink;
use crate::pass::{Pass, Scope};
use crate::{claim, lock, observe, report};

/// The longest time that a refresh takes to read the metadata: less than the timer's interval.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// The longest time, in seconds, that a new ENI's metadata is waited for; 18 seconds have been seen.
const TIMEOUT: u32 = 30;
/// The pause between two looks at metadata that is not complete.
const POLL: Duration = Duration::from_millis(100);
/// The same for each ENI of the instance, each of which may have a run of its own that waits: link-local services
/// share 1024 packets a second.
const POLL_PER_ENI: Duration = Duration::from_millis(20);
/// How long IPv6 that may never come is looked for as often, and the pause from then on.
const EAGER: Duration = Duration::from_secs(12);
const LAZY_POLL: Duration = Duration::from_secs(1);
/// How long the first lease is waited for at boot, before the metadata is asked for without.
const LEASE: Duration = Duration::from_secs(3);
/// The pause between two looks at whether it is there.
const LEASE_POLL: Duration = Duration::from_millis(20);

/// Make files and kernel what the metadata says of the ENIs
///
/// ec2-net reconcile reads the metadata of all ENIs, compares what they should have with the network files and the
/// kernel, and changes only what differs: for a new ENI by files and one reload of networkd, for the others by
/// netlink and without a reload. It removes what was made for an ENI that is detached. A second run changes nothing
/// and says nothing.
///
/// An ENI about which the metadata gives no complete answer stays as it is, and the log says why.
#[derive(Debug, Args)]
#[command(after_long_help = Exit::help(&Self::STATUSES))]
pub(crate) struct Reconcile {
    /// Interfaces to configure [default: all ENIs]
    #[arg(value_name = "IFACE", value_hint = ValueHint::Other)]
    pub(crate) interfaces: Vec<InterfaceName>,

    /// Wait until the metadata of new ENIs is complete, which may be seconds after they are attached
    #[arg(long)]
    pub(crate) initial: bool,

    /// How long to wait with --initial
    #[arg(long, value_name = "SECONDS", default_value_t = TIMEOUT, requires = "initial")]
    #[arg(value_hint = ValueHint::Other)]
    pub(crate) timeout: u32,
}

impl Reconcile {
    pub(crate) const STATUSES: [Exit; 5] =
        [Exit::Done, Exit::Failed, Exit::Usage, Exit::Unreachable, Exit::Partly];

    /// What the commands of amazon-ec2-net-utils ask for.
    pub(crate) fn of(interface: InterfaceName, initial: bool) -> Self {
        Self { interfaces: vec![interface], initial, timeout: TIMEOUT }
    }

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Error> {
        if !context.paths.is_live() {
            return self.run_offline(context);
        }
        let mut netlink = open_netlink()?;
        let pass = if self.initial {
            let deadline = Instant::now() + Duration::from_secs(self.timeout.into());
            self.wait(context, &mut netlink, deadline)?
        } else {
            let scope = Scope { names: self.interfaces.clone(), patience: PATIENCE, may_remember: true };
            Pass::make(context, &mut netlink, &scope)?
        };
        self.report(context, &pass)
    }

    /// Makes passes until all is complete or the time is up. Each configures what is complete.
    fn wait(&self, context: &Context, netlink: &mut Netlink, deadline: Instant) -> Result<Pass, Error> {
        let start = Instant::now();
        wait_for_lease(context, netlink, deadline.min(start + LEASE))?;
        let mut scope = Scope { names: self.interfaces.clone(), patience: PATIENCE, may_remember: false };
        let mut all = Pass::default();
        loop {
            scope.patience = deadline.saturating_duration_since(Instant::now()).min(PATIENCE);
            match Pass::make(context, netlink, &scope) {
                Err(error) if error.may_pass() && Instant::now() + POLL < deadline => {
                    log::debug!("{error}; trying again");
                    thread::sleep(POLL);
                    continue;
                }
                pass => all.absorb(pass?, &scope.names),
            }
            scope.may_remember = true;
            if !sleep_until_news(context, netlink, &all, start, deadline)? {
                return Ok(all);
            }
            let growing = all.growing().map(|eni| &eni.link.name);
            scope.names = all.waiting().map(|left| &left.link.name).chain(growing).cloned().collect();
        }
    }

    fn run_offline(&self, context: &Context) -> Result<Exit, Error> {
        let mut metadata = context.metadata(&Ways::default(), PATIENCE);
        let (links, crawl) =
            observe::crawl_offline(context, &mut metadata, &mut Memo::default(), &Disk::read(context)?)?;
        let _lock = lock::lock(&context.paths.lock(), lock::PATIENCE)?;
        let mut disk = Disk::open(context)?;
        let kernel = Kernel::default();
        apply::remove_gone(None, &mut disk, &kernel, &links, &mut Failed::new())?;
        let chosen = |link: &Link| self.interfaces.is_empty() || self.interfaces.contains(&link.name);
        let links: Vec<Link> = links.into_iter().filter(chosen).collect();
        let (base, claims) = (Base::read(&context.paths), claim::read(&context.paths, &links));
        let decision = decide(disk.observed(&links, &crawl, &kernel, &base, &claims));
        apply::apply_offline(&mut disk, &decision)?;
        self.report(context, &Pass { decision, ..Pass::default() })
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

    /// A link that never was an ENI is none of our business, and one that networkd has not taken up will soon be,
    /// unless it was named. What the administrator wants was said already.
    fn is_noteworthy(&self, left: &Left) -> bool {
        let is_named = self.interfaces.contains(&left.link.name);
        match &left.reason {
            Reason::Claimed(claim) if claim.is_wish() => false,
            Reason::Unlisted | Reason::Claimed(_) => left.is_configured || is_named,
            _ => true,
        }
    }
}

/// Waits until some ENI has an IPv4 address, which DHCP gives in IPv6-only subnets too.
///
/// Without one, only the metadata's IPv6 endpoint could be reached, with a source address that may be another ENI's.
fn wait_for_lease(context: &Context, netlink: &mut Netlink, until: Instant) -> Result<(), Error> {
    loop {
        let candidates = context.candidates(&read_links(netlink)?);
        let kernel = apply::read_kernel(netlink)?;
        let is_leased = |address: &KernelAddress| {
            address.network.is_ipv4() && candidates.iter().any(|link| link.index == address.link)
        };
        if candidates.is_empty() || kernel.addresses.iter().any(is_leased) || Instant::now() >= until {
            return Ok(());
        }
        thread::sleep(LEASE_POLL);
    }
}

/// Sleeps until the metadata of an ENI that waits may be another; false if none waits, or the time is up first.
fn sleep_until_news(
    context: &Context,
    netlink: &mut Netlink,
    pass: &Pass,
    start: Instant,
    deadline: Instant,
) -> Result<bool, Error> {
    let candidates = u32::try_from(pass.candidates).unwrap_or(u32::MAX);
    let mut waiting: Vec<&Link> = pass.waiting().map(|left| &left.link).collect();
    let shows_in_index = pass.waiting().all(|left| left.reason.shows_in_index());
    let is_lazy = waiting.is_empty();
    waiting.extend(pass.growing().map(|eni| &eni.link));
    if waiting.is_empty() {
        return Ok(false);
    }
    let patience = deadline.saturating_duration_since(Instant::now());
    let links = context.candidates(&read_links(netlink)?);
    let mut metadata = context.metadata(&Ways::read(netlink, &links, None)?, patience);
    loop {
        let mut pause = POLL.max(POLL_PER_ENI * candidates);
        if is_lazy && start.elapsed() > EAGER {
            pause = pause.max(LAZY_POLL);
        }
        if Instant::now() + pause >= deadline {
            return Ok(false);
        }
        thread::sleep(pause);
        let has_news = |link: &&Link| {
            !context.has_link(&link.name) || Crawl::keys(&mut metadata, link.mac).as_ref() != pass.keys(link)
        };
        if !shows_in_index || waiting.iter().any(has_news) {
            return Ok(true);
        }
    }
}
