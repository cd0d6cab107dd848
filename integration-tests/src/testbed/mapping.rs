//! The VPC's mapping: which ENI gets the packets to an address, and which may send from it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv6Addr};

use ipnetwork::IpNetwork;

use super::eni::{Eni, Subnet};
use super::namespace::Namespace;
use super::source_check;
use super::vpc::bridge;

/// What is assigned to the ENIs, by MAC address.
#[derive(Default)]
pub(crate) struct Mapping {
    enis: BTreeMap<String, BTreeSet<Assignment>>,
}

/// An address (a block of one) or a delegated block of an ENI.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Assignment {
    network: IpNetwork,
    subnet: usize,
    next_hop: Ipv6Addr,
}

impl Mapping {
    /// Makes `eni` have what it says, and nothing else. What stays is not touched.
    #[track_caller]
    pub(crate) fn assign(&mut self, router: &Namespace, eni: &Eni, subnet: &Subnet) {
        self.replace(router, &eni.mac, assignments(eni, subnet));
    }

    /// Takes everything from the ENI with this MAC address.
    #[track_caller]
    pub(crate) fn unassign(&mut self, router: &Namespace, mac: &str) {
        self.replace(router, mac, BTreeSet::new());
    }

    #[track_caller]
    fn replace(&mut self, router: &Namespace, mac: &str, new: BTreeSet<Assignment>) {
        let old = self.enis.remove(mac).unwrap_or_default();
        let (added, removed) = (&new - &old, &old - &new);
        self.enis.insert(mac.to_owned(), new);
        source_check::change(router, mac, &networks(&added), &networks(&removed));
        let mut lines = String::new();
        for assignment in &removed {
            // The address may have moved to another ENI in the meantime.
            let mut all = self.enis.values().flatten();
            if !all.any(|other| other.network == assignment.network) {
                lines += &withdraw(assignment);
            }
        }
        lines.extend(added.iter().map(|assignment| deliver(assignment, mac)));
        router.ip(&lines);
    }
}

/// The blocks of some assignments.
fn networks(assignments: &BTreeSet<Assignment>) -> Vec<IpNetwork> {
    assignments.iter().map(|assignment| assignment.network).collect()
}

/// All that the ENI has.
fn assignments(eni: &Eni, subnet: &Subnet) -> BTreeSet<Assignment> {
    let link_local = subnet.ipv4.is_none().then(|| eni.link_local_ipv4());
    let ipv4 = eni.ipv4.iter().copied().chain(link_local).map(IpAddr::from);
    let ipv6 = eni.ipv6.iter().copied().map(IpAddr::from);
    let prefixes4 = eni.ipv4_prefixes.iter().copied().map(IpNetwork::from);
    let prefixes6 = eni.ipv6_prefixes.iter().copied().map(IpNetwork::from);
    let networks = ipv4.chain(ipv6).map(IpNetwork::from).chain(prefixes4).chain(prefixes6);
    let (subnet, next_hop) = (eni.subnet, eni.link_local_ipv6());
    networks.map(|network| Assignment { network, subnet, next_hop }).collect()
}

/// Has packets delivered to the ENI. The router asks nobody: another ENI of the same instance
/// would answer as well, because Linux answers for any of its addresses on any link.
fn deliver(assignment: &Assignment, mac: &str) -> String {
    let Assignment { network, subnet, next_hop } = assignment;
    let device = bridge(*subnet);
    let neighbour = |address| format!("neigh replace {address} lladdr {mac} dev {device} nud permanent\n");
    if is_address(assignment) {
        // The router's neighbours are, through the bridge, the other ENIs' too (proxy_arp_wifi).
        neighbour(network.ip()) + &format!("route replace {network} dev {device}\n")
    } else {
        neighbour((*next_hop).into())
            + &format!("route replace {network} via inet6 {next_hop} dev {device}\n")
    }
}

/// Has packets delivered to nobody. The router has no route to the subnet as a whole.
fn withdraw(assignment: &Assignment) -> String {
    let Assignment { network, subnet, .. } = assignment;
    let route = format!("route delete {network}\n");
    if is_address(assignment) {
        route + &format!("neigh delete {} dev {}\n", network.ip(), bridge(*subnet))
    } else {
        route
    }
}

/// Whether it is a single address, which ENIs of the same subnet may ask for.
fn is_address(assignment: &Assignment) -> bool {
    let all_bits = if assignment.network.is_ipv4() { 32 } else { 128 };
    assignment.network.prefix() == all_bits
}
