//! What the files say, read back, is what the oracle says: for every ENI, those that `golden` leaves out too.

use std::collections::BTreeMap;

use networkd_config::{DuplicateAddressDetection, NetworkFile, Section};
use serde_json::{Value, json};

use crate::host::{Host, TREES};
use crate::{oracle, trees};

#[test]
fn the_files_of_each_scenario_say_what_the_oracle_says() {
    for name in trees::names() {
        let tree = trees::read(&name);
        let host = Host::with(&tree);
        host.reconcile(&[]);
        let mut files = host.files(TREES[0]);
        let expected = oracle::interfaces(&tree);
        for interface in &expected {
            check(&name, &mut files, interface);
        }
        assert_eq!(files, BTreeMap::new(), "{name}: files of nobody");
    }
}

/// Takes the files of one interface out of `files`.
#[track_caller]
fn check(scenario: &str, files: &mut BTreeMap<String, String>, interface: &Value) {
    let name = interface["name"].as_str().unwrap();
    let link = files.remove(&format!("70-{name}.network"));
    assert_eq!(link.as_deref(), Some("-> /usr/lib/systemd/network/80-ec2.network"), "{scenario}");
    let mut sections = |file: &str| -> Vec<Section> {
        let path = format!("70-{name}.network.d/{file}");
        files.remove(&path).map_or_else(Vec::new, |text| text.parse::<NetworkFile>().unwrap().sections)
    };

    let mut routes = Vec::new();
    let mut macs = Vec::new();
    let mut metrics = Vec::new();
    for section in sections("eni.conf") {
        match section {
            Section::Match(of) => macs.extend(of.mac_address),
            Section::Route(route) => routes.push(match (route.gateway, route.destination) {
                (Some(gateway), None) => {
                    json!({"destination": "default", "gateway": gateway.to_string(), "table": route.table})
                }
                (None, Some(block)) => json!({"destination": block.to_string(), "table": route.table}),
                _ => panic!("{scenario}: {route:?}"),
            }),
            Section::DhcpV4(dhcp) => metrics.push(dhcp.route_metric),
            Section::Ipv6AcceptRa(accept) => metrics.push(accept.route_metric),
            Section::DhcpV6(_) | Section::Network(_) | Section::Link(_) => {}
            section => panic!("{scenario}: {section:?} in eni.conf"),
        }
    }
    let mac: Vec<String> = macs.iter().map(|mac| mac.map(|octet| format!("{octet:02x}")).join(":")).collect();
    let metric = interface["metric"].as_u64().map(|metric| u32::try_from(metric).unwrap());
    assert_eq!((json!(mac), metrics), (json!([interface["mac"]]), vec![metric; 2]), "{scenario}: {name}");

    let mut addresses = Vec::new();
    for section in sections("ec2net_alias.conf") {
        let Section::Address(address) = section else { panic!("{scenario}: {section:?}") };
        assert_eq!(address.add_prefix_route, Some(false), "{scenario}: {address:?}");
        let detection = address.address.is_ipv6().then_some(DuplicateAddressDetection::None);
        assert_eq!(address.duplicate_address_detection, detection, "{scenario}: {address:?}");
        addresses.push(json!(address.address.to_string()));
    }

    let mut rules = Vec::new();
    for (file, is_ipv6) in [("ec2net_policy_4.conf", false), ("ec2net_policy_6.conf", true)] {
        for section in sections(file) {
            let Section::RoutingPolicyRule(rule) = section else { panic!("{scenario}: {section:?}") };
            let from = rule.from.unwrap();
            assert_eq!(from.is_ipv6(), is_ipv6, "{scenario}: {from} in {file}");
            rules.push(json!({"from": from.to_string(), "priority": rule.priority, "table": rule.table}));
        }
    }
    for (mut found, key) in [(routes, "routes"), (addresses, "addresses"), (rules, "rules")] {
        let mut expected = interface[key].as_array().unwrap().clone();
        for list in [&mut found, &mut expected] {
            list.sort_by_key(ToString::to_string);
        }
        assert_eq!(found, expected, "{scenario}: {key} of {name}");
    }
}
