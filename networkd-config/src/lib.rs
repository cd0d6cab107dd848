#![doc = include_str!("../README.md")]

mod file;

mod section;

mod address;
mod link;
mod network;
mod received;
mod route;
mod rule;

mod comment;
mod file_name;
mod interface_name;
mod pattern;
mod words;

mod error;
mod field;
mod raw;
mod value;

#[cfg(test)]
mod arbitrary;
#[cfg(test)]
mod properties;

pub use address::Address;
pub use comment::Comment;
pub use error::{ParseError, ParseErrorKind};
pub use file::NetworkFile;
pub use file_name::{FileName, InvalidFileName, NETWORK_DIRECTORIES};
pub use interface_name::{InterfaceName, InvalidInterfaceName};
pub use link::{Link, Match};
pub use network::Network;
pub use pattern::{InvalidPattern, Pattern};
pub use raw::{RawEntry, RawFile, RawSection};
pub use received::{DhcpV4, DhcpV6, Ipv6AcceptRa};
pub use route::{Gateway, Route};
pub use rule::RoutingPolicyRule;
pub use section::Section;
pub use words::{
    Dhcp, DhcpV6Client, DuplicateAddressDetection, KeepConfiguration, LinkLocalAddressing, RouteScope,
    RouteType, RuleFamily, RuleType, UseDomains, WithoutRa,
};
