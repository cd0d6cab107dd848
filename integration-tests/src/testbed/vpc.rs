//! A VPC: its router, its subnets, and the world outside.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tempfile::TempDir;

use super::dnsmasq::{Dnsmasq, LINK_LOCAL_ROUTER};
use super::eni::{Eni, Subnet};
use super::host::Host;
use super::mapping::Mapping;
use super::namespace::{Namespace, sweep, unique_id};
use super::source_check;

/// A VPC of its own in two network namespaces: the router with its services, and a peer outside.
/// Clones are the same VPC; it goes with the last of them and of its instances.
#[derive(Clone)]
pub struct Vpc {
    inner: Arc<Inner>,
}

/// The order of the fields is that of the drops.
struct Inner {
    dnsmasq: Dnsmasq,
    peer: Namespace,
    router: Namespace,
    directory: TempDir,
    id: String,
    subnets: Vec<Subnet>,
    mapping: Mutex<Mapping>,
    counter: AtomicUsize,
}

impl Vpc {
    /// The peer's IPv4 address.
    pub const PEER_IPV4: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 10);
    /// The peer's IPv6 address.
    pub const PEER_IPV6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, 0x10);

    /// Makes a VPC of these subnets. Panics when the host does not allow it.
    #[track_caller]
    pub fn new(subnets: &[Subnet]) -> Self {
        let parent = std::env::temp_dir();
        sweep(&parent);
        let id = unique_id();
        let directory = match tempfile::Builder::new().prefix(&format!("{id}-")).tempdir_in(&parent) {
            Ok(directory) => directory,
            Err(error) => panic!("no temporary directory: {error}"),
        };
        let (router, peer) = (Namespace::new(format!("{id}-vpc")), Namespace::new(format!("{id}-peer")));
        for namespace in [&router, &peer] {
            // Addresses that can be used at once.
            namespace.set("ipv6/conf/default/accept_dad", "0");
        }
        set_up_router(&router);
        connect(&router, &peer);
        for (index, subnet) in subnets.iter().enumerate() {
            add_subnet(&router, index, subnet);
        }
        source_check::install(&router);
        let dnsmasq = Dnsmasq::start(router.command("dnsmasq"), directory.path(), subnets);
        let (subnets, mapping, counter) = (subnets.to_vec(), Mutex::default(), AtomicUsize::new(1));
        Self { inner: Arc::new(Inner { dnsmasq, peer, router, directory, id, subnets, mapping, counter }) }
    }

    /// Makes the ENI with this MAC address have the addresses and blocks that `eni` names, and no
    /// others, whether it is attached or not. What it keeps is not interrupted.
    #[track_caller]
    pub fn assign(&self, eni: &Eni) {
        let Some(subnet) = self.inner.subnets.get(eni.subnet) else { panic!("no subnet {}", eni.subnet) };
        let mut mapping = self.inner.mapping.lock().unwrap_or_else(PoisonError::into_inner);
        mapping.assign(&self.inner.router, eni, subnet);
        self.inner.dnsmasq.offer(eni, subnet);
    }

    /// Takes all addresses and blocks from an ENI.
    #[track_caller]
    pub fn unassign(&self, eni: &Eni) {
        let mut mapping = self.inner.mapping.lock().unwrap_or_else(PoisonError::into_inner);
        mapping.unassign(&self.inner.router, &eni.mac);
        self.inner.dnsmasq.withdraw(&eni.mac);
    }

    /// How many packets the source check has dropped so far: those that left by an ENI that does
    /// not own their source.
    #[track_caller]
    pub fn spoof_count(&self) -> u64 {
        source_check::count(&self.inner.router)
    }

    /// What the source check has dropped: MAC address, source, destination and number.
    #[track_caller]
    pub fn spoof_report(&self) -> String {
        source_check::report(&self.inner.router)
    }

    /// The world outside, at [`Vpc::PEER_IPV4`] and [`Vpc::PEER_IPV6`].
    pub fn peer(&self) -> &Namespace {
        &self.inner.peer
    }

    /// The router, which has the metadata service's addresses `169.254.169.254` and
    /// `fd00:ec2::254`.
    pub fn router(&self) -> &Namespace {
        &self.inner.router
    }

    /// A directory that lives as long as the VPC.
    pub fn directory(&self) -> &Path {
        self.inner.directory.path()
    }

    /// What dnsmasq has logged.
    pub fn dnsmasq_log(&self) -> String {
        self.inner.dnsmasq.log()
    }

    /// The beginning of all names.
    pub(crate) fn id(&self) -> &str {
        &self.inner.id
    }

    /// A number that nothing else of this VPC has.
    pub(crate) fn next_number(&self) -> usize {
        self.inner.counter.fetch_add(1, Ordering::Relaxed)
    }
}

impl Host for Vpc {
    /// A program beside the router, where the metadata service belongs.
    fn command(&self, program: &str) -> Command {
        self.inner.router.command(program)
    }
}

/// The name of a subnet's bridge.
pub(crate) fn bridge(subnet: usize) -> String {
    format!("subnet{subnet}")
}

/// Forwards, and has the addresses of the metadata service.
#[track_caller]
fn set_up_router(router: &Namespace) {
    router.set("ipv4/ip_forward", "1");
    router.set("ipv6/conf/all/forwarding", "1");
    router.ip("address add 169.254.169.254/32 dev lo\naddress add fd00:ec2::254/128 dev lo\n");
}

/// Connects the peer with the router.
#[track_caller]
fn connect(router: &Namespace, peer: &Namespace) {
    let (peer_name, ipv4, ipv6) = (peer.name(), Vpc::PEER_IPV4, Vpc::PEER_IPV6);
    router.ip(&format!(
        "link add world mtu 9001 type veth peer name eth0 mtu 9001 netns {peer_name}\n\
         address add 203.0.113.1/24 dev world\n\
         address add 2001:db8:ffff::1/64 dev world\n\
         link set world up\n"
    ));
    peer.ip(&format!(
        "address add {ipv4}/24 dev eth0\n\
         address add {ipv6}/64 dev eth0\n\
         link set eth0 up\n\
         route add default via 203.0.113.1\n\
         route add default via 2001:db8:ffff::1\n"
    ));
}

/// Makes a subnet's bridge, with the router's addresses. Nothing else of the subnet is reachable:
/// `Mapping` adds a route to each address that is assigned.
#[track_caller]
fn add_subnet(router: &Namespace, index: usize, subnet: &Subnet) {
    let name = bridge(index);
    // A MAC address of its own: the bridge would take the lowest of its ports', and change it when
    // an ENI is attached.
    let mut lines = format!(
        "link add {name} mtu 9001 address 02:ff:00:00:00:{index:02x} type bridge mcast_snooping 0\n\
         link set {name} addrgenmode none up\n"
    );
    let first4 = subnet.ipv4.map(|block| (Ipv4Addr::from(u32::from(block.network()) + 1), block.prefix()));
    let (address, length) = first4.unwrap_or((LINK_LOCAL_ROUTER, 32));
    let _ = writeln!(lines, "address add {address}/{length} dev {name} noprefixroute");
    if let Some(block) = subnet.ipv6 {
        let (address, length) = (Ipv6Addr::from(u128::from(block.network()) + 1), block.prefix());
        let _ = writeln!(lines, "address add {address}/{length} dev {name} noprefixroute");
        // A bridge without ports has no carrier, and the kernel gives it no link-local address.
        let _ = writeln!(lines, "address add fe80::1/64 dev {name}");
    }
    router.ip(&lines);
}
