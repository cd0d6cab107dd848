//! The keys that take one of a few words.

use std::fmt;

use crate::value::{Value, canonical_word};

/// Defines an enum whose variants are written as the word beside them.
macro_rules! words {
    ($(
        $(#[$attribute:meta])*
        pub enum $name:ident {
            $($(#[$variant_attribute:meta])* $variant:ident = $word:literal,)*
        }
    )*) => {$(
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_attribute])* $variant,)*
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$variant => $word,)* })
            }
        }

        impl Value for $name {
            fn render(&self) -> String {
                self.to_string()
            }

            fn parse(text: &str) -> Option<Self> {
                match canonical_word(text) {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        #[cfg(test)]
        impl crate::arbitrary::Arbitrary for $name {
            fn draw(source: &mut crate::arbitrary::Source<'_>) -> Self {
                source.choose(&[$(Self::$variant),*])
            }
        }
    )*};
}

words! {
    /// Which DHCP clients run: `DHCP=` in `[Network]`.
    pub enum Dhcp {
        /// Both.
        Yes = "yes",
        /// Neither; DHCPv6 still runs when a router advertisement asks for it.
        No = "no",
        /// DHCPv4 only.
        Ipv4 = "ipv4",
        /// DHCPv6 only.
        Ipv6 = "ipv6",
    }

    /// Which families get a link-local address: `LinkLocalAddressing=` in `[Network]`.
    pub enum LinkLocalAddressing {
        /// Both.
        Yes = "yes",
        /// Neither, which also forbids router advertisements.
        No = "no",
        /// IPv4 only, and only when DHCPv4 gives no address for some time.
        Ipv4 = "ipv4",
        /// IPv6 only.
        Ipv6 = "ipv6",
    }

    /// What networkd leaves in place where it would remove it: `KeepConfiguration=` in `[Network]`.
    ///
    /// systemd 257 renamed `dhcp` and `dhcp-on-stop` to `dynamic` and `dynamic-on-stop`; it knows the old names,
    /// while older versions do not know the new ones.
    pub enum KeepConfiguration {
        /// Nothing.
        No = "no",
        /// Static addresses and routes, when networkd starts.
        Static = "static",
        /// What DHCP gave, when networkd stops.
        DhcpOnStop = "dhcp-on-stop",
        /// What DHCP gave, even when the lease has expired.
        Dhcp = "dhcp",
        /// All of these.
        Yes = "yes",
    }

    /// Which conflict detection an address undergoes: `DuplicateAddressDetection=` in `[Address]`.
    pub enum DuplicateAddressDetection {
        /// None.
        None = "none",
        /// IPv4 address conflict detection (RFC 5227).
        Ipv4 = "ipv4",
        /// IPv6 duplicate address detection (RFC 4862).
        Ipv6 = "ipv6",
        /// The one of the address's family.
        Both = "both",
    }

    /// How far the destination of an IPv4 route is: `Scope=` in `[Route]`.
    pub enum RouteScope {
        /// More than one hop away.
        Global = "global",
        /// In the local autonomous system.
        Site = "site",
        /// On the local network, one hop away.
        Link = "link",
        /// On this machine.
        Host = "host",
        /// Nowhere: there is no such destination.
        Nowhere = "nowhere",
    }

    /// What a route does with a packet: `Type=` in `[Route]`.
    pub enum RouteType {
        /// Sends it to its destination.
        Unicast = "unicast",
        /// Takes it for this machine.
        Local = "local",
        /// Discards it silently.
        Blackhole = "blackhole",
        /// Answers that the host is unreachable.
        Unreachable = "unreachable",
        /// Answers that communication is prohibited.
        Prohibit = "prohibit",
        /// Ends the look-up in this table; the next rule decides.
        Throw = "throw",
    }

    /// Which families a rule without addresses is for: `Family=` in `[RoutingPolicyRule]`.
    pub enum RuleFamily {
        /// IPv4 only.
        Ipv4 = "ipv4",
        /// IPv6 only.
        Ipv6 = "ipv6",
        /// One rule for each family.
        Both = "both",
    }

    /// What a rule does instead of a look-up in a table: `Type=` in `[RoutingPolicyRule]`.
    pub enum RuleType {
        /// Discards the packet silently.
        Blackhole = "blackhole",
        /// Answers that the host is unreachable.
        Unreachable = "unreachable",
        /// Answers that communication is prohibited.
        Prohibit = "prohibit",
    }

    /// What the domains received are used for: `UseDomains=` in `[DHCPv4]`, `[DHCPv6]` and `[IPv6AcceptRA]`.
    pub enum UseDomains {
        /// Searching, and choosing the link for a DNS query.
        Yes = "yes",
        /// Nothing.
        No = "no",
        /// Choosing the link for a DNS query.
        Route = "route",
    }

    /// How DHCPv6 starts when no router advertisement asks for it: `WithoutRA=` in `[DHCPv6]`.
    pub enum WithoutRa {
        /// It does not.
        No = "no",
        /// By soliciting addresses.
        Solicit = "solicit",
        /// By asking for information other than addresses.
        InformationRequest = "information-request",
    }

    /// How a router advertisement starts DHCPv6: `DHCPv6Client=` in `[IPv6AcceptRA]`.
    pub enum DhcpV6Client {
        /// As its "managed" and "other configuration" flags say.
        Yes = "yes",
        /// Never.
        No = "no",
        /// By soliciting addresses, whatever its flags.
        Always = "always",
    }
}
