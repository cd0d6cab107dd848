//! A link of this host, or one that stands for it.

use std::str::FromStr;

use networkd_config::InterfaceName;
use policy_routing::MacAddr;

/// A link that can be an ENI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) name: InterfaceName,
    pub(crate) mac: MacAddr,
    /// The kernel's number for it; 0, which the kernel never gives, where there is no kernel.
    pub(crate) index: u32,
    pub(crate) altnames: Vec<String>,
    /// Whether it is up. The kernel takes neither addresses' routes nor gateways on a link that is not.
    pub(crate) is_up: bool,
}

impl Link {
    /// A link that the kernel was not asked about.
    pub(crate) fn named(name: InterfaceName, mac: MacAddr) -> Self {
        Self { name, mac, index: 0, altnames: Vec::new(), is_up: true }
    }
}

/// `NAME=MAC`, as the option `--link` takes it.
impl FromStr for Link {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, mac) = text.split_once('=').ok_or("it is not NAME=MAC")?;
        let name = name.parse::<InterfaceName>().map_err(|error| error.to_string())?;
        let mac = mac.parse::<MacAddr>().map_err(|error| format!("`{mac}` is {error}"))?;
        Ok(Self::named(name, mac))
    }
}
