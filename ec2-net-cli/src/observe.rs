//! The reading side of a run: links and metadata.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{SystemTime, UNIX_EPOCH};

use imds_client::Metadata;
use networkd_config::InterfaceName;
use policy_routing::MacAddr;

use crate::context::Context;
use crate::crawl::{Crawl, Scope, Seen};
use crate::decision::records;
use crate::disk::Disk;
use crate::error::Error;
use crate::facts::Fact;
use crate::link::Link;
use crate::memo::Memo;

/// Seconds after which a run is another one for [`Scope::turn`]: the timer's interval.
const TURN: u64 = 30;
/// The number of the first invented link, as udev names the first one of a Nitro instance.
const FIRST_INVENTED: u32 = 5;

/// Reads the metadata of some links.
pub(crate) fn crawl(metadata: &mut Metadata, memo: &mut Memo, links: &[Link]) -> Result<Crawl, Error> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let turn = usize::try_from(now.as_secs() / TURN).unwrap_or_default();
    Ok(Crawl::read(metadata, memo, Scope { links, turn })?)
}

/// Reads the metadata without the host's links: those that the options name, or else invented ones.
///
/// An ENI that has files keeps its name. The others get `ens5`, `ens6` and so on in the order of slots. An ENI
/// without addresses is for EFA only and has no link.
pub(crate) fn crawl_offline(
    context: &Context,
    metadata: &mut Metadata,
    memo: &mut Memo,
    disk: &Disk,
) -> Result<(Vec<Link>, Crawl), Error> {
    if !context.links.is_empty() {
        let crawl = crawl(metadata, memo, &context.links)?;
        return Ok((context.links.clone(), crawl));
    }
    let (copies, truth) = (records(&disk.copies), records(&disk.truth));
    let with_files = copies.into_iter().chain(truth);
    let with_files = with_files.filter_map(|(name, record)| Some((record.ok()??.mac, name)));
    let mut names: BTreeMap<MacAddr, InterfaceName> = with_files.collect();
    let taken: BTreeSet<String> = names.values().map(ToString::to_string).collect();
    let macs: Vec<MacAddr> = Crawl::macs(metadata)?.into_iter().chain(names.keys().copied()).collect();
    let nameless = |mac: &MacAddr| "eth0".parse().ok().map(|name| Link::named(name, *mac));
    let mut links: Vec<Link> = macs.iter().filter_map(nameless).collect();
    links.sort_by_key(|link| link.mac);
    links.dedup();
    let crawl = crawl(metadata, memo, &links)?;
    links.retain(|link| names.contains_key(&link.mac) || has_device(&crawl, link.mac));
    links.sort_by_key(|link| (place(&crawl, link.mac), link.mac));
    let mut number = FIRST_INVENTED;
    for link in &mut links {
        let name = names.remove(&link.mac).or_else(|| {
            while taken.contains(&format!("ens{number}")) {
                number += 1;
            }
            number += 1;
            format!("ens{}", number - 1).parse().ok()
        });
        if let Some(name) = name {
            link.name = name;
        }
    }
    Ok((links, crawl))
}

fn has_device(crawl: &Crawl, mac: MacAddr) -> bool {
    match crawl.enis.get(&mac) {
        Some(Seen::Facts(facts)) => {
            matches!(facts.ipv4, Fact::Known(_)) || matches!(facts.ipv6, Fact::Known(_))
        }
        Some(_) => true,
        None => false,
    }
}

fn place(crawl: &Crawl, mac: MacAddr) -> (u16, u16) {
    match crawl.enis.get(&mac) {
        Some(Seen::Facts(facts)) => match (&facts.card, &facts.device) {
            (Fact::Known(card), Fact::Known(device)) => (card.get(), device.get()),
            (_, Fact::Known(device)) => (0, device.get()),
            _ => (u16::MAX, 0),
        },
        _ => (u16::MAX, 0),
    }
}
