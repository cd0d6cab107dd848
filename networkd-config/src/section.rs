//! Any section.

use std::fmt;

use crate::address::Address;
use crate::error::{ParseError, ParseErrorKind};
use crate::field::Body;
use crate::link::{Link, Match};
use crate::network::Network;
use crate::raw::RawSection;
use crate::received::{DhcpV4, DhcpV6, Ipv6AcceptRa};
use crate::route::Route;
use crate::rule::RoutingPolicyRule;

/// Defines [`Section`]: each variant holds the type of its name, and has the header beside it.
macro_rules! sections {
    ($($(#[$attribute:meta])* $name:ident = $header:literal,)*) => {
        /// A section of a file.
        ///
        /// Its [`Display`](fmt::Display) is the header and the lines of the keys that are set.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Section {
            $($(#[$attribute])* $name($name),)*
        }

        $(impl From<$name> for Section {
            fn from(section: $name) -> Self {
                Self::$name(section)
            }
        })*

        impl fmt::Display for Section {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$name(section) => {
                        writeln!(f, "[{}]", $header)?;
                        section.write_lines(f)
                    })*
                }
            }
        }

        impl Section {
            pub(crate) fn read(section: &RawSection<'_>) -> Result<Self, ParseError> {
                match section.name {
                    $($header => $name::read(section).map(Self::$name),)*
                    name => Err(ParseErrorKind::UnknownSection { section: name.to_owned() }.at(section.line)),
                }
            }
        }

        #[cfg(test)]
        impl crate::arbitrary::Arbitrary for Section {
            fn draw(source: &mut crate::arbitrary::Source<'_>) -> Self {
                let draws: &[fn(&mut crate::arbitrary::Source<'_>) -> Self] =
                    &[$(|source| Self::$name(crate::arbitrary::Arbitrary::draw(source))),*];
                source.choose(draws)(source)
            }
        }
    };
}

sections! {
    /// Which links the file is for.
    Match = "Match",
    /// What is set on the link itself.
    Link = "Link",
    /// Which ways of configuration the link takes part in.
    Network = "Network",
    /// A static address.
    Address = "Address",
    /// A static route.
    Route = "Route",
    /// A routing policy rule.
    RoutingPolicyRule = "RoutingPolicyRule",
    /// What is made of DHCPv4.
    DhcpV4 = "DHCPv4",
    /// What is made of DHCPv6.
    DhcpV6 = "DHCPv6",
    /// What is made of router advertisements.
    Ipv6AcceptRa = "IPv6AcceptRA",
}
