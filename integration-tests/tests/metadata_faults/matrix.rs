//! Every fault at every key, on a host that is configured. Reports C1, C2 and S2, at large.

use std::io::Write as _;

use integration_tests::fake_imds::TOKEN_PATH;

use crate::faults::ALL;
use crate::instance::{CARD, ENIS, Eni, KEYS, MACS, PRIMARY, SECOND, THIRD, tree, tree_with_cards};
use crate::pool::objections;
use crate::trial::Trial;

/// The keys on which all ENIs depend.
pub(crate) const COMMON: [&str; 3] = ["mac", MACS, TOKEN_PATH];

/// Each fault at each of the keys of an ENI.
pub(crate) fn trials(eni: Eni, keys: &[&str], is_first: bool) -> Vec<Trial> {
    let trial = |key: &&str| {
        let tree = if *key == CARD { tree_with_cards() } else { tree() };
        ALL.map(|wrong| Trial { tree: tree.clone(), eni: Some(eni), path: eni.path(key), wrong, is_first })
    };
    keys.iter().flat_map(trial).collect()
}

pub(crate) fn common_trials(is_first: bool) -> Vec<Trial> {
    let trial = |path: &str| {
        ALL.map(|wrong| Trial { tree: tree(), eni: None, path: path.to_owned(), wrong, is_first })
    };
    COMMON.into_iter().flat_map(trial).collect()
}

#[track_caller]
pub(crate) fn check(what: &str, trials: &[Trial], count: usize) {
    assert_eq!(trials.len(), count);
    let objections = objections(trials, Trial::objections);
    // Past the capture of the test harness, which shows the output of failed tests only.
    let _ = writeln!(std::io::stderr(), "{what}: {count} combinations of fault and key");
    assert!(objections.is_empty(), "{} objections:\n{}", objections.len(), objections.join("\n"));
}

#[test]
fn c1_c2_s2_every_fault_at_every_key_of_a_secondary_eni() {
    check("a secondary ENI", &trials(SECOND, &KEYS, false), 13 * 9);
}

#[test]
fn c1_c2_s2_every_fault_at_every_key_of_the_primary_eni() {
    check("the primary ENI", &trials(PRIMARY, &KEYS, false), 13 * 9);
}

#[test]
fn c8_every_fault_at_the_card_of_each_eni() {
    let trials: Vec<Trial> = ENIS.iter().flat_map(|eni| trials(*eni, &[CARD], false)).collect();
    check("network-card", &trials, 13 * 3);
    assert!(trials.iter().any(|trial| trial.eni == Some(THIRD)));
}

#[test]
fn c1_c2_s2_every_fault_at_every_key_that_all_enis_need() {
    check("the instance", &common_trials(false), 13 * 3);
}
