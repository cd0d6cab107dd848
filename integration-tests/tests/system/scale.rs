//! Fifteen ENIs: what a refresh costs.

use integration_tests::cloud::Cloud;
use integration_tests::testbed::require_root;

use integration_tests::fixture::{primary, secondaries, subnets};

/// Report M1: one token and one crawl for all ENIs. 2.7.4 sends 174 requests with 15 tokens.
#[test]
fn m1_a_refresh_of_fifteen_enis_takes_48_requests() {
    if !require_root("m1_a_refresh_of_fifteen_enis_takes_48_requests") {
        return;
    }
    let enis = [vec![primary()], secondaries(14)].concat();
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
