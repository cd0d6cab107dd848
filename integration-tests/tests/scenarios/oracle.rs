//! What the design says that an instance gets, worked out without any code of the crates that are tested.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde_json::{Map, Value, json};

/// The `interfaces` of `plan --json` for a tree with complete metadata, in the order of slots.
pub(crate) fn interfaces(tree: &Value) -> Vec<Value> {
    let primary = text(&tree["mac"]).trim_end().to_lowercase();
    let macs = tree["network"]["interfaces"]["macs"].as_object().unwrap();
    let mut by_slot = BTreeMap::new();
    for (mac, keys) in macs {
        let eni = Eni(keys.as_object().unwrap());
        // An ENI without addresses is for EFA only, and has no network device.
        if eni.lines("local-ipv4s").is_empty() && eni.lines("ipv6s").is_empty() {
            continue;
        }
        let slot = (eni.number("network-card"), eni.number("device-number"));
        assert!(by_slot.insert(slot, (mac.to_lowercase(), eni)).is_none(), "two ENIs are in {slot:?}");
    }
    let enis = (5..).zip(by_slot);
    enis.map(|(number, (slot, (mac, eni)))| {
        eni.interface(&format!("ens{number}"), slot, &mac, mac == primary)
    })
    .collect()
}

/// The lists of interfaces sorted, since their order has no meaning; what is there twice stays twice.
pub(crate) fn canonical(interfaces: &[Value]) -> Vec<Value> {
    let mut interfaces = interfaces.to_vec();
    for list in interfaces.iter_mut().flat_map(|interface| interface.as_object_mut().unwrap().values_mut()) {
        if let Value::Array(items) = list {
            items.sort_by_key(ToString::to_string);
        }
    }
    interfaces
}

struct Eni<'a>(&'a Map<String, Value>);

impl Eni<'_> {
    fn interface(&self, name: &str, (card, device): (u32, u32), mac: &str, primary: bool) -> Value {
        let table = 10_000 + 100 * card + device;
        let (ipv4, ipv6) = (self.hosts("local-ipv4s"), self.hosts("ipv6s"));
        let secondary = |hosts: &[String]| {
            let first = hosts.first().cloned();
            hosts.iter().filter(|host| Some(*host) != first.as_ref()).cloned().collect::<BTreeSet<_>>()
        };
        let blocks = |key: &str| self.lines(key).iter().map(|line| block(line)).collect::<BTreeSet<_>>();

        let owned: BTreeSet<String> = ipv4.iter().chain(&ipv6).cloned().collect();
        let owned = &(&owned | &blocks("ipv4-prefix")) | &blocks("ipv6-prefix");
        let rules = owned.iter().map(|from| json!({"from": from, "priority": table, "table": table}));
        let rules: Vec<Value> = if primary { Vec::new() } else { rules.collect() };

        let mut routes = vec![json!({"destination": "default", "gateway": "_ipv6ra", "table": table})];
        let mut subnets = blocks("subnet-ipv6-cidr-blocks");
        if !ipv4.is_empty() {
            routes.push(json!({"destination": "default", "gateway": "_dhcp4", "table": table}));
            subnets.extend(blocks("subnet-ipv4-cidr-block"));
        }
        routes.extend(subnets.iter().map(|block| json!({"destination": block, "table": table})));

        let id = text(&self.0["interface-id"]).trim_end();
        json!({
            "name": name, "mac": mac, "eni": id, "primary": primary, "card": card, "device": device,
            "table": table, "metric": 512 + 100 * card + device,
            "addresses": &secondary(&ipv4) | &secondary(&ipv6),
            "rules": rules, "routes": routes,
            "altnames": [id, format!("device-number-{device}.{card}")],
            "state": "complete",
        })
    }

    /// The lines of a key, without blank ones; none if the key is not there.
    fn lines(&self, key: &str) -> Vec<&str> {
        let items = match self.0.get(key) {
            None => Vec::new(),
            Some(Value::Array(items)) => items.iter().map(text).collect(),
            Some(value) => vec![text(value)],
        };
        items.into_iter().flat_map(str::lines).filter(|line| !line.is_empty()).collect()
    }

    fn number(&self, key: &str) -> u32 {
        self.lines(key).first().map_or(0, |line| line.parse().unwrap())
    }

    /// Addresses as networks of one host.
    fn hosts(&self, key: &str) -> Vec<String> {
        let host = |line: &&str| match line.parse().unwrap() {
            IpAddr::V4(ip) => format!("{ip}/32"),
            IpAddr::V6(ip) => format!("{ip}/128"),
        };
        self.lines(key).iter().map(host).collect()
    }
}

/// A block in the spelling of the kernel: compressed, without host bits.
fn block(text: &str) -> String {
    let (ip, length) = text.split_once('/').unwrap();
    let length: u32 = length.parse().unwrap();
    match ip.parse().unwrap() {
        IpAddr::V4(ip) => {
            let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
            format!("{}/{length}", Ipv4Addr::from(u32::from(ip) & mask))
        }
        IpAddr::V6(ip) => {
            let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
            format!("{}/{length}", Ipv6Addr::from(u128::from(ip) & mask))
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
