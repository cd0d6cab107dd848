//! ENIs that are detached, those that the metadata has forgotten for a moment, and names that others take.

use serde_json::Value;

use crate::host::{Host, TREES};
use crate::instance::{Eni, link, mac, tree};
use crate::trees;

fn enis() -> Vec<Eni> {
    vec![
        Eni::new(None, 0).with_ipv4(2),
        Eni::new(None, 1).with_ipv4(2).with_ipv6(2),
        Eni::new(None, 2).with_ipv4(2),
    ]
}

/// The options for links, by name and device.
fn links(of: &[(&str, u8)]) -> Vec<String> {
    of.iter().flat_map(|(name, device)| link(name, 0, *device)).collect()
}

/// The names in front of `70-` files, with the MAC address that each drop-in begins with.
fn owners(host: &Host) -> Vec<(String, String)> {
    let owner = |(path, text): (String, String)| {
        let name = path.strip_prefix("70-")?.strip_suffix(".network.d/eni.conf")?.to_owned();
        Some((name, text.lines().next()?.strip_prefix("# ec2-net ")?.to_owned()))
    };
    assert_eq!(host.files(TREES[0]), host.files(TREES[1]));
    host.files(TREES[0]).into_iter().filter_map(owner).collect()
}

fn pairs(of: &[(&str, u8)]) -> Vec<(String, String)> {
    of.iter().map(|(name, device)| ((*name).to_owned(), mac(0, *device))).collect()
}

/// A host on which three ENIs are configured.
fn configured() -> Host {
    let host = Host::with(&tree(&enis()));
    let links = links(&[("ens5", 0), ("ens6", 1), ("ens7", 2)]);
    host.reconcile(&links.iter().map(String::as_str).collect::<Vec<_>>());
    host
}

/// Runs with other links, and expects the status and what is left of the files.
#[track_caller]
fn check(host: &Host, of: &[(&str, u8)], status: i32, expected: &[(&str, u8)]) -> String {
    let links = links(of);
    let arguments: Vec<&str> = ["reconcile"].into_iter().chain(links.iter().map(String::as_str)).collect();
    let ran = host.run(&arguments);
    assert_eq!((ran.status, ran.stdout.as_str()), (status, ""), "{}", ran.stderr);
    assert_eq!(owners(host), pairs(expected));
    ran.stderr
}

fn without(device: u8) -> Value {
    let mut tree = tree(&enis());
    trees::enis(&mut tree).remove(&mac(0, device));
    tree
}

/// Report C12: the files of a detached ENI configured the next one that took its name.
#[test]
fn c12_a_detached_eni_leaves_no_file() {
    let host = configured();
    host.set_metadata(&without(1).to_string());
    check(&host, &[("ens5", 0), ("ens7", 2)], 0, &[("ens5", 0), ("ens7", 2)]);
    for top in TREES {
        assert!(host.files(top).keys().all(|path| !path.contains("ens6")), "{:?}", host.files(top));
        assert!(!host.path(top).join("70-ens6.network.d").exists());
    }
}

/// A detached ENI stays listed for minutes: its link decides.
#[test]
fn c12_a_detached_eni_that_is_still_listed_leaves_no_file() {
    check(&configured(), &[("ens5", 0), ("ens7", 2)], 0, &[("ens5", 0), ("ens7", 2)]);
}

#[test]
fn c12_another_eni_that_takes_the_name_gets_files_of_its_own() {
    let host = configured();
    let mut enis = enis();
    enis[1] = Eni::new(None, 5);
    host.set_metadata(&tree(&enis).to_string());
    let expected = [("ens5", 0), ("ens6", 5), ("ens7", 2)];
    check(&host, &expected, 0, &expected);
    let files = host.files(TREES[0]);
    assert!(!files.contains_key("70-ens6.network.d/ec2net_alias.conf"), "{files:?}");
    assert!(files.values().all(|text| !text.contains("10.0.1.")), "{files:?}");
}

#[test]
fn c12_two_links_that_exchange_their_names() {
    let expected = [("ens5", 0), ("ens6", 2), ("ens7", 1)];
    let host = configured();
    check(&host, &expected, 0, &expected);
    assert!(host.files(TREES[0])["70-ens7.network.d/ec2net_policy_4.conf"].contains("From=10.0.1.100/32"));
}

/// An attached ENI can be missing from the metadata briefly after a reboot.
#[test]
fn an_eni_that_the_metadata_forgets_keeps_its_files() {
    let host = configured();
    let before = host.files(TREES[0]);
    host.set_metadata(&without(1).to_string());
    let all = [("ens5", 0), ("ens6", 1), ("ens7", 2)];
    let message = format!("warning: ens6 ({}): left as it is: the metadata does not list it\n", mac(0, 1));
    assert_eq!(check(&host, &all, 4, &all), message);
    assert_eq!(host.files(TREES[0]), before);
    host.set_metadata(&tree(&enis()).to_string());
    assert_eq!(check(&host, &all, 0, &all), "");
    assert_eq!(host.files(TREES[0]), before);
}

/// The same where the links are invented: one that has files has a link.
#[test]
fn an_invented_link_does_not_vanish_with_its_mac_address() {
    let host = Host::with(&tree(&enis()));
    host.reconcile(&[]);
    let before = host.stamps();
    host.set_metadata(&without(1).to_string());
    let message = format!("warning: ens6 ({}): left as it is: the metadata does not list it\n", mac(0, 1));
    let all = [("ens5", 0), ("ens6", 1), ("ens7", 2)];
    assert_eq!(check(&host, &[], 4, &all), message);
    assert!(
        host.stamps()
            .iter()
            .filter(|(path, _)| path.contains("70-"))
            .all(|(path, stamp)| before[path] == *stamp)
    );
}

/// Nobody's files but ours go.
#[test]
fn the_drop_ins_of_others_stay_where_an_eni_is_gone() {
    let host = configured();
    let theirs =
        ["run/systemd/network/70-ens6.network.d/99-theirs.conf", "run/systemd/network/70-ens9.network"];
    for path in theirs {
        host.write(path, "[Network]\nLLDP=no\n");
    }
    let links = links(&[("ens5", 0), ("ens7", 2)]);
    let ran = host.run(&[&["reconcile"], &links.iter().map(String::as_str).collect::<Vec<_>>()[..]].concat());
    assert_eq!(ran.status, 0, "{ran:?}");
    let left: Vec<String> = host
        .files(TREES[0])
        .into_keys()
        .filter(|path| path.contains("ens6") || path.contains("ens9"))
        .collect();
    assert_eq!(left, ["70-ens6.network.d/99-theirs.conf", "70-ens9.network"]);
}

/// A link that never was an ENI and that the metadata does not list is none of our business.
#[test]
fn a_link_of_somebody_else_is_left_alone_in_silence() {
    let host = Host::with(&tree(&enis()));
    let of = [("ens5", 0), ("ens6", 1), ("ens7", 2), ("eth9", 77)];
    assert_eq!(check(&host, &of, 0, &of[..3]), "");
}

#[test]
fn only_the_named_interface_is_configured() {
    let host = Host::with(&tree(&enis()));
    host.reconcile(&["ens6"]);
    assert_eq!(owners(&host), pairs(&[("ens6", 1)]));
    host.reconcile(&["ens7", "ens5"]);
    assert_eq!(owners(&host), pairs(&[("ens5", 0), ("ens6", 1), ("ens7", 2)]));
}
