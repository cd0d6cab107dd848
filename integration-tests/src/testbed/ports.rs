//! Where an instance's ENIs are plugged in.

use std::time::Duration;

use super::eni::Eni;
use super::host::Host as _;
use super::namespace::Namespace;
use super::process::read_lossy;
use super::vpc::{Vpc, bridge};
use super::wait::wait_until;

/// The network namespace of an instance and its side of the VPC's bridges.
pub(crate) struct Ports {
    pub(crate) namespace: Namespace,
    pub(crate) vpc: Vpc,
    number: usize,
}

impl Ports {
    #[track_caller]
    pub(crate) fn new(vpc: &Vpc) -> Self {
        let number = vpc.next_number();
        Self { namespace: Namespace::new(name(vpc, number)), vpc: vpc.clone(), number }
    }

    /// A new namespace, as after a reboot: what was plugged in is not any more.
    #[track_caller]
    pub(crate) fn renew(&mut self) {
        *self = Self::new(&self.vpc);
    }

    /// A number that no other instance of the VPC has.
    pub(crate) fn number(&self) -> usize {
        self.number
    }

    /// Attaches an ENI under the name `interface`, as a hotplug does: the device appears under its
    /// final name.
    #[track_caller]
    pub(crate) fn attach(&self, interface: &str, eni: &Eni) {
        let (port, subnet, router) = (self.port(interface), bridge(eni.subnet), self.vpc.router());
        let (mac, vm) = (&eni.mac, self.namespace.name());
        // The bridge answers for the addresses that the router has as neighbours, and does not pass
        // those requests on, as in a VPC (`proxy_arp` proper passes on no multicast at all). IPv6
        // needs nothing: Linux advertises only the addresses of the link that is asked.
        router.ip(&format!(
            "link add {port} mtu 9001 type veth peer name {interface} address {mac} netns {vm}\n\
             link set {port} master {subnet} addrgenmode none\n\
             link set {port} type bridge_slave proxy_arp_wifi on learning off\n"
        ));
        router.run(&["bridge", "fdb", "replace", mac, "dev", &port, "master", "static"]);
        router.ip(&format!("link set {port} up"));
    }

    /// Detaches the ENI of this name: the device is gone.
    #[track_caller]
    pub(crate) fn detach(&self, interface: &str) {
        self.vpc.router().ip(&format!("link delete {}", self.port(interface)));
    }

    /// Takes the carrier of an interface away, and gives it back when the instance has noticed:
    /// the kernel tells networkd nothing of a carrier that is gone for a few milliseconds only.
    #[track_caller]
    pub(crate) fn flap(&self, interface: &str, operstate: &std::path::Path) {
        for (change, is_up) in [("down", false), ("up", true)] {
            self.vpc.router().ip(&format!("link set {} {change}", self.port(interface)));
            wait_until(Duration::from_secs(5), &format!("{interface} going {change}"), || {
                (read_lossy(operstate) == "up\n") == is_up
            });
        }
    }

    /// The router's end of an interface.
    fn port(&self, interface: &str) -> String {
        format!("v{}-{interface}", self.number)
    }
}

fn name(vpc: &Vpc, number: usize) -> String {
    format!("{}-vm{number}", vpc.id())
}
