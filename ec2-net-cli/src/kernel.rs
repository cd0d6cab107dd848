//! What the kernel has, and what is to change in it. Pure.

mod leased;

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use ipnetwork::IpNetwork;
use networkd_config::InterfaceName;
use policy_routing::{Gateway, Route, RouteMetric, Rule, Slot};

use crate::link::Link;
use crate::record::Wanted;

use leased::Leased;

/// The main route table, `ip-route(8)`.
const MAIN: u32 = 254;
/// How the alternative names begin that are ours on an ENI's link.
const ALTNAMES: [&str; 2] = ["eni-", "device-number-"];

/// The part of the kernel's state that matters here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kernel {
    pub(crate) addresses: Vec<KernelAddress>,
    pub(crate) rules: Vec<KernelRule>,
    pub(crate) routes: Vec<KernelRoute>,
}

/// An address of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KernelAddress {
    pub(crate) link: u32,
    pub(crate) network: IpNetwork,
    /// Whether it has no lifetime. A leased address has one.
    pub(crate) is_permanent: bool,
}

/// A rule that does no more than choose a table by the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KernelRule {
    pub(crate) from: IpNetwork,
    pub(crate) priority: u32,
    pub(crate) table: u32,
}

/// A unicast route. A default route has a destination of length 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct KernelRoute {
    pub(crate) table: u32,
    pub(crate) destination: IpNetwork,
    pub(crate) gateway: Option<IpAddr>,
    pub(crate) link: u32,
    pub(crate) metric: u32,
    pub(crate) protocol: u8,
    /// The source address that it prefers.
    pub(crate) source: Option<IpAddr>,
}

/// A change to a link, or to the rules that belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) interface: InterfaceName,
    pub(crate) link: u32,
    pub(crate) action: Action,
}

/// In the order in which changes are made: a name is taken away before another link gets it, an address is there
/// before its rule, and goes after it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Action {
    RemoveAltname(String),
    /// Gives the link the link-local IPv6 address that the kernel makes of its MAC address when it comes up.
    AddLinkLocal(Ipv6Addr),
    AddAddress(IpNetwork),
    /// Gives the route of a leased address's subnet another metric.
    SetMetric(IpNetwork, RouteMetric),
    AddRoute(KernelRoute),
    AddRule(Rule),
    RemoveRule(Rule),
    RemoveRoute(KernelRoute),
    RemoveAddress(IpNetwork),
    AddAltname(String),
}

/// `RTPROT_STATIC`, which networkd gives to what its files declare.
const PROTOCOL_STATIC: u8 = 4;

/// Tells what must change for a link to have what is `wanted`. What is `owned` and not wanted goes; nothing else.
pub(crate) fn difference(link: &Link, wanted: &Wanted, owned: &Wanted, kernel: &Kernel) -> Vec<Change> {
    let addresses = || kernel.addresses.iter().filter(|address| address.link == link.index);
    let has_rule = |rule: &Rule| kernel.rules.iter().any(|have| have.is(rule));
    let missing_addresses =
        wanted.addresses.iter().filter(|want| !addresses().any(|have| have.network.ip() == want.ip()));
    let extra_addresses = owned
        .addresses
        .difference(&wanted.addresses)
        .filter(|extra| addresses().any(|have| have.network == **extra && have.is_permanent));
    let missing_rules = wanted.rules.iter().filter(|rule| !has_rule(rule));
    let extra_rules = owned.rules.difference(&wanted.rules).filter(|rule| has_rule(rule));

    let mut actions: Vec<Action> = missing_addresses.copied().map(Action::AddAddress).collect();
    actions.extend(extra_addresses.copied().map(Action::RemoveAddress));
    actions.extend(missing_rules.copied().map(Action::AddRule));
    actions.extend(extra_rules.copied().map(Action::RemoveRule));
    if let Some(slot) = wanted.slot {
        actions.extend(missing_routes(link.index, slot, wanted, kernel).map(Action::AddRoute));
        actions.extend(extra_routes(link.index, slot, wanted, owned, kernel).map(Action::RemoveRoute));
        actions.extend(Leased { link, slot, kernel }.corrections());
    }
    // Nothing leaves by a link that is down, and what is missing comes when it is up again.
    actions.retain(|action| link.is_up || action.is_removal());
    on(link, actions)
}

/// Tells what must change for the default routes of the primary ENI to be preferred, although there is no file of ours for
/// it yet: those of the secondary ENIs would win over what the base file says.
pub(crate) fn preference(link: &Link, kernel: &Kernel) -> Vec<Change> {
    let metric = Slot::PRIMARY.metric().get();
    let is_default = |route: &&KernelRoute| {
        let place = (route.table, route.link, route.destination.prefix());
        place == (MAIN, link.index, 0) && route.gateway.is_some()
    };
    let defaults = kernel.routes.iter().filter(is_default).map(|route| KernelRoute { metric, ..*route });
    let mut missing: Vec<Action> =
        defaults.filter(|route| !kernel.routes.contains(route)).map(Action::AddRoute).collect();
    missing.dedup();
    on(link, missing)
}

/// Tells what a link is to get whose leased address `leased` somebody removed, before networkd can configure it anew; nothing
/// if the address is there. Without a link-local address there is no IPv6.
pub(crate) fn bereft(link: &Link, leased: IpAddr, kernel: &Kernel) -> Option<Vec<Change>> {
    let mut addresses = kernel.addresses.iter().filter(|have| have.link == link.index);
    if addresses.clone().any(|have| have.network.ip() == leased) {
        return None;
    }
    let is_link_local =
        |have: &KernelAddress| matches!(have.network.ip(), IpAddr::V6(ip) if ip.is_unicast_link_local());
    let missing = (!addresses.any(is_link_local)).then(|| Action::AddLinkLocal(link_local(link)));
    Some(on(link, missing.into_iter().collect()))
}

/// The link-local address of a MAC address, RFC 4291, appendix A.
fn link_local(link: &Link) -> Ipv6Addr {
    let mac = link.mac.0.map(u16::from);
    let [first, second, third] =
        [(mac[0] ^ 2, mac[1]), (mac[2], 0xff), (0xfe, mac[3])].map(|(high, low)| high << 8 | low);
    Ipv6Addr::new(0xfe80, 0, 0, 0, first, second, third, mac[4] << 8 | mac[5])
}

/// Tells whether networkd has brought up what its files say of a link: what is left to do is to take away.
pub(crate) fn is_adopted(link: &Link, wanted: &Wanted, kernel: &Kernel) -> bool {
    let missing = difference(link, wanted, &Wanted::default(), kernel);
    // What a lease has left in the main table is corrected only then.
    let is_addition = |action: &Action| match action {
        Action::SetMetric(..) => false,
        Action::AddRoute(route) => route.table != MAIN,
        action => !action.is_removal(),
    };
    let is_behind = wanted.slot.is_some_and(|slot| Leased { link, slot, kernel }.is_behind());
    !missing.iter().any(|change| is_addition(&change.action)) && !is_behind
}

/// Tells how the alternative names of a link must change.
pub(crate) fn altnames(link: &Link, wanted: &[String]) -> Vec<Change> {
    let is_ours = |name: &&String| ALTNAMES.iter().any(|begin| name.starts_with(begin));
    let stale = link.altnames.iter().filter(is_ours).filter(|name| !wanted.contains(name));
    let missing = wanted.iter().filter(|name| !link.altnames.contains(name));
    let remove = stale.cloned().map(Action::RemoveAltname);
    on(link, remove.chain(missing.cloned().map(Action::AddAltname)).collect())
}

/// Tells which rules of a link that is gone remain, unless they are wanted elsewhere.
pub(crate) fn leftovers(
    interface: &InterfaceName,
    owned: &Wanted,
    kept: &[Wanted],
    kernel: &Kernel,
) -> Vec<Change> {
    let is_left = |rule: &&Rule| {
        kernel.rules.iter().any(|have| have.is(rule)) && !kept.iter().any(|kept| kept.rules.contains(*rule))
    };
    let change =
        |rule: &Rule| Change { interface: interface.clone(), link: 0, action: Action::RemoveRule(*rule) };
    owned.rules.iter().filter(is_left).map(change).collect()
}

fn on(link: &Link, mut actions: Vec<Action>) -> Vec<Change> {
    actions.sort();
    let change = |action| Change { interface: link.name.clone(), link: link.index, action };
    actions.into_iter().map(change).collect()
}

fn missing_routes<'a>(
    link: u32,
    slot: Slot,
    wanted: &'a Wanted,
    kernel: &'a Kernel,
) -> impl Iterator<Item = KernelRoute> + 'a {
    let table = slot.table().get();
    wanted.routes.iter().filter_map(move |route| {
        let in_table = |have: &&KernelRoute| have.table == table && have.link == link && have.is(route);
        if kernel.routes.iter().any(|have| in_table(&have)) {
            return None;
        }
        match route {
            Route::OnLink(block) => Some(KernelRoute {
                table,
                destination: *block,
                gateway: None,
                link,
                metric: 0,
                protocol: PROTOCOL_STATIC,
                source: None,
            }),
            // The gateway is the one that networkd learned for the main table; without it there is none yet.
            Route::Default(_) => {
                let learned = |have: &&KernelRoute| have.table == MAIN && have.link == link && have.is(route);
                let metric = slot.metric().get();
                kernel.routes.iter().find(learned).map(|learned| KernelRoute {
                    table,
                    metric,
                    source: None,
                    ..*learned
                })
            }
        }
    })
}

fn extra_routes<'a>(
    link: u32,
    slot: Slot,
    wanted: &'a Wanted,
    owned: &'a Wanted,
    kernel: &'a Kernel,
) -> impl Iterator<Item = KernelRoute> + 'a {
    let in_table = move |have: &&KernelRoute| have.table == slot.table().get() && have.link == link;
    let extra = owned.routes.difference(&wanted.routes);
    let extra = extra.flat_map(move |route| {
        kernel.routes.iter().filter(in_table).filter(move |have| have.is(route)).copied()
    });
    // From systemd 257 on networkd makes IPv6 routes with nexthop objects, and so a second one beside the one that was
    // put back in its place. Without the object's number, the kernel removes the one without an object.
    let is_doubled = move |(position, have): &(usize, &KernelRoute)| {
        in_table(have) && kernel.routes.iter().skip(position + 1).any(|other| other == *have)
    };
    let doubled = kernel.routes.iter().enumerate().filter(is_doubled).map(|(_, have)| *have);
    extra.chain(doubled.filter(move |have| wanted.routes.iter().any(|route| have.is(route))))
}

impl KernelRule {
    fn is(&self, rule: &Rule) -> bool {
        self.from == rule.from && self.priority == rule.priority.get() && self.table == rule.table.get()
    }
}

impl KernelRoute {
    fn is(&self, route: &Route) -> bool {
        match route {
            Route::OnLink(block) => self.destination == *block && self.gateway.is_none(),
            Route::Default(gateway) => {
                let family_fits = self.destination.is_ipv4() == matches!(gateway, Gateway::Dhcp4);
                family_fits && self.destination.prefix() == 0 && self.gateway.is_some()
            }
        }
    }
}

impl Action {
    /// Whether it takes away something that packets use.
    pub(crate) fn is_removal(&self) -> bool {
        matches!(self, Self::RemoveAddress(_) | Self::RemoveRule(_) | Self::RemoveRoute(_))
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.interface, self.action)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RemoveAltname(name) => write!(f, "remove alternative name {name}"),
            Self::AddLinkLocal(address) => write!(f, "add address {address}/64"),
            Self::AddAddress(network) => write!(f, "add address {network}"),
            Self::SetMetric(network, metric) => write!(f, "set metric {metric} of the subnet of {network}"),
            Self::AddRoute(route) => write!(f, "add route {route}"),
            Self::AddRule(rule) => write!(f, "add rule {rule}"),
            Self::RemoveRule(rule) => write!(f, "remove rule {rule}"),
            Self::RemoveRoute(route) => write!(f, "remove route {route}"),
            Self::RemoveAddress(network) => write!(f, "remove address {network}"),
            Self::AddAltname(name) => write!(f, "add alternative name {name}"),
        }
    }
}

impl fmt::Display for KernelRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.destination.prefix() {
            0 => f.write_str("default")?,
            _ => self.destination.fmt(f)?,
        }
        if let Some(gateway) = self.gateway {
            write!(f, " via {gateway}")?;
        }
        write!(f, " table {}", self.table)?;
        if self.table == MAIN { write!(f, " metric {}", self.metric) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
