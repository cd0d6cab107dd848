//! What the options and the system give a run to work with.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use imds_client::{Client, Endpoint, Metadata, Options, Tree};

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

    /// The metadata to read. Where the routing table leads nowhere, the service is asked on one of the `links`.
    pub(crate) fn metadata(&self, links: &[Link], patience: Duration) -> Metadata {
        if let Some(tree) = &self.tree {
            return tree.clone().into();
        }
        let mut options = Options::default().with_deadline(Instant::now() + patience);
        if self.endpoints.is_empty() {
            options = options.with_interfaces(links.iter().map(|link| link.name.to_string()).collect());
        } else {
            options = options.with_endpoints(self.endpoints.clone());
        }
        Client::new(options).into()
    }

    /// The metadata to read where links do not matter.
    pub(crate) fn host_metadata(&self, patience: Duration) -> Result<Metadata, Error> {
        let mut links = Vec::new();
        if self.has_host_links() && self.endpoints.is_empty() {
            links = self.candidates(&read_links(&mut open_netlink()?)?);
        }
        Ok(self.metadata(&links, patience))
    }

    /// Whether the links are the host's own.
    pub(crate) fn has_host_links(&self) -> bool {
        self.links.is_empty() && self.tree.is_none() && self.paths.is_live()
    }

    /// The links that can be ENIs, among all of the host: those that the options name, or else those with one of
    /// the configured drivers.
    pub(crate) fn candidates(&self, all: &[KernelLink]) -> Vec<Link> {
        let is_candidate = |link: &&KernelLink| {
            if !self.links.is_empty() {
                return self
                    .links
                    .iter()
                    .any(|named| named.name == link.link.name && named.mac == link.link.mac);
            }
            driver(link).is_some_and(|driver| self.config.drivers.contains(&driver))
        };
        all.iter().filter(is_candidate).map(|link| link.link.clone()).collect()
    }
}

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
    let device = PathBuf::from("/sys/class/net").join(link.link.name.as_str()).join("device/driver");
    let driver = fs::read_link(device).ok().and_then(|path| Some(path.file_name()?.to_str()?.to_owned()));
    driver.or_else(|| link.kind.clone())
}
