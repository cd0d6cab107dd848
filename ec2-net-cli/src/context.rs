//! What the options and the system give a run to work with.

use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::{Duration, Instant};

use imds_client::{Client, Endpoint, Metadata, Options, Tree};
use networkd_config::InterfaceName;

use crate::config::Config;
use crate::error::Error;
use crate::link::Link;
use crate::netlink::{KernelLink, Netlink};
use crate::paths::Paths;

/// What every verb starts from.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) paths: Paths,
    pub(crate) config: Config,
    /// The tree to read in place of the service.
    pub(crate) tree: Option<Tree>,
    /// The links named in place of the host's.
    pub(crate) links: Vec<Link>,
    /// The endpoints named in place of the well-known ones.
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) json: bool,
}

impl Context {
    pub(crate) fn read_tree(path: &Path) -> Result<Tree, Error> {
        let doing = || format!("cannot read the metadata from `{}`", path.display());
        let text = fs::read_to_string(path).map_err(|error| Error::while_doing(doing(), error))?;
        text.parse().map_err(|error| Error::while_doing(doing(), error))
    }

    /// The metadata to read. Where the first way fails, the service is asked by the routing table and on one of the
    /// `ways`.
    pub(crate) fn metadata(&self, ways: &Ways, patience: Duration) -> Metadata {
        if let Some(tree) = &self.tree {
            return tree.clone().into();
        }
        let mut options = Options::default().with_deadline(Instant::now() + patience);
        if self.endpoints.is_empty() {
            options = options.with_interfaces(ways.interfaces.clone());
            options = options.with_preferred_interface(ways.first.clone());
        } else {
            options = options.with_endpoints(self.endpoints.clone());
        }
        Client::new(options).into()
    }

    /// The metadata to read where links do not matter but as ways to it, which there are fewer of for a service
    /// that may not open a netlink socket.
    pub(crate) fn host_metadata(&self, patience: Duration) -> Metadata {
        let mut ways = Ways::default();
        if self.has_host_links() && self.endpoints.is_empty() {
            match open_netlink().and_then(|mut netlink| {
                let links = self.candidates(&read_links(&mut netlink)?);
                Ways::read(&mut netlink, &links, None)
            }) {
                Ok(read) => ways = read,
                Err(error) => log::debug!("{error}"),
            }
        }
        self.metadata(&ways, patience)
    }

    /// Whether the host has a link of this name.
    pub(crate) fn has_link(&self, name: &InterfaceName) -> bool {
        self.paths.is_live() && Path::new(LINKS).join(name.as_str()).exists()
    }

    /// Whether the links are the host's own.
    pub(crate) fn has_host_links(&self) -> bool {
        self.links.is_empty() && self.tree.is_none() && self.paths.is_live()
    }

    /// The links that can be ENIs, among all of the host: those that the options name, or else those with one of
    /// the configured drivers.
    ///
    /// Of links with one MAC address, such as those of a bond, none can be told to be the ENI.
    pub(crate) fn candidates(&self, all: &[KernelLink]) -> Vec<Link> {
        let is_named =
            |link: &Link| self.links.iter().any(|named| (&named.name, named.mac) == (&link.name, link.mac));
        let has_driver =
            |link: &KernelLink| driver(link).is_some_and(|driver| self.config.drivers.contains(&driver));
        let is_candidate =
            |link: &&KernelLink| if self.links.is_empty() { has_driver(link) } else { is_named(&link.link) };
        let candidates: Vec<Link> = all.iter().filter(is_candidate).map(|link| link.link.clone()).collect();
        let is_alone = |link: &&Link| {
            let twin = candidates.iter().find(|other| other.mac == link.mac && other.name != link.name);
            if let Some(twin) = twin {
                log::warn!("{}: left as it is: {} has its MAC address, {}", link.name, twin.name, link.mac);
            }
            twin.is_none()
        };
        candidates.iter().filter(is_alone).cloned().collect()
    }
}

/// The links on which the metadata service may be reached.
///
/// Connections are bound to the link that the routing table leads to: while ENIs are configured, another one may come to be
/// preferred, and the VPC drops what then leaves by it with the source address of the first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ways {
    interfaces: Vec<String>,
    /// Where the routing table leads to.
    pub(crate) routed: Option<String>,
    first: Option<String>,
}

impl Ways {
    /// The links with an IPv4 address: on another one, the kernel would choose the source address of some other link.
    /// `known` is the one that was the way before, where the routing table led nowhere.
    pub(crate) fn read(netlink: &mut Netlink, links: &[Link], known: Option<&str>) -> Result<Self, Error> {
        let failed = |error| Error::while_doing("cannot read routes and addresses from the kernel", error);
        let addressed = netlink.ipv4_links().map_err(failed)?;
        let routed = netlink.link_to(IMDS).map_err(failed)?;
        let links: Vec<&Link> = links.iter().filter(|link| addressed.contains(&link.index)).collect();
        let interfaces: Vec<String> = links.iter().map(|link| link.name.to_string()).collect();
        let routed = links.iter().find(|link| Some(link.index) == routed).map(|link| link.name.to_string());
        let known = interfaces.iter().find(|name| known == Some(name.as_str())).cloned();
        Ok(Self { first: known.or_else(|| routed.clone()), interfaces, routed })
    }
}

/// The metadata service's IPv4 address, EC2 user guide.
const IMDS: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);

/// Where the kernel lists its links, sysfs(5).
const LINKS: &str = "/sys/class/net";

/// Opens the connection to the kernel.
pub(crate) fn open_netlink() -> Result<Netlink, Error> {
    Netlink::open().map_err(|error| Error::while_doing("cannot open a netlink socket", error))
}

pub(crate) fn read_links(netlink: &mut Netlink) -> Result<Vec<KernelLink>, Error> {
    netlink.links().map_err(|error| Error::while_doing("cannot read the links from the kernel", error))
}

/// The driver of a device, or the kind of a virtual link: a VLAN or macvlan that shares its parent's MAC address
/// has no device.
fn driver(link: &KernelLink) -> Option<String> {
    let device = Path::new(LINKS).join(link.link.name.as_str()).join("device/driver");
    let driver = fs::read_link(device).ok().and_then(|path| Some(path.file_name()?.to_str()?.to_owned()));
    driver.or_else(|| link.kind.clone())
}
