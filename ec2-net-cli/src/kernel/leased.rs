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
            let subnets = self.by_protocol(PROTOCOL_KERNEL).filter(|route| !self.is_right(route));
            let address_in = |subnet: &KernelRoute| {
                let mut addresses = self.kernel.addresses.iter().filter(|have| have.link == self.link.index);
                addresses.find(|have| block(have.network) == subnet.destination)
            };
            let metric = self.slot.metric();
            actions
                .extend(subnets.filter_map(address_in).map(|have| Action::SetMetric(have.network, metric)));
        }
        actions
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
