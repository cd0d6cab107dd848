use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnetwork::IpNetwork;

use crate::{Eni, EniId, Gateway, Instance, MacAddr, Refusal, Route, Rule, Slot};

/// What one ENI gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EniPlan {
    /// Its MAC address.
    pub mac: MacAddr,
    /// Its id.
    pub id: EniId,
    /// Its slot, and with it table, priority and metric.
    pub slot: Slot,
    /// Whether it is the primary, which has no rules: containers on the host must reach its addresses.
    pub primary: bool,
    /// The secondary addresses, each with a full-length prefix. Sorted, without duplicates.
    pub addresses: Vec<IpNetwork>,
    /// The rules that send what the ENI owns to its table. Sorted, without duplicates.
    pub rules: Vec<Rule>,
    /// The routes of its table. Sorted, without duplicates.
    pub routes: Vec<Route>,
    /// Alternative names of the link: the ENI's id and `device-number-<device>.<card>`.
    pub altnames: [String; 2],
}

/// What all ENIs of an instance get.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InstancePlan {
    /// The plans, in the order of slots. No two have the same slot.
    pub enis: Vec<EniPlan>,
    /// The ENIs that stay as they are, and why.
    pub refused: BTreeMap<MacAddr, Refusal>,
}

/// Plans routing for all ENIs of an instance.
///
/// An ENI without a slot of its own is refused; this never concerns another ENI.
#[must_use]
pub fn plan(instance: &Instance) -> InstancePlan {
    let mut refused = BTreeMap::new();
    let mut by_slot: BTreeMap<Slot, Vec<&Eni>> = BTreeMap::new();
    for eni in &instance.enis {
        match own_slot(eni, instance.primary) {
            Ok(slot) => by_slot.entry(slot).or_default().push(eni),
            Err(refusal) => drop(refused.insert(eni.mac, refusal)),
        }
    }
    let mut enis = Vec::new();
    for (slot, claimants) in by_slot {
        let holders = instance.taken.iter().filter(|(_, taken)| **taken == slot).map(|(mac, _)| *mac);
        let everybody: BTreeSet<MacAddr> = claimants.iter().map(|eni| eni.mac).chain(holders).collect();
        for eni in claimants {
            if everybody.len() == 1 {
                enis.push(plan_eni(eni, slot, eni.mac == instance.primary));
            } else {
                let with = everybody.iter().copied().filter(|mac| *mac != eni.mac).collect();
                refused.insert(eni.mac, Refusal::SlotShared { slot, with });
            }
        }
    }
    InstancePlan { enis, refused }
}

fn own_slot(eni: &Eni, primary: MacAddr) -> Result<Slot, Refusal> {
    let Some(slot) = Slot::new(eni.card, eni.device) else {
        return Err(Refusal::NoNumbers { card: eni.card, device: eni.device });
    };
    match (eni.mac == primary, slot == Slot::PRIMARY) {
        (true, false) => Err(Refusal::PrimaryElsewhere(slot)),
        (false, true) => Err(Refusal::NotPrimary),
        _ => Ok(slot),
    }
}

fn plan_eni(eni: &Eni, slot: Slot, primary: bool) -> EniPlan {
    let owned = || host_networks(&eni.ipv4).chain(host_networks(&eni.ipv6));
    let by_dhcp = [eni.ipv4.first().copied().map(IpAddr::V4), eni.leased_ipv6.map(IpAddr::V6)];
    let rule = |from| Rule { from, priority: slot.priority(), table: slot.table() };
    let rules = owned().chain(eni.prefixes.iter().copied().map(block)).map(rule);
    EniPlan {
        mac: eni.mac,
        id: eni.id.clone(),
        slot,
        primary,
        addresses: sorted(owned().filter(|network| !by_dhcp.contains(&Some(network.ip())))),
        rules: if primary { Vec::new() } else { sorted(rules) },
        routes: routes(eni),
        altnames: [eni.id.to_string(), format!("device-number-{}.{}", slot.device(), slot.card())],
    }
}

/// The IPv6 default is always there, so that IPv6 which comes later changes nothing that networkd has read.
/// Without an IPv4 address, DHCPv4 hands out a link-local one: then no IPv4 belongs in the table.
fn routes(eni: &Eni) -> Vec<Route> {
    let has_ipv4 = !eni.ipv4.is_empty();
    let blocks = eni.subnets.iter().copied().map(block).filter(|block| has_ipv4 || block.is_ipv6());
    let defaults = has_ipv4.then_some(Gateway::Dhcp4).into_iter().chain([Gateway::Ipv6Ra]);
    sorted(defaults.map(Route::Default).chain(blocks.map(Route::OnLink)))
}

fn host_networks<A: Copy + Into<IpAddr>>(addresses: &[A]) -> impl Iterator<Item = IpNetwork> {
    addresses.iter().map(|address| IpNetwork::from((*address).into()))
}

/// The block without host bits, as the kernel stores it.
fn block(network: IpNetwork) -> IpNetwork {
    IpNetwork::new(network.network(), network.prefix()).unwrap_or(network)
}

fn sorted<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.sort();
    items.dedup();
    items
}
