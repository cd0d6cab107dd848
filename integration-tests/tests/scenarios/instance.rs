//! Instances that no scenario of the folder describes.

use serde_json::{Map, Value, json};

/// One ENI, and how it is to be described. Its addresses follow from its slot.
#[derive(Clone, Debug)]
pub(crate) struct Eni {
    pub(crate) mac: String,
    /// `None`: the type has one card, and the key does not exist.
    pub(crate) card: Option<u8>,
    pub(crate) device: u8,
    pub(crate) ipv4: u8,
    pub(crate) ipv6: u8,
    pub(crate) ipv4_prefixes: u8,
    pub(crate) ipv6_prefixes: u8,
    /// Whether the subnet has an IPv6 block, be it used or not.
    pub(crate) ipv6_subnet: bool,
}

impl Eni {
    /// An ENI with one IPv4 address.
    pub(crate) fn new(card: impl Into<Option<u8>>, device: u8) -> Self {
        let card = card.into();
        Self {
            mac: mac(card.unwrap_or(0), device),
            card,
            device,
            ipv4: 1,
            ipv6: 0,
            ipv4_prefixes: 0,
            ipv6_prefixes: 0,
            ipv6_subnet: false,
        }
    }

    pub(crate) fn with_ipv4(self, count: u8) -> Self {
        Self { ipv4: count, ..self }
    }

    pub(crate) fn with_ipv6(self, count: u8) -> Self {
        Self { ipv6: count, ipv6_subnet: true, ..self }
    }

    pub(crate) fn with_prefixes(self, ipv4: u8, ipv6: u8) -> Self {
        Self { ipv4_prefixes: ipv4, ipv6_prefixes: ipv6, ..self }
    }

    /// Without addresses there is no network device; the subnet's IPv4 block is there all the same.
    pub(crate) fn efa_only(self) -> Self {
        Self { ipv4: 0, ipv6: 0, ipv4_prefixes: 0, ipv6_prefixes: 0, ..self }
    }

    /// The keys of the ENI.
    pub(crate) fn keys(&self) -> Map<String, Value> {
        let (card, device) = (self.card.unwrap_or(0), self.device);
        let is_efa = self.ipv4 == 0 && self.ipv6 == 0;
        let v4 = |host: u8| format!("10.{card}.{device}.{host}");
        let v6 = |host: u8| format!("2001:db8:{card:x}:{device:x}::{host:x}");
        // The primary address is neither the first nor the last by number.
        let order = |count: u8| (0..count).map(move |nth| if nth == 0 { 100 } else { 60 + nth });
        let lists = [
            ("local-ipv4s", order(self.ipv4).map(v4).collect::<Vec<_>>()),
            ("ipv6s", order(self.ipv6).map(v6).collect()),
            ("ipv4-prefix", (0..self.ipv4_prefixes).map(|nth| v4(nth * 16) + "/28").collect()),
            (
                "ipv6-prefix",
                (0..self.ipv6_prefixes)
                    .map(|nth| format!("2001:db8:{card:x}:{device:x}:{nth:x}::/80"))
                    .collect(),
            ),
            ("subnet-ipv6-cidr-blocks", self.ipv6_subnet.then(|| v6(0) + "/64").into_iter().collect()),
        ];
        let mut keys: Map<String, Value> = lists
            .into_iter()
            .filter(|(_, lines)| !lines.is_empty())
            .map(|(key, lines)| (key.to_owned(), json!(lines)))
            .collect();
        keys.insert("mac".to_owned(), json!(self.mac));
        keys.insert("interface-id".to_owned(), json!(format!("eni-{card:02x}{device:02x}0123456789abc")));
        keys.insert("device-number".to_owned(), json!(device.to_string()));
        if let Some(card) = self.card {
            keys.insert("network-card".to_owned(), json!(card.to_string()));
        }
        if self.ipv4 > 0 || is_efa {
            keys.insert("subnet-ipv4-cidr-block".to_owned(), json!(v4(0) + "/24"));
        }
        keys
    }
}

/// A MAC address that says in which slot the ENI is.
pub(crate) fn mac(card: u8, device: u8) -> String {
    format!("02:00:5e:00:{card:02x}:{device:02x}")
}

/// The tree of an instance, whose primary ENI is the first.
pub(crate) fn tree(enis: &[Eni]) -> Value {
    let macs: Map<String, Value> = enis.iter().map(|eni| (eni.mac.clone(), eni.keys().into())).collect();
    json!({
        "mac": enis[0].mac,
        "local-hostname": "ip-10-0-0-100.ec2.internal",
        "network": {"interfaces": {"macs": macs}},
    })
}

/// The option `--link`, with a name and the MAC address of a slot.
pub(crate) fn link(name: &str, card: u8, device: u8) -> [String; 2] {
    ["--link".to_owned(), format!("{name}={}", mac(card, device))]
}
