//! What `plan` decides, by cases and by properties.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use ipnetwork::IpNetwork;
use policy_routing::{Eni, Instance, InstancePlan, MacAddr, Refusal, Slot, plan};
use proptest::prelude::*;

fn mac(last: u8) -> MacAddr {
    MacAddr([2, 0, 0, 0, 0, last])
}

fn eni(last: u8, card: u16, device: u16) -> Eni {
    Eni {
        mac: mac(last),
        id: format!("eni-{last}").parse().unwrap(),
        card: card.into(),
        device: device.into(),
        ipv4: vec![Ipv4Addr::new(10, 0, last, 10)],
        ipv6: vec![],
        leased_ipv6: None,
        prefixes: vec![],
        subnets: vec![format!("10.0.{last}.0/24").parse().unwrap()],
    }
}

fn plan_of(enis: Vec<Eni>) -> InstancePlan {
    plan(&Instance { primary: mac(0), enis, taken: BTreeMap::new() })
}

fn texts<T: ToString>(items: &[T]) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}

/// Report C4: 172.20.2.34 sorts before the primary, 172.20.4.123.
#[test]
fn c4_the_first_address_is_the_primary_whatever_its_order() {
    let mut secondary = eni(1, 0, 1);
    secondary.ipv4 = vec!["172.20.4.123".parse().unwrap(), "172.20.2.34".parse().unwrap()];
    let plan = plan_of(vec![secondary]);
    assert_eq!(texts(&plan.enis[0].addresses), ["172.20.2.34/32"]);
    assert_eq!(
        texts(&plan.enis[0].rules),
        ["10001: from 172.20.2.34/32 lookup 10001", "10001: from 172.20.4.123/32 lookup 10001"]
    );
}

/// Report C9: a rule for the primary would take its containers' replies past the main table.
#[test]
fn c9_the_primary_has_secondary_addresses_but_no_rules() {
    let mut primary = eni(0, 0, 0);
    primary.ipv4.push(Ipv4Addr::new(10, 0, 0, 11));
    primary.prefixes.push("10.0.0.64/28".parse().unwrap());
    let plan = plan_of(vec![primary]);
    assert!(plan.enis[0].primary);
    assert_eq!(texts(&plan.enis[0].addresses), ["10.0.0.11/32"]);
    assert!(plan.enis[0].rules.is_empty());
    assert_eq!(texts(&plan.enis[0].routes), ["default via _dhcp4", "default via _ipv6ra", "10.0.0.0/24"]);
}

/// Reports V7, U7: every IPv6 address but the leased one is assigned; prefixes get rules and no address.
#[test]
fn v7_secondary_ipv6_addresses_are_assigned() {
    let mut secondary = eni(1, 1, 0);
    secondary.ipv6 = vec!["2001:db8::b".parse().unwrap(), "2001:db8::a".parse().unwrap()];
    secondary.leased_ipv6 = Some(secondary.ipv6[0]);
    secondary.prefixes = vec!["2001:db8:0:0:aaaa:0:0:1/80".parse().unwrap()];
    secondary.subnets.push("2001:db8:0:0:0:0:0:0/64".parse().unwrap());
    let plan = plan_of(vec![secondary]);
    let eni = &plan.enis[0];
    assert_eq!(texts(&eni.addresses), ["2001:db8::a/128"]);
    assert_eq!(
        texts(&eni.rules),
        [
            "10100: from 10.0.1.10/32 lookup 10100",
            "10100: from 2001:db8::a/128 lookup 10100",
            "10100: from 2001:db8::b/128 lookup 10100",
            "10100: from 2001:db8:0:0:aaaa::/80 lookup 10100"
        ]
    );
    assert_eq!(
        texts(&eni.routes),
        ["default via _dhcp4", "default via _ipv6ra", "10.0.1.0/24", "2001:db8::/64"]
    );
    assert_eq!(eni.altnames, ["eni-1", "device-number-0.1"]);
}

#[test]
fn an_eni_without_ipv4_has_no_ipv4_in_its_table() {
    let mut secondary = eni(1, 0, 1);
    secondary.ipv4.clear();
    secondary.ipv6 = vec!["2001:db8::a".parse().unwrap()];
    secondary.subnets.push("2001:db8::/64".parse().unwrap());
    assert_eq!(texts(&plan_of(vec![secondary]).enis[0].routes), ["default via _ipv6ra", "2001:db8::/64"]);
}

#[track_caller]
fn check_refused(enis: Vec<Eni>, expected: &[(u8, &str)]) {
    let count = enis.len();
    let plan = plan_of(enis);
    let refused: Vec<(MacAddr, String)> =
        plan.refused.iter().map(|(mac, why)| (*mac, why.to_string())).collect();
    let expected: Vec<(MacAddr, String)> =
        expected.iter().map(|(last, why)| (mac(*last), (*why).to_owned())).collect();
    assert_eq!(refused, expected);
    assert_eq!(plan.enis.len(), count - refused.len());
}

/// Reports C6, C7: a hot-plugged ENI reads device 0 before it has propagated, and numbers repeat across cards.
#[test]
fn c6_two_enis_never_share_a_slot() {
    check_refused(vec![eni(0, 0, 0), eni(1, 1, 0), eni(2, 0, 1)], &[]);
    check_refused(
        vec![eni(0, 0, 0), eni(1, 0, 0), eni(2, 0, 1)],
        &[(1, "claims device 0 of card 0, which is the primary's; it has not propagated yet")],
    );
    check_refused(
        vec![eni(1, 0, 1), eni(2, 0, 1), eni(3, 0, 2)],
        &[
            (1, "claims device 1 of card 0, as does 02:00:00:00:00:02"),
            (2, "claims device 1 of card 0, as does 02:00:00:00:00:01"),
        ],
    );
}

/// An ENI that is configured keeps its slot, even when nothing is known of it at the moment.
#[test]
fn c6_a_taken_slot_is_not_given_away() {
    let taken = BTreeMap::from([(mac(9), Slot::new(0.into(), 1.into()).unwrap())]);
    let enis = vec![eni(1, 0, 1), eni(2, 0, 2)];
    let plan = plan(&Instance { primary: mac(0), enis, taken });
    assert_eq!(plan.refused[&mac(1)].to_string(), "claims device 1 of card 0, as does 02:00:00:00:00:09");
    assert_eq!(plan.enis.len(), 1);
}

#[test]
fn a_slot_without_numbers_is_refused() {
    check_refused(
        vec![eni(0, 0, 0), eni(1, 0, 100)],
        &[(1, "device 100 of card 0 is beyond the numbering (100 devices a card)")],
    );
    check_refused(
        vec![eni(0, 1, 2)],
        &[(0, "is the primary, but claims device 2 of card 1 rather than device 0 of card 0")],
    );
}

fn arbitrary_eni() -> impl Strategy<Value = Eni> {
    let v4 = prop::collection::vec((0..4u8).prop_map(|last| Ipv4Addr::new(10, 0, 0, last)), 0..4);
    let v6 = prop::collection::vec(
        (0..4u16).prop_map(|last| Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, last)),
        0..4,
    );
    let block = (any::<u32>(), 8..=32u8)
        .prop_map(|(bits, length)| IpNetwork::new(Ipv4Addr::from(bits).into(), length).unwrap());
    let blocks = || prop::collection::vec(block.clone(), 0..3);
    (0..6u8, 0..4u16, 0..4u16, v4, v6, blocks(), blocks()).prop_map(
        |(last, card, device, ipv4, ipv6, prefixes, subnets)| Eni {
            ipv4,
            ipv6,
            prefixes,
            subnets,
            ..eni(last, card, device)
        },
    )
}

proptest! {
    #[test]
    fn no_two_enis_share_a_number_and_none_is_lost(enis in prop::collection::vec(arbitrary_eni(), 0..8)) {
        let mut enis = enis;
        enis.sort_by_key(|eni| eni.mac);
        enis.dedup_by_key(|eni| eni.mac);
        let plan = plan_of(enis.clone());
        let mut tables: Vec<u32> = plan.enis.iter().map(|eni| eni.slot.table().get()).collect();
        tables.dedup();
        prop_assert_eq!(tables.len(), plan.enis.len());
        prop_assert_eq!(plan.enis.len() + plan.refused.len(), enis.len());
        for eni in &plan.enis {
            prop_assert!(eni.rules.iter().all(|rule| rule.table == eni.slot.table()));
            prop_assert!(!eni.primary || eni.rules.is_empty());
        }
        for refusal in plan.refused.values() {
            let beyond = matches!(refusal, Refusal::NoNumbers { .. });
            prop_assert!(!beyond);
        }
    }

    #[test]
    fn the_order_of_enis_is_irrelevant(enis in prop::collection::vec(arbitrary_eni(), 0..8)) {
        let mut enis = enis;
        enis.sort_by_key(|eni| eni.mac);
        enis.dedup_by_key(|eni| eni.mac);
        let forward = plan_of(enis.clone());
        enis.reverse();
        prop_assert_eq!(forward, plan_of(enis));
    }

    #[test]
    fn any_text_is_parsed_or_refused(text in ".*") {
        if let Ok(mac) = text.parse::<MacAddr>() {
            prop_assert_eq!(mac.to_string(), text.to_lowercase());
        }
    }
}
