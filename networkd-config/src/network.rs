//! Which ways of configuration a link takes part in.

use crate::field::section;
use crate::words::{Dhcp, KeepConfiguration, LinkLocalAddressing};

section! {
    /// The `[Network]` section: which ways of configuration the link takes part in.
    ///
    /// Source: systemd.network(5), "\[NETWORK\] SECTION OPTIONS".
    #[derive(Default)]
    pub struct Network {
        /// Which DHCP clients run. Defaults to none.
        pub dhcp: Option<Dhcp> = "DHCP",
        /// Which families get a link-local address. Defaults to IPv6 only.
        pub link_local_addressing: Option<LinkLocalAddressing> = "LinkLocalAddressing",
        /// Whether router advertisements are heeded. Defaults to yes, unless the host forwards packets.
        pub ipv6_accept_ra: Option<bool> = "IPv6AcceptRA",
        /// How many probes IPv6 duplicate address detection sends; 0 turns it off. Defaults to the kernel's
        /// number.
        pub ipv6_duplicate_address_detection: Option<u32> = "IPv6DuplicateAddressDetection",
        /// Whether the link is configured even without a carrier. Defaults to no.
        pub configure_without_carrier: Option<bool> = "ConfigureWithoutCarrier",
        /// Whether the configuration stays when the carrier is lost. Defaults to
        /// [`configure_without_carrier`](Self::configure_without_carrier), or to 5 seconds of patience with
        /// [`DhcpV4::use_mtu`](crate::DhcpV4::use_mtu).
        pub ignore_carrier_loss: Option<bool> = "IgnoreCarrierLoss",
        /// What networkd leaves in place where it would remove it. Defaults to nothing, except for a root file
        /// system on the network.
        pub keep_configuration: Option<KeepConfiguration> = "KeepConfiguration",
    }
}
