use std::collections::BTreeMap;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnetwork::IpNetwork;

use crate::{DeviceNumber, MacAddr, NetworkCard, Slot};

/// The id of an ENI, `eni-` and letters or digits. It serves as an alternative name of the link.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EniId(String);

/// A text that is not the id of an ENI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidEniId;

impl EniId {
    /// The longest id, in bytes. Real ones have 21; the kernel takes alternative names of up to 127.
    const MAX_LEN: usize = 64;

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EniId {
    type Err = InvalidEniId;

    fn from_str(text: &str) -> Result<Self, InvalidEniId> {
        let digits = text.strip_prefix("eni-").ok_or(InvalidEniId)?;
        let fits = !digits.is_empty() && text.len() <= Self::MAX_LEN;
        if fits && digits.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidEniId)
        }
    }
}

impl fmt::Display for EniId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for InvalidEniId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the id of an ENI")
    }
}

impl std::error::Error for InvalidEniId {}

/// What the metadata says of one ENI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Eni {
    /// Its MAC address.
    pub mac: MacAddr,
    /// Its id, the metadata's `interface-id`.
    pub id: EniId,
    /// Its card.
    pub card: NetworkCard,
    /// Its device number on that card.
    pub device: DeviceNumber,
    /// Its private IPv4 addresses. The first is the primary one, which DHCPv4 hands out; the order of the rest
    /// means nothing.
    pub ipv4: Vec<Ipv4Addr>,
    /// Its IPv6 addresses, in any order.
    pub ipv6: Vec<Ipv6Addr>,
    /// The IPv6 address that DHCPv6 hands out, if that is known. All others are assigned.
    pub leased_ipv6: Option<Ipv6Addr>,
    /// The blocks of addresses delegated to it, `ipv4-prefix` and `ipv6-prefix`.
    pub prefixes: Vec<IpNetwork>,
    /// The CIDR blocks of its subnet.
    pub subnets: Vec<IpNetwork>,
}

/// What the metadata says of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// The MAC address of the primary ENI, the metadata's top-level `mac`.
    pub primary: MacAddr,
    /// The ENIs to plan.
    pub enis: Vec<Eni>,
    /// The slots of further ENIs, which are not to be planned, but keep what they have.
    pub taken: BTreeMap<MacAddr, Slot>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_eni_id_is_eni_and_lowercase_digits() {
        assert_eq!("eni-0206ee072610f1573".parse::<EniId>().unwrap().as_str(), "eni-0206ee072610f1573");
        for text in
            ["", "eni-", "eni-ABC", "eni-0/1", "eni-0 1", "eni-0\n", "vpc-0", &format!("eni-{:0>61}", 1)]
        {
            assert_eq!(text.parse::<EniId>(), Err(InvalidEniId), "{text}");
        }
    }
}
