//! What several tests begin with: two subnets, and ENIs in them.
#![allow(clippy::missing_panics_doc)]

use crate::cloud::Attached;
use crate::testbed::{Eni, Subnet};

/// Two subnets of both families.
#[must_use]
pub fn subnets() -> [Subnet; 2] {
    [
        Subnet::dual_stack("10.0.1.0/24", "2001:db8:0:1::/64"),
        Subnet::dual_stack("10.0.2.0/24", "2001:db8:0:2::/64"),
    ]
}

/// The primary ENI, with a secondary address of each family.
#[must_use]
pub fn primary() -> Attached {
    let eni = dual_stack(0, 10).with_ipv4("10.0.1.11").with_ipv6("2001:db8:0:1::11");
    Attached::new("ens5", 0, eni)
}

/// An ENI with an address of each family: `number` is their end, and that of the MAC address.
#[must_use]
pub fn dual_stack(subnet: usize, number: u8) -> Eni {
    let third = subnet + 1;
    Eni::new(&format!("02:00:00:00:{third:02x}:{number:02x}"), subnet)
        .with_ipv4(&format!("10.0.{third}.{number}"))
        .with_ipv6(&format!("2001:db8:0:{third}::{number}"))
}

/// The names of up to 14 secondary ENIs.
const NAMES: [&str; 14] = [
    "ens6", "ens7", "ens8", "ens9", "ens10", "ens11", "ens12", "ens13", "ens14", "ens15", "ens16", "ens17",
    "ens18", "ens19",
];

/// The first secondary ENIs of an instance, in the primary's subnet and in another one by turns.
#[must_use]
pub fn secondaries(count: usize) -> Vec<Attached> {
    let secondary = |(name, device): (&&'static str, u8)| {
        Attached::new(name, device.into(), dual_stack(usize::from(device % 2), 20 + device))
    };
    NAMES.iter().zip(1..).take(count).map(secondary).collect()
}
