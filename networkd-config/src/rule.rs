//! A routing policy rule.

use ipnetwork::IpNetwork;

use crate::field::section;
use crate::interface_name::InterfaceName;
use crate::words::{RuleFamily, RuleType};

section! {
    /// A `[RoutingPolicyRule]` section: one rule that says which route table a packet's route is looked up in.
    ///
    /// Rules are of the whole host: they do not depend on the file's link.
    ///
    /// Source: systemd.network(5), "\[ROUTINGPOLICYRULE\] SECTION OPTIONS".
    #[derive(Default)]
    pub struct RoutingPolicyRule {
        /// The packet's source is in this prefix. Defaults to any source.
        pub from: Option<IpNetwork> = "From",
        /// The packet's destination is in this prefix. Defaults to any destination.
        pub to: Option<IpNetwork> = "To",
        /// The packet has this firewall mark, from 1. Defaults to any mark.
        pub firewall_mark: Option<u32> = "FirewallMark",
        /// The packet came in by this link, where `lo` stands for the host itself. Defaults to any link.
        pub incoming_interface: Option<InterfaceName> = "IncomingInterface",
        /// The packet is from a socket that is bound to this link. Defaults to any socket.
        pub outgoing_interface: Option<InterfaceName> = "OutgoingInterface",
        /// Whether the rule is for all packets but these. Defaults to no.
        pub invert_rule: Option<bool> = "InvertRule",
        /// The families of a rule that names no address. Defaults to IPv4.
        pub family: Option<RuleFamily> = "Family",
        /// The rule's place: the kernel goes from low to high. Defaults to the kernel's choice.
        pub priority: Option<u32> = "Priority",
        /// What the rule does instead of a look-up. Defaults to a look-up.
        pub rule_type: Option<RuleType> = "Type",
        /// The route table, from 1; networkd ignores a 0. Defaults to main, 254.
        pub table: Option<u32> = "Table",
        /// A route with a prefix of at most this length does not count: 0 means the default route. At most 128.
        /// Defaults to every route counting.
        pub suppress_prefix_length: Option<u8> = "SuppressPrefixLength",
        /// A route by a link of this [group](crate::Link::group) does not count. Defaults to every route counting.
        pub suppress_interface_group: Option<u32> = "SuppressInterfaceGroup",
    }
}
