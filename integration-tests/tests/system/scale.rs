//! Fifteen ENIs: what a refresh costs.

use integration_tests::cloud::{Attached, Cloud};
use integration_tests::testbed::require_root;

use crate::fixture::{dual_stack, primary, subnets};

const NAMES: [&str; 14] = [
    "ens6", "ens7", "ens8", "ens9", "ens10", "ens11", "ens12", "ens13", "ens14", "ens15", "ens16", "ens17",
    "ens18", "ens19",
];

/// Report M1: one token and one crawl for all ENIs. 2.7.4 sends 174 requests with 15 tokens.
#[test]
fn m1_a_refresh_of_fifteen_enis_takes_48_requests() {
    if !require_root("m1_a_refresh_of_fifteen_enis_takes_48_requests") {
        return;
    }
    let secondaries = NAMES.iter().zip(1..).map(|(name, device)| {
        let number = u8::try_from(20 + device).unwrap();
        Attached::new(name, device, dual_stack(usize::from(device % 2), number))
    });
    let enis: Vec<Attached> = [primary()].into_iter().chain(secondaries).collect();
    let cloud = Cloud::new(&subnets(), &enis);
    cloud.reconcile();
    cloud.check();
    cloud.imds().reset_counters().unwrap();
    let files = cloud.files();
    assert_eq!(cloud.reconcile(), "");
    assert_eq!(cloud.files(), files);
    let counters = cloud.imds().counters().unwrap();
    assert!(counters.total <= 48, "{counters:#?}");
    assert_eq!(counters.tokens, 1);
}
