//! Instances that the folder does not have, against the same oracle.

use serde_json::json;

use crate::folder::check;
use crate::host::Host;
use crate::instance::{Eni, tree};

fn cards(cards: u8, per_card: u8) -> Vec<Eni> {
    (0..cards).flat_map(|card| (0..per_card).map(move |device| Eni::new(card, device))).collect()
}

/// Report C8: at 60 ENIs, tables and metrics collided. Report C7: device numbers repeat across cards.
#[test]
fn c7_c8_sixty_enis_on_four_cards() {
    let enis: Vec<Eni> = cards(4, 15).into_iter().map(|eni| eni.with_ipv4(3).with_ipv6(2)).collect();
    check(&tree(&enis));
    let plan = Host::with(&tree(&enis)).plan(&[]);
    let interfaces = plan["interfaces"].as_array().unwrap();
    let mut numbers: Vec<_> =
        interfaces.iter().map(|one| (one["table"].as_u64(), one["metric"].as_u64())).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 60);
}

#[test]
fn sixteen_cards_with_five_enis_of_fifty_addresses() {
    let enis: Vec<Eni> = cards(16, 5).into_iter().map(|eni| eni.with_ipv4(50)).collect();
    check(&tree(&enis));
}

#[test]
fn sixty_four_addresses_of_each_family_on_an_eni() {
    let enis: Vec<Eni> = (0..24).map(|device| Eni::new(None, device).with_ipv4(64).with_ipv6(64)).collect();
    check(&tree(&enis));
}

#[test]
fn efa_only_enis_between_others() {
    let enis = [
        Eni::new(0, 0).with_ipv6(2),
        Eni::new(0, 1).efa_only(),
        Eni { ipv6_subnet: true, ..Eni::new(1, 0).efa_only() },
        Eni::new(1, 1).with_ipv4(4),
        Eni::new(2, 0).efa_only(),
        Eni::new(3, 1),
    ];
    check(&tree(&enis));
    let plan = Host::with(&tree(&enis)).plan(&[]);
    let names: Vec<_> = plan["interfaces"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["ens5", "ens6", "ens7"]);
}

#[test]
fn an_ipv4_only_primary_with_an_ipv6_only_secondary() {
    check(&tree(&[Eni::new(None, 0).with_ipv4(2), Eni::new(None, 1).with_ipv4(0).with_ipv6(3)]));
}

#[test]
fn ipv6_only_everywhere() {
    let enis: Vec<Eni> =
        (0..3).map(|device| Eni::new(None, device).with_ipv4(0).with_ipv6(device + 1)).collect();
    check(&tree(&enis));
}

#[test]
fn an_ipv6_only_eni_with_prefixes() {
    check(&tree(&[Eni::new(None, 0), Eni::new(None, 1).with_ipv4(0).with_ipv6(1).with_prefixes(0, 2)]));
}

#[test]
fn prefixes_and_no_secondary_address() {
    check(&tree(&[
        Eni::new(None, 0).with_prefixes(2, 1),
        Eni::new(None, 1).with_ipv6(1).with_prefixes(3, 2),
    ]));
}

#[test]
fn only_ipv6_prefixes_on_an_eni_without_an_ipv6_address() {
    let enis = [Eni::new(None, 0), Eni { ipv6_subnet: true, ..Eni::new(None, 1).with_prefixes(0, 2) }];
    check(&tree(&enis));
}

#[test]
fn a_primary_that_has_the_last_mac_address() {
    let mut enis: Vec<Eni> = (0..15).map(|device| Eni::new(None, device).with_ipv4(2)).collect();
    for (eni, nth) in enis.iter_mut().zip((0..15).rev()) {
        eni.mac = format!("02:00:5e:00:00:{nth:02x}");
    }
    check(&tree(&enis));
}

#[test]
fn slots_with_gaps_up_to_the_last_device() {
    check(&tree(&[Eni::new(0, 0), Eni::new(0, 99), Eni::new(7, 23), Eni::new(31, 0), Eni::new(31, 99)]));
}

/// Report C4: the primary address was not the one that sorts first.
#[test]
fn c4_the_first_line_is_the_primary_address_wherever_it_sorts() {
    let mut tree = tree(&[Eni::new(None, 0), Eni::new(None, 1)]);
    crate::trees::eni(&mut tree, "02:00:5e:00:00:01")
        .insert("local-ipv4s".to_owned(), json!(["10.0.1.200", "10.0.1.9", "10.0.1.250", "10.0.1.10"]));
    check(&tree);
    let plan = Host::with(&tree).plan(&[]);
    assert_eq!(plan["interfaces"][1]["addresses"], json!(["10.0.1.9/32", "10.0.1.10/32", "10.0.1.250/32"]));
}
