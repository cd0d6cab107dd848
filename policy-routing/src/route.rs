use std::fmt;

use ipnetwork::IpNetwork;

use crate::{RulePriority, TableId};

/// Who a default route of an ENI's table leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gateway {
    /// The router that DHCPv4 names, networkd's `_dhcp4`.
    Dhcp4,
    /// The router that sends IPv6 router advertisements, networkd's `_ipv6ra`.
    Ipv6Ra,
}

/// A route in an ENI's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Route {
    /// Everything, through a gateway that is learned from the network.
    Default(Gateway),
    /// A block of the subnet, which is on the link.
    OnLink(IpNetwork),
}

/// A routing rule: packets from a source address use a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rule {
    /// The source: an address of the ENI or a prefix delegated to it.
    pub from: IpNetwork,
    /// When it is asked.
    pub priority: RulePriority,
    /// The table that it chooses.
    pub table: TableId,
}

impl fmt::Display for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dhcp4 => "_dhcp4",
            Self::Ipv6Ra => "_ipv6ra",
        })
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default(gateway) => write!(f, "default via {gateway}"),
            Self::OnLink(block) => block.fmt(f),
        }
    }
}

/// As `ip rule` prints it.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: from {} lookup {}", self.priority, self.from, self.table)
    }
}
