//! An instance of which every ENI has a value for every key: three dual-stack ENIs with prefixes.

use std::sync::OnceLock;

use serde_json::{Value, json};

pub(crate) const MACS: &str = "network/interfaces/macs/";

/// One of the ENIs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Eni {
    pub(crate) name: &'static str,
    pub(crate) mac: &'static str,
    id: &'static str,
    device: u8,
    /// The third byte of its addresses, in each family.
    subnet: u8,
}

pub(crate) const PRIMARY: Eni =
    Eni { name: "ens5", mac: "02:01:c2:5d:05:24", id: "eni-0453a8f4012a04db4", device: 0, subnet: 0 };
pub(crate) const SECOND: Eni =
    Eni { name: "ens6", mac: "02:02:43:f6:4c:1f", id: "eni-0206ee072610f1573", device: 1, subnet: 1 };
/// In the same subnet as the second.
pub(crate) const THIRD: Eni =
    Eni { name: "ens7", mac: "02:03:9b:11:7e:60", id: "eni-0c0ffee072610f157", device: 2, subnet: 1 };
pub(crate) const ENIS: [Eni; 3] = [PRIMARY, SECOND, THIRD];

/// The keys of an ENI that are read of every instance; the empty one is the index of its directory.
pub(crate) const KEYS: [&str; 9] = [
    "",
    "interface-id",
    "device-number",
    "local-ipv4s",
    "ipv6s",
    "ipv4-prefix",
    "ipv6-prefix",
    "subnet-ipv4-cidr-block",
    "subnet-ipv6-cidr-blocks",
];
/// Read only where an instance has several cards.
pub(crate) const CARD: &str = "network-card";

impl Eni {
    pub(crate) fn path(self, key: &str) -> String {
        format!("{MACS}{}/{key}", self.mac)
    }

    /// An address that it has not yet.
    pub(crate) fn next_address(self) -> String {
        format!("10.0.{}.{}", self.subnet, 200 + self.device)
    }

    pub(crate) fn addresses(self) -> [String; 2] {
        [self.ipv4(20), self.ipv4(21)]
    }

    fn ipv4(self, host: u8) -> String {
        format!("10.0.{}.{}", self.subnet, host + 10 * self.device)
    }

    fn subtree(self) -> Value {
        let ipv6 = format!("2600:1f14:abc:de0{}", self.subnet);
        let block = 64 + 32 * u32::from(self.device);
        json!({
            "device-number": self.device.to_string(),
            "interface-id": self.id,
            "ipv4-prefix": [self.ipv4_block(block), self.ipv4_block(block + 16)],
            "ipv6-prefix": [format!("{ipv6}:{}aaa:0:0:0/80", self.device), format!("{ipv6}:{}bbb::/80", self.device)],
            "ipv6s": [format!("{ipv6}::{}222", self.device), format!("{ipv6}::{}333", self.device)],
            "local-ipv4s": self.addresses(),
            "mac": self.mac,
            "subnet-id": format!("subnet-{}", self.subnet),
            "subnet-ipv4-cidr-block": format!("10.0.{}.0/24", self.subnet),
            "subnet-ipv6-cidr-blocks": [format!("{ipv6}:0:0:0:0/64")],
        })
    }

    fn ipv4_block(self, host: u32) -> String {
        format!("10.0.{}.{host}/28", self.subnet)
    }
}

/// Scenario 11 with these ENIs instead of its own.
pub(crate) fn tree() -> Value {
    static SCENARIO: OnceLock<Value> = OnceLock::new();
    let scenario = SCENARIO.get_or_init(|| {
        serde_json::from_str(include_str!("../../scenarios/11-prefix-delegation-v4-v6/metadata.json"))
            .unwrap()
    });
    let mut tree = scenario.clone();
    let enis = ENIS.map(|eni| (eni.mac.to_owned(), eni.subtree()));
    tree["network"]["interfaces"]["macs"] = Value::Object(enis.into_iter().collect());
    assert_eq!(tree["mac"], PRIMARY.mac);
    tree
}

/// The same on a type with two cards: the third ENI is on the second.
pub(crate) fn tree_with_cards() -> Value {
    let mut tree = tree();
    for eni in ENIS {
        let card = if eni == THIRD { "1" } else { "0" };
        tree["network"]["interfaces"]["macs"][eni.mac][CARD] = card.into();
    }
    tree
}

/// The first line of the right answer for a path.
pub(crate) fn first_line(tree: &Value, path: &str) -> String {
    let mut names = path.split('/').filter(|name| !name.is_empty());
    let value = names.try_fold(tree, |value, name| value.get(name));
    match value {
        Some(Value::Object(directory)) => directory.keys().next().unwrap().clone(),
        Some(Value::Array(lines)) => lines[0].as_str().unwrap().to_owned(),
        Some(value) => value.as_str().unwrap().to_owned(),
        None => "token".to_owned(),
    }
}
