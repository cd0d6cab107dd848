//! A static address.

use ipnetwork::IpNetwork;

use crate::field::section;
use crate::words::DuplicateAddressDetection;

section! {
    /// An `[Address]` section: one static address.
    ///
    /// Source: systemd.network(5), "\[ADDRESS\] SECTION OPTIONS".
    pub struct Address {
        /// The address, with the length of its subnet's prefix.
        pub address: IpNetwork = "Address",
        /// Whether the kernel adds a route to the address's subnet. Defaults to yes.
        pub add_prefix_route: Option<bool> = "AddPrefixRoute",
        /// The metric of that route. Defaults to the kernel's.
        pub route_metric: Option<u32> = "RouteMetric",
        /// Which conflict detection the address undergoes. Defaults to IPv6's for an IPv6 address, to IPv4's for
        /// an IPv4 link-local address, and otherwise to none.
        pub duplicate_address_detection: Option<DuplicateAddressDetection> = "DuplicateAddressDetection",
    }
}

impl Address {
    /// Creates the section with nothing else set.
    #[must_use]
    pub fn new(address: IpNetwork) -> Self {
        Self { address, add_prefix_route: None, route_metric: None, duplicate_address_detection: None }
    }
}
