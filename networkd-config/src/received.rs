//! What is made of the things that DHCP servers and routers tell.

use crate::field::section;
use crate::words::{DhcpV6Client, UseDomains, WithoutRa};

section! {
    /// The `[DHCPv4]` section: what is asked of a DHCPv4 server, and what is made of its answer.
    ///
    /// Source: systemd.network(5), "\[DHCPV4\] SECTION OPTIONS".
    #[derive(Default)]
    pub struct DhcpV4 {
        /// Whether the server is told the hostname. Defaults to yes.
        pub send_hostname: Option<bool> = "SendHostname",
        /// Whether the lease is given back when the client stops. Defaults to yes.
        pub send_release: Option<bool> = "SendRelease",
        /// Whether the DNS servers are used. Defaults to yes.
        pub use_dns: Option<bool> = "UseDNS",
        /// Whether routes to the DNS servers are added. Defaults to yes.
        pub routes_to_dns: Option<bool> = "RoutesToDNS",
        /// Whether the NTP servers are used. Defaults to yes.
        pub use_ntp: Option<bool> = "UseNTP",
        /// Whether routes to the NTP servers are added. Defaults to yes.
        pub routes_to_ntp: Option<bool> = "RoutesToNTP",
        /// What the domain is used for. Defaults to nothing.
        pub use_domains: Option<UseDomains> = "UseDomains",
        /// Whether the hostname becomes the system's transient one. Defaults to yes.
        pub use_hostname: Option<bool> = "UseHostname",
        /// Whether the link gets the maximum transmission unit received. Defaults to no.
        pub use_mtu: Option<bool> = "UseMTU",
        /// Whether the static routes are added. Defaults to yes.
        pub use_routes: Option<bool> = "UseRoutes",
        /// Whether a default route by the gateway is added. Defaults to [`use_routes`](Self::use_routes).
        pub use_gateway: Option<bool> = "UseGateway",
        /// Whether the time zone becomes the system's. Defaults to no.
        pub use_timezone: Option<bool> = "UseTimezone",
        /// The metric of the routes, the subnet's among them. Defaults to 1024.
        pub route_metric: Option<u32> = "RouteMetric",
        /// The route table of the routes, from 1. Defaults to main, 254.
        pub route_table: Option<u32> = "RouteTable",
    }
}

section! {
    /// The `[DHCPv6]` section: what is asked of a DHCPv6 server, and what is made of its answer.
    ///
    /// Source: systemd.network(5), "\[DHCPV6\] SECTION OPTIONS".
    #[derive(Default)]
    pub struct DhcpV6 {
        /// How the client starts when no router advertisement asks for it. Defaults to not at all.
        pub without_ra: Option<WithoutRa> = "WithoutRA",
        /// Whether the exchange of two messages is offered in place of four. Defaults to yes.
        pub rapid_commit: Option<bool> = "RapidCommit",
        /// Whether the addresses are added. Defaults to yes.
        pub use_address: Option<bool> = "UseAddress",
        /// Whether prefixes are asked for, to number other links with. Defaults to yes.
        pub use_delegated_prefix: Option<bool> = "UseDelegatedPrefix",
        /// Whether the DNS servers are used. Defaults to yes.
        pub use_dns: Option<bool> = "UseDNS",
        /// Whether the NTP servers are used. Defaults to yes.
        pub use_ntp: Option<bool> = "UseNTP",
        /// What the domains are used for. Defaults to nothing.
        pub use_domains: Option<UseDomains> = "UseDomains",
        /// Whether the hostname becomes the system's transient one. Defaults to yes.
        pub use_hostname: Option<bool> = "UseHostname",
    }
}

section! {
    /// The `[IPv6AcceptRA]` section: what is made of router advertisements.
    ///
    /// Source: systemd.network(5), "\[IPV6ACCEPTRA\] SECTION OPTIONS".
    #[derive(Default)]
    pub struct Ipv6AcceptRa {
        /// Whether the DNS servers are used. Defaults to yes.
        pub use_dns: Option<bool> = "UseDNS",
        /// What the domains are used for. Defaults to nothing.
        pub use_domains: Option<UseDomains> = "UseDomains",
        /// Whether the link gets the maximum transmission unit received. Defaults to yes.
        pub use_mtu: Option<bool> = "UseMTU",
        /// Whether a default route by the router is added. Defaults to yes.
        pub use_gateway: Option<bool> = "UseGateway",
        /// Whether the routes to other prefixes are added. Defaults to yes.
        pub use_route_prefix: Option<bool> = "UseRoutePrefix",
        /// Whether an address in each autonomous prefix is added. Defaults to yes.
        pub use_autonomous_prefix: Option<bool> = "UseAutonomousPrefix",
        /// Whether a route to each on-link prefix is added. Defaults to yes.
        pub use_on_link_prefix: Option<bool> = "UseOnLinkPrefix",
        /// How an advertisement starts DHCPv6. Defaults to as its flags say.
        pub dhcpv6_client: Option<DhcpV6Client> = "DHCPv6Client",
        /// The metric of the routes. Defaults to 1024.
        pub route_metric: Option<u32> = "RouteMetric",
        /// The route table of the routes, from 1. Defaults to main, 254.
        pub route_table: Option<u32> = "RouteTable",
    }
}
