//! What is static about an ENI, remembered so that a refresh asks only for what can change.
//!
//! It is a cache: absent, unreadable or of another format, everything is asked for again.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use serde::{Deserialize, Serialize};

use networkd_config::InterfaceName;
use policy_routing::MacAddr;

use crate::claim::Claim;
use crate::error::Error;
use crate::link::Link;
use crate::tree;

/// Values of static keys, as the metadata printed them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Memo {
    /// The top-level `mac`, which never changes.
    pub(crate) mac: Option<String>,
    /// The interface that the metadata service was last reached by, unless the routing table led to it.
    pub(crate) interface: Option<String>,
    enis: BTreeMap<String, EniMemo>,
    /// Who has a claim on which link, as was said. It is said once.
    #[serde(default)]
    said: BTreeMap<String, String>,
}

/// What is remembered of one ENI for as long as it is attached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EniMemo {
    /// The number of its link. A link that is attached again has another one, and so may the ENI's slot be.
    link: u32,
    pub(crate) values: BTreeMap<String, String>,
}

impl Memo {
    pub(crate) fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Writes it, if it is news.
    pub(crate) fn write(&self, path: &Path, before: &Self) -> Result<(), Error> {
        if self == before {
            return Ok(());
        }
        let failed =
            |error: io::Error| Error::while_doing(format!("cannot write `{}`", path.display()), error);
        let text = serde_json::to_string(self).map_err(|error| failed(error.into()))?;
        tree::write_text(path, &text).map_err(failed)
    }

    /// Notes who has a claim on a link, and tells whether that is to be said.
    pub(crate) fn is_news(&mut self, interface: &InterfaceName, claim: Option<&Claim>) -> bool {
        let name = interface.to_string();
        if let Some(text) = claim.map(ToString::to_string) {
            self.said.insert(name, text.clone()).is_none_or(|before| before != text)
        } else {
            self.said.remove(&name);
            false
        }
    }

    /// What is remembered of the ENI behind a link, if the link is still the same.
    pub(crate) fn eni(&self, link: &Link) -> EniMemo {
        match self.enis.get(&link.mac.to_string()) {
            Some(memo) if memo.link == link.index => memo.clone(),
            _ => EniMemo { link: link.index, values: BTreeMap::new() },
        }
    }

    pub(crate) fn remember(&mut self, mac: MacAddr, memo: EniMemo) {
        self.enis.insert(mac.to_string(), memo);
    }

    pub(crate) fn forget(&mut self, mac: MacAddr) {
        self.enis.remove(&mac.to_string());
    }

    /// Takes over what another memo says of the instance and of some links.
    pub(crate) fn adopt(&mut self, other: &Self, links: &[Link]) {
        self.mac.clone_from(&other.mac);
        self.interface.clone_from(&other.interface);
        for mac in links.iter().map(|link| link.mac.to_string()) {
            match other.enis.get(&mac) {
                Some(memo) => drop(self.enis.insert(mac, memo.clone())),
                None => drop(self.enis.remove(&mac)),
            }
        }
    }

    /// Forgets the ENIs without a link.
    pub(crate) fn retain(&mut self, links: &[Link]) {
        self.enis.retain(|mac, _| links.iter().any(|link| link.mac.to_string() == *mac));
        self.said.retain(|name, _| links.iter().any(|link| link.name.as_str() == name));
    }

    /// Whether any ENI is known to list a key.
    pub(crate) fn any_has(&self, key: &str) -> bool {
        self.enis.values().any(|memo| memo.values.contains_key(key))
    }

    /// Whether anything is known of an ENI.
    pub(crate) fn knows(&self, mac: MacAddr) -> bool {
        self.enis.contains_key(&mac.to_string())
    }
}
