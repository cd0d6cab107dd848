//! From what was observed to what is to be done for each ENI. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::path::PathBuf;

use ipnetwork::IpNetwork;
use networkd_config::InterfaceName;
use policy_routing::{Eni, EniPlan, Instance, MacAddr, Refusal};

use crate::base::Base;
use crate::claim::{Claim, Claims};
use crate::crawl::{Crawl, Seen};
use crate::facts::{Facts, Missing, judge, leased_ipv6};
use crate::kernel::Kernel;
use crate::link::Link;
use crate::record::{Foreign, Record, Wanted};
use crate::render;
use crate::tree::{Files, Tree};

/// Everything that a decision depends on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Observed<'a> {
    /// The links to decide about.
    pub(crate) links: &'a [Link],
    pub(crate) crawl: &'a Crawl,
    /// The files that say what is wanted and owned.
    pub(crate) truth: &'a Tree,
    /// The files that networkd reads.
    pub(crate) copies: &'a Tree,
    pub(crate) kernel: &'a Kernel,
    /// The base file in force.
    pub(crate) base: &'a Base,
    /// Who else has a say about the links.
    pub(crate) claims: &'a Claims,
}

/// What to do.
#[derive(Clone, Debug, Default)]
pub(crate) struct Decision {
    /// The ENIs to configure, in the order of slots.
    pub(crate) enis: Vec<Decided>,
    /// The ENIs that stay as they are.
    pub(crate) left: Vec<Left>,
}

impl Decision {
    /// Takes out the new secondary ENIs if the primary one is new too, and names them.
    pub(crate) fn postpone_behind_primary(&mut self) -> Vec<InterfaceName> {
        let is_primary_new = self.enis.iter().any(|eni| eni.plan.primary && eni.needs_reload);
        let is_later = |eni: &Decided| is_primary_new && eni.needs_reload && !eni.plan.primary;
        let later = self.enis.iter().filter(|eni| is_later(eni)).map(|eni| eni.link.name.clone()).collect();
        self.enis.retain(|eni| !is_later(eni));
        later
    }
}

/// One ENI to configure.
#[derive(Clone, Debug)]
pub(crate) struct Decided {
    pub(crate) link: Link,
    pub(crate) plan: EniPlan,
    pub(crate) files: Files,
    pub(crate) wanted: Wanted,
    /// What is there of ours: in the truth, or in what networkd has read and may bring back.
    pub(crate) owned: Wanted,
    /// Whether networkd has to read the files before it does its part.
    pub(crate) needs_reload: bool,
    /// Whether IPv6 addresses may still be on their way: the subnet has IPv6, and the ENI has none.
    pub(crate) may_grow: bool,
}

/// One ENI that stays as it is.
#[derive(Clone, Debug)]
pub(crate) struct Left {
    pub(crate) link: Link,
    /// Its id, if that is known.
    pub(crate) id: Option<String>,
    pub(crate) reason: Reason,
    /// Whether something is configured for it.
    pub(crate) is_configured: bool,
    /// Whether it is the primary one.
    pub(crate) is_primary: bool,
}

/// Why an ENI stays as it is.
#[derive(Clone, Debug)]
pub(crate) enum Reason {
    /// The metadata does not list it. A link that never was an ENI is one that is not ours.
    Unlisted,
    /// A key is listed, but does not exist.
    NotYet(String),
    /// A key is missing.
    Missing(MacAddr, Missing),
    /// A key could not be read.
    Failed(imds_client::Error),
    /// Its slot cannot be.
    Refused(Refusal),
    /// A file under our name is not ours.
    Foreign(PathBuf),
    /// Somebody else has a say about it.
    Claimed(Claim),
}

/// What the files say of each link that exists.
pub(crate) type Records = BTreeMap<InterfaceName, Result<Option<Record>, Foreign>>;

pub(crate) fn records(tree: &Tree) -> Records {
    let record = |(interface, files): (&InterfaceName, &Files)| {
        let record = Record::read(interface, files);
        (interface.clone(), record.map_err(|Foreign(path)| Foreign(tree.directory.join(path))))
    };
    tree.links.iter().map(record).collect()
}

/// The links that files are there for, but whose MAC address no link of that name has: they are gone.
pub(crate) fn gone(tree: &Tree, links: &[Link]) -> BTreeSet<InterfaceName> {
    let exists = |interface: &InterfaceName, mac: MacAddr| {
        links.iter().any(|link| link.name == *interface && link.mac == mac)
    };
    let is_gone = |(interface, record): (InterfaceName, Result<Option<Record>, Foreign>)| match record {
        Ok(Some(record)) if !exists(&interface, record.mac) => Some(interface),
        _ => None,
    };
    records(tree).into_iter().filter_map(is_gone).collect()
}

/// Decides what to do for each link.
#[must_use]
pub(crate) fn decide(observed: Observed) -> Decision {
    let truth = records(observed.truth);
    let copies = records(observed.copies);
    let left = |link: &Link, reason, is_configured| {
        let id = observed.crawl.ids.get(&link.mac).cloned();
        let is_primary = link.mac == observed.crawl.primary;
        Left { link: link.clone(), id, reason, is_configured, is_primary }
    };
    let mut decision = Decision::default();
    let mut enis = Vec::new();
    for link in observed.links {
        let owned = owned(&truth, &copies, &link.name);
        match owned
            .clone()
            .map_err(|Foreign(path)| Reason::Foreign(path))
            .and_then(|owned| eni(observed, link, &owned))
        {
            Ok(eni) => enis.push(eni),
            Err(reason) => {
                let is_configured = owned.is_ok_and(|owned| owned != Wanted::default());
                decision.left.push(left(link, reason, is_configured));
            }
        }
    }
    let is_planned = |mac: MacAddr| enis.iter().any(|eni: &Eni| eni.mac == mac);
    let taken = truth.values().filter_map(|record| record.as_ref().ok()?.as_ref());
    let taken = taken.filter(|record| !is_planned(record.mac));
    let taken = taken.filter_map(|record| Some((record.mac, record.wanted.slot?))).collect();
    let plan = policy_routing::plan(&Instance { primary: observed.crawl.primary, enis: enis.clone(), taken });

    let link_of = |mac: MacAddr| observed.links.iter().find(|link| link.mac == mac);
    for (mac, refusal) in plan.refused {
        let Some(link) = link_of(mac) else { continue };
        let is_configured = matches!(truth.get(&link.name), Some(Ok(Some(_))));
        decision.left.push(left(link, Reason::Refused(refusal), is_configured));
    }
    for plan in plan.enis {
        let (Some(link), Some(eni)) = (link_of(plan.mac), enis.iter().find(|eni| eni.mac == plan.mac)) else {
            continue;
        };
        let files = render::files(&link.name, &plan, observed.base);
        let desired = Record::read(&link.name, &files).ok().flatten();
        let is_read = |records: &Records| match (records.get(&link.name), &desired) {
            (Some(Ok(Some(have))), Some(want)) => have.is_same_to_networkd(want),
            _ => false,
        };
        decision.enis.push(Decided {
            link: link.clone(),
            wanted: Wanted::from(&plan),
            owned: owned(&truth, &copies, &link.name).unwrap_or_default(),
            needs_reload: !(is_read(&truth) && is_read(&copies)),
            may_grow: !plan.primary && eni.ipv6.is_empty() && eni.subnets.iter().any(IpNetwork::is_ipv6),
            plan,
            files,
        });
    }
    decision
}

/// What is ours on a link, by both trees.
pub(crate) fn owned(truth: &Records, copies: &Records, interface: &InterfaceName) -> Result<Wanted, Foreign> {
    let wanted = |records: &Records| match records.get(interface) {
        Some(Ok(Some(record))) => Ok(record.wanted.clone()),
        Some(Err(foreign)) => Err(foreign.clone()),
        _ => Ok(Wanted::default()),
    };
    Ok(wanted(truth)?.and(&wanted(copies)?))
}

fn eni(observed: Observed, link: &Link, owned: &Wanted) -> Result<Eni, Reason> {
    let claim = observed.claims.get(&link.name);
    let facts: &Facts = match (observed.crawl.enis.get(&link.mac), claim) {
        (Some(Seen::Unlisted) | None, _) => return Err(Reason::Unlisted),
        (Some(_), Some(claim)) => return Err(Reason::Claimed(claim.clone())),
        (Some(Seen::Facts(facts)), None) => facts,
        (Some(Seen::NotYet(key)), None) => return Err(Reason::NotYet(key.clone())),
        (Some(Seen::Failed(error)), None) => return Err(Reason::Failed(error.clone())),
    };
    let mut eni = judge(link.mac, facts, &owned.had(), observed.crawl.has_cards)
        .map_err(|missing| Reason::Missing(link.mac, missing))?;
    eni.leased_ipv6 = leased_ipv6(&eni.ipv6, &leased(observed.kernel, link), &owned.addresses);
    Ok(eni)
}

/// The IPv6 addresses with a lifetime on a link.
fn leased(kernel: &Kernel, link: &Link) -> Vec<Ipv6Addr> {
    let on_link =
        kernel.addresses.iter().filter(|address| address.link == link.index && !address.is_permanent);
    on_link
        .filter_map(|address| match address.network.ip() {
            IpAddr::V6(ip) => Some(ip),
            IpAddr::V4(_) => None,
        })
        .collect()
}

impl Left {
    /// Who else has a say about it.
    pub(crate) fn claim(&self) -> Option<&Claim> {
        match &self.reason {
            Reason::Claimed(claim) => Some(claim),
            _ => None,
        }
    }

    /// The interface, and which ENI it is.
    pub(crate) fn name(&self) -> String {
        let id = self.id.clone().unwrap_or_else(|| self.link.mac.to_string());
        format!("{} ({id})", self.link.name)
    }
}

impl Reason {
    /// Whether waiting may be enough.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Unlisted | Self::NotYet(_) | Self::Missing(..) => true,
            Self::Failed(error) => error.may_pass(),
            Self::Refused(refusal) => !matches!(refusal, Refusal::NoNumbers { .. }),
            Self::Foreign(_) => false,
            Self::Claimed(claim) => !claim.is_wish(),
        }
    }

    /// Whether it can only pass when the ENI lists other keys.
    pub(crate) fn shows_in_index(&self) -> bool {
        matches!(self, Self::Missing(..))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unlisted => f.write_str("the metadata does not list it"),
            Self::NotYet(key) => write!(f, "`{key}` is listed, but answers 404 or nothing"),
            Self::Missing(mac, Missing { key, why }) => {
                write!(f, "`network/interfaces/macs/{mac}/{key}` is {why}")
            }
            Self::Failed(error) => error.fmt(f),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Claimed(claim) => claim.fmt(f),
            Self::Foreign(path) => {
                write!(
                    f,
                    "`{}` was not written by ec2-net; move it away or switch ec2-net off",
                    path.display()
                )
            }
        }
    }
}
