//! The VPC's source check, which makes policy routing necessary.

use std::fmt::Write as _;

use ipnetwork::IpNetwork;

use super::host::Host as _;
use super::namespace::Namespace;
use super::process::run_with_input;

/// The table, its sets and its chain.
const RULES: &str = include_str!("../../testbed/source-check.nft");

/// Installs the check for all bridges of a namespace.
#[track_caller]
pub(crate) fn install(router: &Namespace) {
    nft(router, RULES);
}

/// Changes in one transaction which sources a MAC address may use.
#[track_caller]
pub(crate) fn change(router: &Namespace, mac: &str, added: &[IpNetwork], removed: &[IpNetwork]) {
    let mut script = String::new();
    for (verb, networks) in [("delete", removed), ("add", added)] {
        for network in networks {
            let set = if network.is_ipv4() { "owners4" } else { "owners6" };
            let _ = writeln!(script, "{verb} element bridge vpc {set} {{ {mac} . {network} }}");
        }
    }
    nft(router, &script);
}

/// How many packets were dropped.
#[track_caller]
pub(crate) fn count(router: &Namespace) -> u64 {
    let listing = router.json(&["nft", "-j", "list", "counter", "bridge", "vpc", "spoofed"]);
    let objects = listing["nftables"].as_array().map(Vec::as_slice).unwrap_or_default();
    let count = objects.iter().find_map(|object| object["counter"]["packets"].as_u64());
    count.unwrap_or_else(|| panic!("no counter in {listing}"))
}

/// What was dropped: MAC address, source, destination and number, one per line.
#[track_caller]
pub(crate) fn report(router: &Namespace) -> String {
    let sets = ["dropped4", "dropped6"].map(|set| router.text(&["nft", "list", "set", "bridge", "vpc", set]));
    let elements = sets.iter().filter_map(|set| set.split_once("elements = {")?.1.split_once('}'));
    elements
        .flat_map(|(elements, _)| elements.split(','))
        .map(|element| element.trim().to_owned() + "\n")
        .collect()
}

/// Runs a script of nft(8).
#[track_caller]
fn nft(router: &Namespace, script: &str) {
    run_with_input(router.command("nft").args(["-f", "-"]), script);
}
