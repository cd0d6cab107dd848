//! The files of an ENI read back: the record of what we own. Pure.

use std::collections::BTreeSet;
use std::path::PathBuf;

use ipnetwork::IpNetwork;
use networkd_config::{Comment, Gateway, InterfaceName, NetworkFile, Section};
use policy_routing::{EniPlan, MacAddr, Route, Rule, Slot};

use crate::facts::Had;
use crate::paths::BASE_FILE;
use crate::tree::{Content, Files, drop_in_path, is_base_drop_in, main_path};

/// How the first comment of every file begins; the MAC address of its ENI follows.
pub(crate) const OWNER: &str = "ec2-net ";

/// What an ENI has or is to have in the kernel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) addresses: BTreeSet<IpNetwork>,
    pub(crate) rules: BTreeSet<Rule>,
    pub(crate) routes: BTreeSet<Route>,
    /// Where the routes are.
    pub(crate) slot: Option<Slot>,
}

/// What the files of one ENI say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) mac: MacAddr,
    /// What networkd must read anew when it changes: all of `eni.conf` but the routes.
    pub(crate) fixed: Vec<Section>,
    /// Whether networkd has a file to read them by.
    pub(crate) has_main: bool,
    pub(crate) wanted: Wanted,
}

/// A file under our name that we did not write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Foreign(pub(crate) PathBuf);

impl Record {
    /// Reads the files of a link. `None` is no record: there are no files.
    ///
    /// A file of ours that cannot be read back is one that needs writing again, and owns nothing.
    pub(crate) fn read(interface: &InterfaceName, files: &Files) -> Result<Option<Self>, Foreign> {
        let mut owner = None;
        let mut wanted = Wanted::default();
        let mut fixed = Vec::new();
        let main = main_path(interface);
        for (path, content) in files {
            let text = match content {
                Content::Text(text) => text,
                Content::Link(target) if *path == main && target.ends_with(BASE_FILE) => continue,
                Content::Link(_) if is_base_drop_in(path) => continue,
                _ => return Err(Foreign(path.clone())),
            };
            let mac = owner_of(text).filter(|_| *path != main).ok_or_else(|| Foreign(path.clone()))?;
            let is_eni = *path == drop_in_path(interface, "eni.conf");
            if owner.is_none() || is_eni {
                owner = Some(mac);
            }
            let sections = text.parse::<NetworkFile>().map(|file| file.sections).unwrap_or_default();
            for section in &sections {
                wanted.add(section);
            }
            if is_eni {
                fixed =
                    sections.into_iter().filter(|section| !matches!(section, Section::Route(_))).collect();
            }
        }
        Ok(owner.map(|mac| Self { mac, fixed, has_main: files.contains_key(&main), wanted }))
    }

    /// Whether networkd can read all of it.
    pub(crate) fn is_whole(&self) -> bool {
        self.has_main && !self.fixed.is_empty()
    }

    /// Whether networkd, having read the one, needs to read nothing anew for the other.
    pub(crate) fn is_same_to_networkd(&self, other: &Self) -> bool {
        self.mac == other.mac && self.fixed == other.fixed && self.has_main == other.has_main
    }
}

impl Wanted {
    /// Both: what is owned while it is being changed.
    pub(crate) fn and(mut self, other: &Self) -> Self {
        self.addresses.extend(&other.addresses);
        self.rules.extend(&other.rules);
        self.routes.extend(&other.routes);
        self.slot = self.slot.or(other.slot);
        self
    }

    /// The keys whose values are here, and which an empty value would take away.
    pub(crate) fn had(&self) -> Had {
        let rule = |rule: &Rule| match (rule.from.is_ipv4(), rule.from.prefix()) {
            (true, 32) => "local-ipv4s",
            (true, _) => "ipv4-prefix",
            (false, 128) => "ipv6s",
            (false, _) => "ipv6-prefix",
        };
        let address = |network: &IpNetwork| if network.is_ipv4() { "local-ipv4s" } else { "ipv6s" };
        let route = |route: &Route| match route {
            Route::Default(policy_routing::Gateway::Dhcp4) => Some("local-ipv4s"),
            Route::Default(policy_routing::Gateway::Ipv6Ra) => None,
            Route::OnLink(block) if block.is_ipv4() => Some("subnet-ipv4-cidr-block"),
            Route::OnLink(_) => Some("subnet-ipv6-cidr-blocks"),
        };
        let rules = self.rules.iter().map(rule);
        rules.chain(self.addresses.iter().map(address)).chain(self.routes.iter().filter_map(route)).collect()
    }

    fn add(&mut self, section: &Section) {
        match section {
            Section::Address(address) => drop(self.addresses.insert(address.address)),
            Section::Route(route) => {
                self.slot = self.slot.or_else(|| route.table.and_then(Slot::with_table));
                self.routes.extend(match (route.gateway, route.destination) {
                    (Some(Gateway::Dhcp4), None) => Some(Route::Default(policy_routing::Gateway::Dhcp4)),
                    (Some(Gateway::Ipv6Ra), None) => Some(Route::Default(policy_routing::Gateway::Ipv6Ra)),
                    (None, Some(block)) => Some(Route::OnLink(block)),
                    _ => None,
                });
            }
            Section::RoutingPolicyRule(rule) => {
                let slot =
                    rule.table.filter(|table| rule.priority == Some(*table)).and_then(Slot::with_table);
                self.rules.extend(slot.zip(rule.from).map(|(slot, from)| Rule {
                    from,
                    priority: slot.priority(),
                    table: slot.table(),
                }));
            }
            _ => {}
        }
    }
}

impl From<&EniPlan> for Wanted {
    fn from(plan: &EniPlan) -> Self {
        Self {
            addresses: plan.addresses.iter().copied().collect(),
            rules: plan.rules.iter().copied().collect(),
            routes: plan.routes.iter().copied().collect(),
            slot: Some(plan.slot),
        }
    }
}

fn owner_of(text: &str) -> Option<MacAddr> {
    let comment: String = text.lines().next().map(str::to_owned)?;
    let comment = Comment::new(comment.strip_prefix('#')?.trim());
    comment.as_str().strip_prefix(OWNER)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::base::Base;
    use crate::render;

    /// A base file with one drop-in.
    fn base() -> Base {
        let drop_in = ("mtu.conf".to_owned(), "/etc/systemd/network/80-ec2.network.d/mtu.conf".into());
        Base { file: "/usr/lib/systemd/network/80-ec2.network".into(), drop_ins: BTreeMap::from([drop_in]) }
    }

    fn plan() -> EniPlan {
        let slot = Slot::new(1.into(), 2.into()).unwrap();
        let rule =
            |from: &str| Rule { from: from.parse().unwrap(), priority: slot.priority(), table: slot.table() };
        EniPlan {
            mac: MacAddr([2, 0, 0, 0, 0, 1]),
            id: "eni-1".parse().unwrap(),
            slot,
            primary: false,
            addresses: vec!["10.0.0.11/32".parse().unwrap(), "2001:db8::b/128".parse().unwrap()],
            rules: vec![rule("10.0.0.16/28"), rule("10.0.0.11/32"), rule("2001:db8::b/128")],
            routes: vec![
                Route::Default(policy_routing::Gateway::Dhcp4),
                Route::Default(policy_routing::Gateway::Ipv6Ra),
                Route::OnLink("10.0.0.0/24".parse().unwrap()),
            ],
            altnames: ["eni-1".to_owned(), "device-number-2.1".to_owned()],
        }
    }

    #[test]
    fn what_is_rendered_is_the_record() {
        let interface = "ens6".parse().unwrap();
        let files = render::files(&interface, &plan(), &base());
        let record = Record::read(&interface, &files).unwrap().unwrap();
        assert_eq!(record.mac, plan().mac);
        assert_eq!(record.wanted, Wanted::from(&plan()));
        assert!(record.has_main);
        let had = ["local-ipv4s", "ipv4-prefix", "ipv6s", "subnet-ipv4-cidr-block"];
        assert_eq!(record.wanted.had(), had.into());
    }

    #[test]
    fn only_the_fixed_part_makes_networkd_read_anew() {
        let interface = "ens6".parse().unwrap();
        let read = |plan: &EniPlan| {
            Record::read(&interface, &render::files(&interface, plan, &base())).unwrap().unwrap()
        };
        let mut changed = plan();
        changed.routes.push(Route::OnLink("2001:db8::/64".parse().unwrap()));
        changed.addresses.clear();
        changed.rules.clear();
        assert!(read(&plan()).is_same_to_networkd(&read(&changed)));
        let other = Base { file: "/etc/systemd/network/80-ec2.network".into(), drop_ins: BTreeMap::new() };
        let other = Record::read(&interface, &render::files(&interface, &plan(), &other)).unwrap().unwrap();
        assert!(read(&plan()).is_same_to_networkd(&other));
        changed.slot = Slot::new(1.into(), 3.into()).unwrap();
        assert!(!read(&plan()).is_same_to_networkd(&read(&changed)));
    }

    #[test]
    fn a_file_without_our_header_is_foreign() {
        let interface = "ens6".parse().unwrap();
        let path = drop_in_path(&interface, "eni.conf");
        let files = Files::from([(
            path.clone(),
            Content::Text("[Match]\nMACAddress=02:00:00:00:00:01\n".to_owned()),
        )]);
        assert_eq!(Record::read(&interface, &files), Err(Foreign(path)));
        let files = Files::from([(main_path(&interface), Content::Text(String::new()))]);
        assert_eq!(Record::read(&interface, &files), Err(Foreign(main_path(&interface))));
    }
}
