//! What the metadata says of an ENI, and whether that is complete. Pure.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnetwork::{IpNetwork, Ipv4Network, Ipv6Network};
use policy_routing::{DeviceNumber, Eni, EniId, MacAddr, NetworkCard};

use crate::values::{Block, Unicast};

/// What is known of a key. A failure to know ends the reading of the ENI instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fact<T> {
    /// Its value.
    Known(T),
    /// It is listed and has no value, which is no proof that it should have none.
    Empty,
    /// The index does not list it.
    Absent,
}

/// The keys of one ENI that matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) id: Fact<EniId>,
    pub(crate) device: Fact<DeviceNumber>,
    pub(crate) card: Fact<NetworkCard>,
    pub(crate) ipv4: Fact<Vec<Unicast<Ipv4Addr>>>,
    pub(crate) ipv6: Fact<Vec<Unicast<Ipv6Addr>>>,
    pub(crate) ipv4_prefixes: Fact<Vec<Block<Ipv4Network>>>,
    pub(crate) ipv6_prefixes: Fact<Vec<Block<Ipv6Network>>>,
    pub(crate) ipv4_subnet: Fact<Vec<Block<Ipv4Network>>>,
    pub(crate) ipv6_subnets: Fact<Vec<Block<Ipv6Network>>>,
}

/// The keys whose values are configured for an ENI already, and need more than an empty value to go.
pub(crate) type Had = BTreeSet<&'static str>;

/// A key without which nothing is done for the ENI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Missing {
    pub(crate) key: &'static str,
    pub(crate) why: &'static str,
}

impl Missing {
    const NOT_LISTED: &'static str = "not there yet";
    const EMPTY: &'static str = "empty, although the ENI had a value";
}

/// Tells what the ENI is, if the facts are complete and consistent.
///
/// `has_cards` says whether any ENI of the instance lists `network-card`: only then is its absence a delay.
pub(crate) fn judge(mac: MacAddr, facts: &Facts, had: &Had, has_cards: bool) -> Result<Eni, Missing> {
    let card = match facts.card {
        Fact::Known(card) => card,
        Fact::Absent if !has_cards => 0.into(),
        _ => return Err(Missing { key: "network-card", why: Missing::NOT_LISTED }),
    };
    let ipv4 = settled("local-ipv4s", &facts.ipv4, had)?;
    let ipv6 = settled("ipv6s", &facts.ipv6, had)?;
    let ipv4_prefixes = settled("ipv4-prefix", &facts.ipv4_prefixes, had)?;
    let ipv6_prefixes = settled("ipv6-prefix", &facts.ipv6_prefixes, had)?;
    let ipv4_subnet = settled("subnet-ipv4-cidr-block", &facts.ipv4_subnet, had)?;
    let ipv6_subnets = settled("subnet-ipv6-cidr-blocks", &facts.ipv6_subnets, had)?;

    // An ENI in a subnet with IPv4 always has an IPv4 address; one of a subnet with IPv6 need not have IPv6.
    if ipv4.is_empty() && (ipv6.is_empty() || !ipv4_subnet.is_empty()) {
        return Err(Missing { key: "local-ipv4s", why: Missing::NOT_LISTED });
    }
    if !ipv4.is_empty() && ipv4_subnet.is_empty() {
        return Err(Missing { key: "subnet-ipv4-cidr-block", why: Missing::NOT_LISTED });
    }
    if !ipv6.is_empty() && ipv6_subnets.is_empty() {
        return Err(Missing { key: "subnet-ipv6-cidr-blocks", why: Missing::NOT_LISTED });
    }
    Ok(Eni {
        mac,
        id: needed("interface-id", &facts.id)?,
        card,
        device: needed("device-number", &facts.device)?,
        ipv4: ipv4.iter().map(|address| address.0).collect(),
        ipv6: ipv6.iter().map(|address| address.0).collect(),
        leased_ipv6: None,
        prefixes: networks(ipv4_prefixes).chain(networks(ipv6_prefixes)).collect(),
        subnets: networks(ipv4_subnet).chain(networks(ipv6_subnets)).collect(),
    })
}

/// Tells which IPv6 address DHCPv6 hands out: the metadata's order of IPv6 addresses is not documented.
///
/// It is the one that is leased; without a lease, the first that is not configured as secondary already. Where all
/// are, all stay. Without this, an address that is listed before the leased one would never be assigned.
pub(crate) fn leased_ipv6(
    ipv6: &[Ipv6Addr],
    leased: &[Ipv6Addr],
    secondary: &BTreeSet<IpNetwork>,
) -> Option<Ipv6Addr> {
    let is_secondary = |address: &Ipv6Addr| secondary.contains(&IpNetwork::from(IpAddr::V6(*address)));
    let by_lease = ipv6.iter().find(|address| leased.contains(address));
    by_lease.or_else(|| ipv6.iter().find(|address| !is_secondary(address))).copied()
}

fn needed<T: Clone>(key: &'static str, fact: &Fact<T>) -> Result<T, Missing> {
    match fact {
        Fact::Known(value) => Ok(value.clone()),
        Fact::Empty | Fact::Absent => Err(Missing { key, why: Missing::NOT_LISTED }),
    }
}

fn settled<'a, T>(key: &'static str, fact: &'a Fact<Vec<T>>, had: &Had) -> Result<&'a [T], Missing> {
    match fact {
        Fact::Known(values) => Ok(values),
        Fact::Empty if had.contains(key) => Err(Missing { key, why: Missing::EMPTY }),
        Fact::Empty | Fact::Absent => Ok(&[]),
    }
}

fn networks<N: Copy + Into<IpNetwork>>(blocks: &[Block<N>]) -> impl Iterator<Item = IpNetwork> {
    blocks.iter().map(|block| block.0.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAC: MacAddr = MacAddr([2, 0, 0, 0, 0, 1]);

    fn list<T: std::str::FromStr<Err: std::fmt::Debug>>(texts: &[&str]) -> Fact<Vec<T>> {
        Fact::Known(texts.iter().map(|text| text.parse().unwrap()).collect())
    }

    fn complete() -> Facts {
        Facts {
            id: Fact::Known("eni-1".parse().unwrap()),
            device: Fact::Known(1.into()),
            card: Fact::Absent,
            ipv4: list(&["10.0.0.10"]),
            ipv6: Fact::Absent,
            ipv4_prefixes: Fact::Absent,
            ipv6_prefixes: Fact::Absent,
            ipv4_subnet: list(&["10.0.0.0/24"]),
            ipv6_subnets: Fact::Absent,
        }
    }

    #[track_caller]
    fn check(facts: &Facts, had: &[&'static str], expected: Result<(), &str>) {
        let judged =
            judge(MAC, facts, &had.iter().copied().collect(), false).map(drop).map_err(|missing| missing.key);
        assert_eq!(judged, expected);
    }

    #[test]
    fn what_an_eni_must_have() {
        check(&complete(), &[], Ok(()));
        check(&Facts { id: Fact::Absent, ..complete() }, &[], Err("interface-id"));
        check(&Facts { device: Fact::Empty, ..complete() }, &[], Err("device-number"));
        check(&Facts { ipv4: Fact::Absent, ..complete() }, &[], Err("local-ipv4s"));
        check(&Facts { ipv4_subnet: Fact::Absent, ..complete() }, &[], Err("subnet-ipv4-cidr-block"));
        let ipv6 = Facts { ipv6: list(&["2001:db8::1"]), ..complete() };
        check(&ipv6, &[], Err("subnet-ipv6-cidr-blocks"));
        let only = Facts { ipv4: Fact::Absent, ipv4_subnet: Fact::Absent, ..ipv6 };
        check(&Facts { ipv6_subnets: list(&["2001:db8::/64"]), ..only }, &[], Ok(()));
    }

    /// Report C8: at 60 ENIs, one whose `network-card` is late collides with the same device of card 0.
    #[test]
    fn c8_the_card_is_waited_for_only_where_there_are_cards() {
        let missing = judge(MAC, &complete(), &Had::new(), true).unwrap_err();
        assert_eq!(missing.key, "network-card");
        assert_eq!(judge(MAC, &complete(), &Had::new(), false).unwrap().card, 0.into());
    }

    /// Reports C1, C2: only an index that does not list the key says that there is no value any more.
    #[test]
    fn c1_an_empty_value_removes_nothing() {
        let empty = Facts { ipv4_prefixes: Fact::Empty, ..complete() };
        check(&empty, &[], Ok(()));
        check(&empty, &["ipv4-prefix"], Err("ipv4-prefix"));
        let absent = Facts { ipv4_prefixes: Fact::Absent, ..complete() };
        check(&absent, &["ipv4-prefix"], Ok(()));
    }

    #[track_caller]
    fn check_leased(leased: &[&str], secondary: &[&str], expected: Option<&str>) {
        let ipv6 = ["2001:db8::a", "2001:db8::b"].map(|text| text.parse::<Ipv6Addr>().unwrap());
        let leased: Vec<Ipv6Addr> = leased.iter().map(|text| text.parse().unwrap()).collect();
        let secondary = secondary.iter().map(|text| text.parse().unwrap()).collect();
        assert_eq!(leased_ipv6(&ipv6, &leased, &secondary), expected.map(|text| text.parse().unwrap()));
    }

    #[test]
    fn v7_the_leased_ipv6_address_is_found_wherever_it_is_listed() {
        check_leased(&[], &[], Some("2001:db8::a"));
        check_leased(&["2001:db8::b"], &[], Some("2001:db8::b"));
        check_leased(&["2001:db8::b"], &["2001:db8::b/128"], Some("2001:db8::b"));
        check_leased(&[], &["2001:db8::a/128"], Some("2001:db8::b"));
        check_leased(&[], &["2001:db8::a/128", "2001:db8::b/128"], None);
    }
}
