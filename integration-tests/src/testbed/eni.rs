//! Subnets and network interfaces, as a VPC sees them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnetwork::{Ipv4Network, Ipv6Network};

/// A subnet of the VPC. The first host address of each family is the router's.
#[derive(Clone, Debug, Default)]
pub struct Subnet {
    /// The IPv4 block; none in an IPv6-only subnet, where DHCPv4 gives link-local addresses.
    pub ipv4: Option<Ipv4Network>,
    /// The IPv6 block.
    pub ipv6: Option<Ipv6Network>,
}

impl Subnet {
    /// A subnet of both families.
    #[track_caller]
    pub fn dual_stack(ipv4: &str, ipv6: &str) -> Self {
        Self { ipv4: Some(parse(ipv4)), ipv6: Some(parse(ipv6)) }
    }

    /// A subnet without IPv6.
    #[track_caller]
    pub fn ipv4_only(ipv4: &str) -> Self {
        Self { ipv4: Some(parse(ipv4)), ipv6: None }
    }

    /// A subnet without IPv4.
    #[track_caller]
    pub fn ipv6_only(ipv6: &str) -> Self {
        Self { ipv4: None, ipv6: Some(parse(ipv6)) }
    }
}

/// A network interface and what is assigned to it.
#[derive(Clone, Debug)]
pub struct Eni {
    /// The MAC address, in lower case with colons.
    pub mac: String,
    /// The index of its subnet among those of the VPC.
    pub subnet: usize,
    /// The IPv4 addresses; DHCPv4 hands out the first.
    pub ipv4: Vec<Ipv4Addr>,
    /// The IPv6 addresses; DHCPv6 hands out the first.
    pub ipv6: Vec<Ipv6Addr>,
    /// The delegated IPv4 blocks.
    pub ipv4_prefixes: Vec<Ipv4Network>,
    /// The delegated IPv6 blocks.
    pub ipv6_prefixes: Vec<Ipv6Network>,
}

impl Eni {
    /// An interface without any address.
    #[track_caller]
    pub fn new(mac: &str, subnet: usize) -> Self {
        let octets = octets(mac);
        assert!(octets.is_some() && mac == mac.to_lowercase(), "`{mac}` is no MAC address");
        Self {
            mac: mac.to_owned(),
            subnet,
            ipv4: Vec::new(),
            ipv6: Vec::new(),
            ipv4_prefixes: Vec::new(),
            ipv6_prefixes: Vec::new(),
        }
    }

    /// Adds an IPv4 address.
    #[must_use]
    #[track_caller]
    pub fn with_ipv4(mut self, address: &str) -> Self {
        self.ipv4.push(parse(address));
        self
    }

    /// Adds an IPv6 address.
    #[must_use]
    #[track_caller]
    pub fn with_ipv6(mut self, address: &str) -> Self {
        self.ipv6.push(parse(address));
        self
    }

    /// Adds a delegated IPv4 block.
    #[must_use]
    #[track_caller]
    pub fn with_ipv4_prefix(mut self, block: &str) -> Self {
        self.ipv4_prefixes.push(parse(block));
        self
    }

    /// Adds a delegated IPv6 block.
    #[must_use]
    #[track_caller]
    pub fn with_ipv6_prefix(mut self, block: &str) -> Self {
        self.ipv6_prefixes.push(parse(block));
        self
    }

    /// All addresses, of both families.
    pub fn addresses(&self) -> Vec<IpAddr> {
        let ipv4 = self.ipv4.iter().copied().map(IpAddr::from);
        ipv4.chain(self.ipv6.iter().copied().map(IpAddr::from)).collect()
    }

    /// The addresses that DHCPv4 and DHCPv6 hand out, but for the link-local one of an IPv6-only subnet.
    pub fn leased(&self) -> Vec<IpAddr> {
        let ipv4 = self.ipv4.first().copied().map(IpAddr::from);
        ipv4.into_iter().chain(self.ipv6.first().copied().map(IpAddr::from)).collect()
    }

    /// The link-local address that DHCPv4 gives it in an IPv6-only subnet: the end of the MAC
    /// address, outside of the blocks that have a meaning (RFC 3927 reserves the first and the
    /// last /24, EC2's services are in 169.254.169.0/24).
    pub fn link_local_ipv4(&self) -> Ipv4Addr {
        let [.., third, fourth] = octets(&self.mac).unwrap_or_default();
        Ipv4Addr::new(169, 254, 1 + third % 168, fourth)
    }

    /// The link-local address that the kernel gives it (the EUI-64 of RFC 4291).
    pub fn link_local_ipv6(&self) -> Ipv6Addr {
        let mac = octets(&self.mac).unwrap_or_default().map(u16::from);
        let universal = (mac[0] ^ 2) << 8 | mac[1];
        Ipv6Addr::new(0xfe80, 0, 0, 0, universal, mac[2] << 8 | 0xff, 0xfe00 | mac[3], mac[4] << 8 | mac[5])
    }
}

/// The six bytes of a MAC address.
fn octets(mac: &str) -> Option<[u8; 6]> {
    let octets: Option<Vec<u8>> = mac.split(':').map(|octet| u8::from_str_radix(octet, 16).ok()).collect();
    octets?.try_into().ok()
}

#[track_caller]
fn parse<T: FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("`{text}` is no {}", std::any::type_name::<T>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_local_addresses_come_from_the_mac() {
        let eni = Eni::new("02:00:00:00:01:05", 0);
        assert_eq!(eni.link_local_ipv6().to_string(), "fe80::ff:fe00:105");
        assert_eq!(eni.link_local_ipv4().to_string(), "169.254.2.5");
        assert_eq!(Eni::new("0e:12:34:56:a8:ff", 0).link_local_ipv4().to_string(), "169.254.1.255");
    }
}
