//! What several tests begin with.

use integration_tests::cloud::Attached;
use integration_tests::testbed::{Eni, Subnet};

pub(crate) fn subnets() -> [Subnet; 2] {
    [
        Subnet::dual_stack("10.0.1.0/24", "2001:db8:0:1::/64"),
        Subnet::dual_stack("10.0.2.0/24", "2001:db8:0:2::/64"),
    ]
}

/// The primary ENI, with a secondary address of each family.
pub(crate) fn primary() -> Attached {
    let eni = dual_stack(0, 10).with_ipv4("10.0.1.11").with_ipv6("2001:db8:0:1::11");
    Attached::new("ens5", 0, eni)
}

/// An ENI with an address of each family: `number` is their end, and that of the MAC address.
pub(crate) fn dual_stack(subnet: usize, number: u8) -> Eni {
    let third = subnet + 1;
    Eni::new(&format!("02:00:00:00:{third:02x}:{number:02x}"), subnet)
        .with_ipv4(&format!("10.0.{third}.{number}"))
        .with_ipv6(&format!("2001:db8:0:{third}::{number}"))
}
