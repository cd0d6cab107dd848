//! The reading of the metadata: one pass over the ENIs that have a link.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::net::Ipv6Addr;
use std::str::FromStr;

use imds_client::{Answer, Error, Metadata};
use ipnetwork::Ipv6Network;
use policy_routing::MacAddr;

use crate::facts::{Fact, Facts};
use crate::link::Link;
use crate::memo::{EniMemo, Memo};
use crate::values::{Block, Unicast};

/// The directory of all ENIs.
const MACS: &str = "network/interfaces/macs/";

/// What a pass over the metadata found.
#[derive(Clone, Debug)]
pub(crate) struct Crawl {
    /// The MAC address of the primary ENI.
    pub(crate) primary: MacAddr,
    /// Whether the instance's type has several cards.
    pub(crate) has_cards: bool,
    /// The ENI behind each link that was asked about.
    pub(crate) enis: BTreeMap<MacAddr, Seen>,
    /// The ids of the ENIs, as far as they are known.
    pub(crate) ids: BTreeMap<MacAddr, String>,
    /// The keys that each ENI lists.
    pub(crate) indexes: BTreeMap<MacAddr, BTreeSet<String>>,
}

/// What was seen of one ENI.
#[derive(Clone, Debug)]
pub(crate) enum Seen {
    /// All that it lists.
    Facts(Box<Facts>),
    /// The metadata does not list its MAC address.
    Unlisted,
    /// A key that is listed does not exist.
    NotYet(String),
    /// A key could not be read.
    Failed(Error),
}

/// Which ENIs to read, and how thoroughly.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    /// The links to read everything of.
    pub(crate) links: &'a [Link],
    /// A number that differs from run to run: it chooses what is read again.
    pub(crate) turn: usize,
}

impl Crawl {
    /// Reads the ENIs in `scope`. What is remembered is not asked for, and what is learned is remembered.
    pub(crate) fn read(metadata: &mut Metadata, memo: &mut Memo, scope: Scope) -> Result<Self, Error> {
        let primary = primary(metadata, memo)?;
        let listed = listed(metadata)?;
        let mut enis = BTreeMap::new();
        let mut indexes = BTreeMap::new();
        let mut ids = BTreeMap::new();
        for link in scope.links {
            ids.extend(memo.eni(link).values.remove(ID).map(|id| (link.mac, id)));
            let Some(name) = listed.get(&link.mac) else {
                enis.insert(link.mac, Seen::Unlisted);
                continue;
            };
            match index(metadata, name) {
                Ok(Some(keys)) => drop(indexes.insert(link.mac, keys)),
                Ok(None) => drop(enis.insert(link.mac, Seen::NotYet(format!("{MACS}{name}/")))),
                Err(error) => drop(enis.insert(link.mac, Seen::Failed(error))),
            }
        }
        let mut has_cards = memo.any_has(CARD) || indexes.values().any(|keys| keys.contains(CARD));
        let is_primary_unknown =
            !memo.knows(primary) && !enis.contains_key(&primary) && !indexes.contains_key(&primary);
        if let (false, true, Some(name)) = (has_cards, is_primary_unknown, listed.get(&primary)) {
            // Only what is read can prove that there are no cards.
            has_cards =
                index(metadata, name).map_or(true, |keys| keys.is_some_and(|keys| keys.contains(CARD)));
        }
        for (position, link) in scope.links.iter().enumerate() {
            let (Some(keys), Some(name)) = (indexes.get(&link.mac), listed.get(&link.mac)) else { continue };
            let mut eni_memo = memo.eni(link);
            for (number, key) in READ_AGAIN.into_iter().enumerate() {
                if is_due(position, number, scope) {
                    eni_memo.values.remove(key);
                }
            }
            let mut reader = Reader { metadata, name, keys, memo: &mut eni_memo };
            let facts = reader.facts();
            ids.extend(eni_memo.values.get(ID).map(|id| (link.mac, id.clone())));
            let seen = match facts {
                Ok(facts) => {
                    memo.remember(link.mac, eni_memo);
                    Seen::Facts(Box::new(facts))
                }
                Err(Unread::NotYet(key)) => Seen::NotYet(key),
                Err(Unread::Failed(error)) => Seen::Failed(error),
            };
            enis.insert(link.mac, seen);
        }
        Ok(Self { primary, has_cards, enis, ids, indexes })
    }

    /// What this pass and another one over other links found.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.has_cards |= other.has_cards;
        self.enis.extend(other.enis);
        self.ids.extend(other.ids);
        self.indexes.extend(other.indexes);
        self
    }

    /// The MAC addresses that the metadata lists.
    pub(crate) fn macs(metadata: &mut Metadata) -> Result<Vec<MacAddr>, Error> {
        Ok(listed(metadata)?.into_keys().collect())
    }

    /// The keys that an ENI lists now, to see whether reading it again is worth it.
    pub(crate) fn keys(metadata: &mut Metadata, mac: MacAddr) -> Option<BTreeSet<String>> {
        index(metadata, &mac.to_string()).ok().flatten()
    }
}

const ID: &str = "interface-id";
const CARD: &str = "network-card";
const IPV6_SUBNETS: &str = "subnet-ipv6-cidr-blocks";
const DEVICE: &str = "device-number";
/// What is remembered, but read again at times: a subnet can get another IPv6 block while the ENI is attached, and a
/// device number that had not propagated may have looked right.
const READ_AGAIN: [&str; 2] = [IPV6_SUBNETS, DEVICE];
/// The most ENIs of which a run reads both again.
const FEW: usize = 4;
/// Runs in which a larger instance reads all of it again.
const ROUND: usize = 32;

/// Whether it is the turn of a key of the ENI at this position. One question a run is a fiftieth more on an instance
/// with 15 ENIs; all of them would be two thirds more.
fn is_due(position: usize, key: usize, scope: Scope) -> bool {
    let count = scope.links.len() * READ_AGAIN.len();
    let share = count.div_ceil(ROUND);
    let question = position * READ_AGAIN.len() + key;
    scope.links.len() <= FEW || (question + count - scope.turn % count * share % count) % count < share
}

fn primary(metadata: &mut Metadata, memo: &mut Memo) -> Result<MacAddr, Error> {
    if let Some(mac) = memo.mac.as_ref().and_then(|mac| mac.parse().ok()) {
        return Ok(mac);
    }
    let mac: MacAddr = metadata.require("mac")?;
    memo.mac = Some(mac.to_string());
    Ok(mac)
}

/// The names of the ENIs' directories, as the metadata spells them.
fn listed(metadata: &mut Metadata) -> Result<BTreeMap<MacAddr, String>, Error> {
    let entries = metadata.require_index(MACS)?;
    Ok(entries.into_iter().filter_map(|entry| Some((entry.name.parse().ok()?, entry.name))).collect())
}

/// The keys of an ENI; none if the directory is not there or lists nothing.
fn index(metadata: &mut Metadata, name: &str) -> Result<Option<BTreeSet<String>>, Error> {
    let entries = metadata.index(&format!("{MACS}{name}/"))?.value();
    Ok(entries.map(|entries| entries.into_iter().map(|entry| entry.name).collect()))
}

/// Why an ENI could not be read.
enum Unread {
    NotYet(String),
    Failed(Error),
}

impl From<Error> for Unread {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

struct Reader<'a> {
    metadata: &'a mut Metadata,
    name: &'a str,
    keys: &'a BTreeSet<String>,
    memo: &'a mut EniMemo,
}

impl Reader<'_> {
    fn facts(&mut self) -> Result<Facts, Unread> {
        let id = single(self.remembered(ID)?);
        let ipv6 = self.list("ipv6s")?;
        Ok(Facts {
            id,
            device: single(self.remembered(DEVICE)?),
            card: single(self.remembered(CARD)?),
            ipv4: self.list("local-ipv4s")?,
            ipv4_prefixes: self.list("ipv4-prefix")?,
            ipv6_prefixes: self.list("ipv6-prefix")?,
            ipv4_subnet: self.remembered("subnet-ipv4-cidr-block")?,
            ipv6_subnets: self.ipv6_subnets(&ipv6)?,
            ipv6,
        })
    }

    /// The subnet's IPv6 blocks, which are read again if an address of the ENI is in none that is remembered.
    fn ipv6_subnets(
        &mut self,
        ipv6: &Fact<Vec<Unicast<Ipv6Addr>>>,
    ) -> Result<Fact<Vec<Block<Ipv6Network>>>, Unread> {
        let was_remembered = self.memo.values.contains_key(IPV6_SUBNETS);
        let subnets = self.remembered::<Block<Ipv6Network>>(IPV6_SUBNETS)?;
        let (Fact::Known(addresses), Fact::Known(blocks), true) = (ipv6, &subnets, was_remembered) else {
            return Ok(subnets);
        };
        if addresses.iter().all(|address| blocks.iter().any(|block| block.0.contains(address.0))) {
            return Ok(subnets);
        }
        self.memo.values.remove(IPV6_SUBNETS);
        self.remembered(IPV6_SUBNETS)
    }

    /// A list that stays the same while the ENI is attached, asked for only once.
    fn remembered<T: FromStr<Err: Display> + Display>(&mut self, key: &str) -> Result<Fact<Vec<T>>, Unread> {
        let known = self.memo.values.get(key).filter(|_| self.keys.contains(key));
        let known = known.and_then(|text| text.lines().map(str::parse).collect::<Result<Vec<T>, _>>().ok());
        if let Some(known) = known {
            return Ok(Fact::Known(known));
        }
        self.memo.values.remove(key);
        let fact = self.list(key)?;
        if let Fact::Known(values) = &fact {
            let lines: Vec<String> = values.iter().map(ToString::to_string).collect();
            self.memo.values.insert(key.to_owned(), lines.join("\n"));
        }
        Ok(fact)
    }

    fn list<T: FromStr<Err: Display>>(&mut self, key: &str) -> Result<Fact<Vec<T>>, Unread> {
        if !self.keys.contains(key) {
            return Ok(Fact::Absent);
        }
        let path = format!("{MACS}{}/{key}", self.name);
        match self.metadata.list(&path)? {
            Answer::Value(values) => Ok(Fact::Known(values)),
            Answer::Empty => Ok(Fact::Empty),
            Answer::Absent => Err(Unread::NotYet(path)),
        }
    }
}

/// The value of a key that has one line.
fn single<T>(fact: Fact<Vec<T>>) -> Fact<T> {
    match fact {
        Fact::Known(mut values) if values.len() == 1 => values.pop().map_or(Fact::Empty, Fact::Known),
        Fact::Known(_) | Fact::Empty => Fact::Empty,
        Fact::Absent => Fact::Absent,
    }
}
