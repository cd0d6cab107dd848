//! Every address of every ENI answers and is answered, whatever the ENIs are.

use integration_tests::cloud::{Attached, Cloud};
use integration_tests::testbed::{Eni, Subnet, require_root};

use integration_tests::fixture::{dual_stack, primary, subnets};

#[track_caller]
fn check(subnets: &[Subnet], enis: &[Attached]) {
    let cloud = Cloud::new(subnets, enis);
    cloud.reconcile();
    // Before ec2-net ran, replies by the wrong ENI were dropped; from here on none may be.
    cloud.check();
    let before = cloud.files();
    assert_eq!(cloud.reconcile(), "", "a second run has nothing to do");
    assert_eq!(cloud.files(), before, "a second run writes nothing");
    let plan = cloud.ec2_net(&["plan", "--exit-code"]);
    assert!(plan.status.success());
    assert!(String::from_utf8_lossy(&plan.stdout).ends_with("\nNothing to change.\n"), "{plan:?}");
}

#[test]
fn one_eni_with_secondary_addresses() {
    if require_root("one_eni_with_secondary_addresses") {
        check(&subnets(), &[primary()]);
    }
}

/// Report C10: replies left by the wrong one of two ENIs in one subnet.
#[test]
fn c10_two_enis_in_one_subnet() {
    if require_root("c10_two_enis_in_one_subnet") {
        let secondary = dual_stack(0, 20).with_ipv4("10.0.1.21").with_ipv6("2001:db8:0:1::21");
        check(&subnets(), &[primary(), Attached::new("ens6", 1, secondary)]);
    }
}

#[test]
fn two_enis_in_different_subnets() {
    if require_root("two_enis_in_different_subnets") {
        let secondary = dual_stack(1, 20).with_ipv4("10.0.2.21").with_ipv6("2001:db8:0:2::21");
        check(&subnets(), &[primary(), Attached::new("ens6", 1, secondary)]);
    }
}

/// Report C6: device numbers repeat across cards.
#[test]
fn c6_three_enis_on_two_cards() {
    if require_root("c6_three_enis_on_two_cards") {
        let on_card = |card, attached: Attached| Attached { card: Some(card), ..attached };
        let enis = [
            on_card(0, primary()),
            on_card(0, Attached::new("ens6", 1, dual_stack(0, 20))),
            on_card(1, Attached::new("ens7", 0, dual_stack(1, 20))),
        ];
        check(&subnets(), &enis);
    }
}

#[test]
fn delegated_prefixes_have_rules() {
    if require_root("delegated_prefixes_have_rules") {
        let secondary =
            dual_stack(1, 20).with_ipv4_prefix("10.0.2.48/28").with_ipv6_prefix("2001:db8:0:2:aaaa::/80");
        check(&subnets(), &[primary(), Attached::new("ens6", 1, secondary)]);
    }
}

#[test]
fn an_ipv6_only_subnet() {
    if require_root("an_ipv6_only_subnet") {
        let subnets = [Subnet::ipv6_only("2001:db8:0:1::/64")];
        let eni = |number: u8| {
            Eni::new(&format!("02:00:00:00:01:{number:02x}"), 0).with_ipv6(&format!("2001:db8:0:1::{number}"))
        };
        let secondary = eni(20).with_ipv6("2001:db8:0:1::21");
        check(&subnets, &[Attached::new("ens5", 0, eni(10)), Attached::new("ens6", 1, secondary)]);
    }
}

#[test]
fn an_ipv4_primary_with_an_ipv6_only_secondary() {
    if require_root("an_ipv4_primary_with_an_ipv6_only_secondary") {
        let subnets = [Subnet::ipv4_only("10.0.1.0/24"), Subnet::ipv6_only("2001:db8:0:2::/64")];
        let primary = Eni::new("02:00:00:00:01:0a", 0).with_ipv4("10.0.1.10");
        let secondary = Eni::new("02:00:00:00:02:14", 1).with_ipv6("2001:db8:0:2::20");
        check(&subnets, &[Attached::new("ens5", 0, primary), Attached::new("ens6", 1, secondary)]);
    }
}
