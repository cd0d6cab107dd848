//! A static route.

use std::fmt;
use std::net::IpAddr;

use ipnetwork::IpNetwork;

use crate::field::section;
use crate::value::Value;
use crate::words::{RouteScope, RouteType};

section! {
    /// A `[Route]` section: one static route.
    ///
    /// Source: systemd.network(5), "\[ROUTE\] SECTION OPTIONS".
    #[derive(Default)]
    pub struct Route {
        /// Where the route leads. Defaults to everywhere, in the gateway's family.
        pub destination: Option<IpNetwork> = "Destination",
        /// The next hop. Defaults to none: the destination is on the link.
        pub gateway: Option<Gateway> = "Gateway",
        /// Whether the kernel takes the gateway for reachable without a route to it. Defaults to no.
        pub gateway_on_link: Option<bool> = "GatewayOnLink",
        /// The source address of packets that have none yet. Defaults to the kernel's choice.
        pub preferred_source: Option<IpAddr> = "PreferredSource",
        /// How far the destination is; IPv4 only. Defaults to what suits the type and the gateway.
        pub scope: Option<RouteScope> = "Scope",
        /// What the route does with a packet. Defaults to unicast.
        pub route_type: Option<RouteType> = "Type",
        /// The metric, of which the kernel prefers the lowest. Defaults to the kernel's: 0 for IPv4, 1024 for IPv6.
        pub metric: Option<u32> = "Metric",
        /// The route table, from 1; networkd ignores a 0. Defaults to main, 254.
        pub table: Option<u32> = "Table",
    }
}

/// The next hop of a route: `Gateway=` in `[Route]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gateway {
    /// The gateway that DHCPv4 gives, written `_dhcp4`; the route lives as long as the lease.
    Dhcp4,
    /// The router whose advertisement was heeded, written `_ipv6ra`; the route lives as long as the advertisement.
    Ipv6Ra,
    /// A fixed address.
    Address(IpAddr),
}

impl fmt::Display for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dhcp4 => f.write_str("_dhcp4"),
            Self::Ipv6Ra => f.write_str("_ipv6ra"),
            Self::Address(address) => address.fmt(f),
        }
    }
}

impl Value for Gateway {
    fn render(&self) -> String {
        self.to_string()
    }

    fn parse(text: &str) -> Option<Self> {
        match text {
            "_dhcp4" => Some(Self::Dhcp4),
            "_ipv6ra" => Some(Self::Ipv6Ra),
            _ => Value::parse(text).map(Self::Address),
        }
    }
}
