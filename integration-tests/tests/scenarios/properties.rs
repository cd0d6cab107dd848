//! Any instance: its plan is the oracle's, its files follow from it, and a second run changes nothing.

use proptest::prelude::*;

use crate::folder::check;
use crate::host::{Host, Ran, TREES};
use crate::instance::{Eni, tree};
use crate::oracle;

/// An ENI in a slot, with addresses of at least one family or for EFA only.
fn eni(card: Option<u8>, device: u8) -> impl Strategy<Value = Eni> {
    let numbers = (0..4u8, 0..4u8, 0..3u8, 0..3u8, any::<bool>());
    numbers.prop_map(move |(ipv4, ipv6, ipv4_prefixes, ipv6_prefixes, ipv6_subnet)| {
        let eni = Eni::new(card, device).with_ipv4(ipv4).with_ipv6(ipv6);
        let ipv6_subnet = ipv6_subnet || ipv6 > 0;
        let eni = Eni { ipv6_subnet, ..eni };
        match (ipv4, ipv6) {
            (0, 0) => eni.efa_only(),
            (0, _) => eni.with_prefixes(0, ipv6_prefixes),
            _ => eni.with_prefixes(ipv4_prefixes, ipv6_prefixes * u8::from(ipv6_subnet)),
        }
    })
}

/// Up to 12 ENIs in slots of their own, with MAC addresses in any order.
fn instance() -> impl Strategy<Value = Vec<Eni>> {
    let slots = (any::<bool>(), prop::collection::btree_set((0..4u8, 0..100u8), 0..12));
    let enis = slots.prop_flat_map(|(has_cards, mut slots)| {
        if !has_cards {
            slots = slots.into_iter().map(|(_, device)| (0, device)).collect();
        }
        slots.remove(&(0, 0));
        let secondary: Vec<_> =
            slots.into_iter().map(|(card, device)| eni(has_cards.then_some(card), device)).collect();
        let primary =
            eni(has_cards.then_some(0), 0).prop_filter("has a device", |eni| eni.ipv4 + eni.ipv6 > 0);
        (primary, secondary, any::<u8>())
    });
    enis.prop_map(|(primary, secondary, salt)| {
        let mut enis = [vec![primary], secondary].concat();
        for (nth, eni) in (0u8..).zip(&mut enis) {
            // 37 is odd, so that no two are the same.
            eni.mac = format!("02:00:5e:00:53:{:02x}", nth.wrapping_mul(37).wrapping_add(salt));
        }
        enis
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_plan_is_the_oracles(enis in instance()) {
        check(&tree(&enis));
    }

    #[test]
    fn a_second_run_does_nothing(enis in instance()) {
        let host = Host::with(&tree(&enis));
        prop_assert_eq!(host.run(&["plan", "--exit-code"]).status, 5);
        host.reconcile(&[]);
        prop_assert_eq!(host.files(TREES[0]), host.files(TREES[1]));
        let links = host.files(TREES[0]).values().filter(|text| text.starts_with("-> ")).count();
        prop_assert_eq!(links, oracle::interfaces(&tree(&enis)).len());
        let files = host.stamps();
        prop_assert_eq!(host.run(&["reconcile"]), Ran::silent(0));
        prop_assert_eq!(host.run(&["plan", "--exit-code"]).status, 0);
        prop_assert!(files.iter().filter(|(path, _)| !path.ends_with("/lock")).all(|(path, stamp)| host.stamps()[path] == *stamp));
    }
}
