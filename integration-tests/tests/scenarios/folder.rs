//! Every scenario of the folder against the oracle, and against the numbers that the scenario itself states.

use serde_json::{Value, json};

use crate::host::Host;
use crate::{oracle, trees};

/// Compares the whole plan of a tree with the oracle's.
#[track_caller]
pub(crate) fn check(tree: &Value) {
    let plan = Host::with(tree).plan(&[]);
    let interfaces = plan["interfaces"].as_array().unwrap();
    assert_eq!(oracle::canonical(interfaces), oracle::canonical(&oracle::interfaces(tree)));
}

#[test]
fn the_plan_of_each_scenario_is_the_oracles() {
    for name in trees::names() {
        println!("{name}");
        check(&trees::read(&name));
    }
}

#[test]
fn the_numbers_of_each_scenario_are_those_it_states() {
    for name in trees::names() {
        let tree = trees::read(&name);
        let plan = Host::with(&tree).plan(&[]);
        let mut checked = 0;
        for interface in plan["interfaces"].as_array().unwrap() {
            let stated = &tree["source"]["derived_ids"][interface["mac"].as_str().unwrap()];
            let numbers = json!({
                "primary": interface["primary"], "network_card": interface["card"],
                "device_number": interface["device"], "table_and_rule_id": interface["table"],
                "route_metric": interface["metric"],
            });
            assert_eq!(&numbers, stated, "{name}: {interface}");
            let rules = interface["rules"].as_array().unwrap();
            assert!(rules.iter().all(
                |rule| rule["priority"] == rule["table"] && rule["table"] == stated["table_and_rule_id"]
            ));
            checked += 1;
        }
        assert!(checked > 0, "{name}");
    }
}

#[test]
fn efa_only_enis_have_no_interface() {
    let tree = trees::read("13");
    assert_eq!(tree["network"]["interfaces"]["macs"].as_object().unwrap().len(), 40);
    assert_eq!(Host::with(&tree).plan(&[])["interfaces"].as_array().unwrap().len(), 8);
}

/// Scenario 17, at each moment of its timeline. Report C6: the device number reads 0 before it has propagated.
#[test]
fn c6_a_hotplugged_eni_is_configured_when_its_metadata_is_complete_and_not_before() {
    let mut tree = trees::read("17");
    let links = ["--link", "ens5=06:dc:00:00:00:01", "--link", "ens6=06:dc:23:8e:6c:bc"];
    let host = Host::new();
    let mut states = Vec::new();
    for step in tree["timeline"].as_array().unwrap().clone() {
        let mac = step["mac"].as_str().unwrap();
        trees::enis(&mut tree).remove(mac);
        if !step["tree"].is_null() {
            trees::enis(&mut tree).insert(mac.to_owned(), step["tree"].clone());
        }
        host.set_metadata(&tree.to_string());
        let plan = host.plan(&links);
        let interfaces = plan["interfaces"].as_array().unwrap();
        assert_eq!(interfaces[0]["state"], "complete");
        assert_eq!((&interfaces[1]["name"], &interfaces[1]["mac"]), (&json!("ens6"), &step["mac"]));
        states.push(interfaces[1]["state"].clone());
        let ran = host.run(&[&["reconcile"], &links[..]].concat());
        match states.len() {
            // It never had a file, so a link that the metadata does not list may be nobody's.
            1 => assert_eq!(ran.status, 0, "{ran:?}"),
            2 => assert_eq!(ran.status, 4, "{ran:?}"),
            _ => {
                assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
                assert_eq!(oracle::canonical(interfaces), oracle::canonical(&oracle::interfaces(&tree)));
            }
        }
        assert_eq!(host.path("run/systemd/network/70-ens6.network").is_symlink(), states.len() > 2);
    }
    assert_eq!(states, ["left", "left", "complete", "complete"]);
}
