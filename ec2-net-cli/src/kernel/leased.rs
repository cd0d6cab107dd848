//! What a lease has left in the kernel. Pure.

use ipnetwork::IpNetwork;
use policy_routing::Slot;

use super::{Action, Kernel, KernelRoute, MAIN};
use crate::link::Link;

/// `RTPROT_KERNEL`, of the route to the subnet that comes with an address, rtnetlink(7).
const PROTOCOL_KERNEL: u8 = 2;
/// `RTPROT_DHCP`, which networkd gives to what comes with a lease.
const PROTOCOL_DHCP: u8 = 16;

/// What came with a link's DHCPv4 lease, in the main table.
///
/// Before systemd 257 networkd keeps the routes of an earlier metric when it reads a file with another one, if
/// `KeepConfiguration=dhcp` is on, which keeps the lease. They go when the same is there with the right metric.
#[derive(Clone, Copy)]
pub(super) struct Leased<'a> {
    pub(super) link: &'a Link,
    pub(super) slot: Slot,
    pub(super) kernel: &'a Kernel,
}

impl<'a> Leased<'a> {
    /// Whether there is a route that networkd has not brought up with the right metric yet.
    pub(super) fn is_behind(self) -> bool {
        self.routes().any(|route| !self.is_right(route) && !self.has_twin(route))
    }

    /// What has to change for only the right metric to be left.
    pub(super) fn corrections(self) -> Vec<Action> {
        let stale = self.routes().filter(|route| !self.is_right(route) && self.has_twin(route));
        let mut actions: Vec<Action> = stale.copied().map(Action::RemoveRoute).collect();
        if self.routes().any(|route| self.is_right(route)) {
            actions.extend(self.addresses().filter_map(|address| self.subnet_correction(address)));
        }
        actions
    }

    /// What has to change for the route to the subnet of an address to be there, once and with the right metric.
    fn subnet_correction(self, address: IpNetwork) -> Option<Action> {
        let destination = block(address);
        let mut routes = self.by_protocol(PROTOCOL_KERNEL).filter(|route| route.destination == destination);
        let metric = self.slot.metric();
        match routes.next() {
            Some(route) if self.is_right(route) => None,
            Some(_) => Some(Action::SetMetric(address, metric)),
            // The DHCP client that had the address before has made it without.
            None => Some(Action::AddRoute(KernelRoute {
                table: MAIN,
                destination,
                gateway: None,
                link: self.link.index,
                metric: metric.get(),
                protocol: PROTOCOL_KERNEL,
                source: Some(address.ip()),
            })),
        }
    }

    /// The addresses that came with the lease: its routes prefer them as their source.
    fn addresses(self) -> impl Iterator<Item = IpNetwork> + 'a {
        let on_link = self.kernel.addresses.iter().filter(move |have| have.link == self.link.index);
        let networks = on_link.map(|have| have.network).filter(|network| network.prefix() < 32);
        networks.filter(move |network| self.routes().any(|route| route.source == Some(network.ip())))
    }

    fn routes(self) -> impl Iterator<Item = &'a KernelRoute> {
        self.by_protocol(PROTOCOL_DHCP)
    }

    fn by_protocol(self, protocol: u8) -> impl Iterator<Item = &'a KernelRoute> {
        let is_in_main = move |route: &&KernelRoute| {
            route.table == MAIN && route.link == self.link.index && route.destination.is_ipv4()
        };
        self.kernel.routes.iter().filter(is_in_main).filter(move |route| route.protocol == protocol)
    }

    fn is_right(self, route: &KernelRoute) -> bool {
        route.metric == self.slot.metric().get()
    }

    fn has_twin(self, route: &KernelRoute) -> bool {
        let twin = KernelRoute { metric: self.slot.metric().get(), ..*route };
        self.routes().any(|other| *other == twin)
    }
}

/// The block that an address is in.
fn block(address: IpNetwork) -> IpNetwork {
    IpNetwork::new(address.network(), address.prefix()).unwrap_or(address)
}
