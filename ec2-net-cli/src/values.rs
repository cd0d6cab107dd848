//! What the metadata's values may be: nothing else is ever written to a file or to the kernel.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnetwork::{IpNetwork, Ipv4Network, Ipv6Network};

/// Why a value is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Invalid(&'static str);

/// An address that an ENI can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unicast<A>(pub(crate) A);

/// A block of addresses, without host bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block<N>(pub(crate) N);

impl FromStr for Unicast<Ipv4Addr> {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let address: Ipv4Addr = text.parse().map_err(|_| Invalid("not an IPv4 address"))?;
        let special = address.is_unspecified() || address.is_loopback() || address.is_multicast();
        if special || address.is_broadcast() {
            Err(Invalid("not a unicast IPv4 address"))
        } else {
            Ok(Self(address))
        }
    }
}

impl FromStr for Unicast<Ipv6Addr> {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let address: Ipv6Addr = text.parse().map_err(|_| Invalid("not an IPv6 address"))?;
        let special = address.is_unspecified() || address.is_loopback() || address.is_multicast();
        if special { Err(Invalid("not a unicast IPv6 address")) } else { Ok(Self(address)) }
    }
}

impl FromStr for Block<Ipv4Network> {
    type Err = Invalid;

    /// A block shorter than any VPC's or one without a length would send far more than the ENI's own traffic to
    /// its table.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let (address, length) = text.split_once('/').ok_or(Invalid("not an IPv4 block"))?;
        let address = address.parse().map_err(|_| Invalid("not an IPv4 block"))?;
        let network = Ipv4Network::new(address, digits(length)?).map_err(|_| Invalid("not an IPv4 block"))?;
        let canonical = Ipv4Network::new(network.network(), network.prefix()).unwrap_or(network);
        if network.prefix() < 8 { Err(Invalid("shorter than /8")) } else { Ok(Self(canonical)) }
    }
}

impl FromStr for Block<Ipv6Network> {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let (address, length) = text.split_once('/').ok_or(Invalid("not an IPv6 block"))?;
        let address = address.parse().map_err(|_| Invalid("not an IPv6 block"))?;
        let network = Ipv6Network::new(address, digits(length)?).map_err(|_| Invalid("not an IPv6 block"))?;
        let canonical = Ipv6Network::new(network.network(), network.prefix()).unwrap_or(network);
        if network.prefix() < 16 { Err(Invalid("shorter than /16")) } else { Ok(Self(canonical)) }
    }
}

/// A prefix length; `parse` alone would take "+8".
fn digits(text: &str) -> Result<u8, Invalid> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten().ok_or(Invalid("no length after the slash"))
}

impl<N: Into<IpNetwork>> From<Block<N>> for IpNetwork {
    fn from(block: Block<N>) -> Self {
        block.0.into()
    }
}

impl<A: fmt::Display> fmt::Display for Unicast<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<N: fmt::Display> fmt::Display for Block<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check<T: FromStr<Err = Invalid> + fmt::Display>(text: &str, expected: Result<&str, &'static str>) {
        let value = text.parse::<T>().map(|value| value.to_string());
        assert_eq!(value, expected.map(str::to_owned).map_err(Invalid));
    }

    #[test]
    fn addresses_are_unicast() {
        check::<Unicast<Ipv4Addr>>("10.0.0.1", Ok("10.0.0.1"));
        check::<Unicast<Ipv4Addr>>("0.0.0.0", Err("not a unicast IPv4 address"));
        check::<Unicast<Ipv4Addr>>("10.0.0.1/24", Err("not an IPv4 address"));
        check::<Unicast<Ipv6Addr>>("2001:DB8:0:0::1", Ok("2001:db8::1"));
        check::<Unicast<Ipv6Addr>>("ff02::1", Err("not a unicast IPv6 address"));
        check::<Unicast<Ipv6Addr>>("2001:db8::1%lo", Err("not an IPv6 address"));
    }

    /// Report V6: prefixes are compared as values, so every spelling becomes one.
    #[test]
    fn v6_blocks_have_one_spelling() {
        check::<Block<Ipv6Network>>("2406:da18:86c:daf1:0:0:0:0/64", Ok("2406:da18:86c:daf1::/64"));
        check::<Block<Ipv6Network>>("2406:da18:86c:daf1::1/64", Ok("2406:da18:86c:daf1::/64"));
        check::<Block<Ipv4Network>>("10.0.1.17/28", Ok("10.0.1.16/28"));
    }

    #[test]
    fn a_block_has_a_sensible_length() {
        check::<Block<Ipv4Network>>("0.0.0.0/0", Err("shorter than /8"));
        check::<Block<Ipv6Network>>("::/0", Err("shorter than /16"));
        check::<Block<Ipv4Network>>("10.0.0.0", Err("not an IPv4 block"));
        check::<Block<Ipv4Network>>("10.0.0.0/255.255.0.0", Err("no length after the slash"));
        check::<Block<Ipv4Network>>("10.0.0.0/33", Err("not an IPv4 block"));
        check::<Block<Ipv4Network>>("10.0.0.0/+8", Err("no length after the slash"));
    }
}
