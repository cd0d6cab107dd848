//! An instance of the VPC.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::eni::Eni;
use super::host::Host;
use super::namespace::Namespace;
use super::networkd::{Bus, Networkd};
use super::process::{Daemon, read_lossy};
use super::vpc::{Vpc, bridge};
use super::wait::wait_until;

/// The base network file of an instance, unless it is given another.
pub const BASE_NETWORK: &str = include_str!("../../testbed/80-ec2.network");

/// The same for all instances. networkd makes the DHCP identity of a link from this and the MAC
/// address; so an ENI keeps its lease when it moves to another instance, as in a VPC, which knows
/// an ENI by its MAC address alone.
const MACHINE_ID: &str = "00000000000000000000000000000ec2\n";

/// What makes the mounts of an instance.
const SET_UP: &str = include_str!("../../testbed/instance.sh");
const NETWORKD_CONF: &str = include_str!("../../testbed/networkd.conf");

/// An instance: a network namespace, and a mount namespace with its own `/run`, `/etc`, `/sys` and
/// network files. Everything else is the host's, writable.
pub struct Instance {
    networkd: Option<Networkd>,
    _bus: Bus,
    holder: Daemon,
    namespace: Namespace,
    files: PathBuf,
    vpc: Vpc,
}

impl Instance {
    /// Makes an instance with [`BASE_NETWORK`]. networkd does not run yet.
    #[track_caller]
    pub fn new(vpc: &Vpc) -> Self {
        Self::with_base(vpc, BASE_NETWORK)
    }

    /// Makes an instance whose `80-ec2.network` has this text.
    #[track_caller]
    pub fn with_base(vpc: &Vpc, base: &str) -> Self {
        let number = vpc.next_number();
        let namespace = Namespace::new(format!("{}-vm{number}", vpc.id()));
        let files = vpc.directory().join(format!("vm{number}"));
        let written = fs::create_dir(&files)
            .and_then(|()| fs::write(files.join("80-ec2.network"), base))
            .and_then(|()| fs::write(files.join("networkd.conf"), NETWORKD_CONF))
            .and_then(|()| fs::write(files.join("machine-id"), MACHINE_ID));
        if let Err(error) = written {
            panic!("can not write to `{}`: {error}", files.display());
        }
        let mut command = namespace.command("unshare");
        command.args(["--mount", "--propagation", "private", "sh", "-c", SET_UP, "sh"]).arg(&files);
        let holder = Daemon::start(&command, "KILL", &files.join("holder.log"));
        holder.wait_ready("an instance", |holder| holder.log().ends_with("ready\n"));
        let bus = Bus::start(enter(&holder, "dbus-daemon"), &files, &root(&holder));
        Self { networkd: None, _bus: bus, holder, namespace, files, vpc: vpc.clone() }
    }

    /// Attaches an ENI under the name `interface`, as a hotplug does: the device appears under its
    /// final name.
    #[track_caller]
    pub fn attach(&self, interface: &str, eni: &Eni) {
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
    pub fn detach(&self, interface: &str) {
        self.vpc.router().ip(&format!("link delete {}", self.port(interface)));
    }

    /// Takes the carrier of an interface away, and gives it back when the instance has noticed:
    /// the kernel tells networkd nothing of a carrier that is gone for a few milliseconds only.
    #[track_caller]
    pub fn flap(&self, interface: &str) {
        let state = self.path("/sys/class/net").join(interface).join("operstate");
        for (change, is_up) in [("down", false), ("up", true)] {
            self.vpc.router().ip(&format!("link set {} {change}", self.port(interface)));
            wait_until(Duration::from_secs(5), &format!("{interface} going {change}"), || {
                (read_lossy(&state) == "up\n") == is_up
            });
        }
    }

    /// Starts networkd and waits until it is on the bus.
    #[track_caller]
    pub fn start_networkd(&mut self) {
        self.stop_networkd();
        self.networkd = Some(Networkd::start(self, &self.files));
    }

    /// Stops networkd as systemd does, with SIGTERM, and waits until it is gone.
    pub fn stop_networkd(&mut self) {
        self.networkd = None;
    }

    /// Stops networkd and starts it anew.
    #[track_caller]
    pub fn restart_networkd(&mut self) {
        self.start_networkd();
    }

    /// What networkd has logged, all its starts together.
    pub fn networkd_log(&self) -> String {
        Networkd::log(&self.files)
    }

    /// Where the test finds a file of the instance. Links with absolute targets do not lead back.
    pub fn path(&self, absolute: &str) -> PathBuf {
        root(&self.holder).join(absolute.trim_start_matches('/'))
    }

    /// Writes a file of the instance, and the directories above it.
    #[track_caller]
    pub fn write(&self, absolute: &str, text: &str) {
        let path = self.path(absolute);
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text));
        if let Err(error) = written {
            panic!("can not write `{absolute}` of the instance: {error}");
        }
    }

    /// The addresses of an interface that are ready to be used, with their prefix lengths.
    #[track_caller]
    pub fn addresses(&self, interface: &str) -> Vec<String> {
        let mut command = self.command("ip");
        command.args(["-j", "address", "show", "dev", interface]);
        // Fails while there is no such interface.
        let output = command.output().map(|output| output.stdout).unwrap_or_default();
        let links: serde_json::Value = serde_json::from_slice(&output).unwrap_or_default();
        let addresses = links[0]["addr_info"].as_array().cloned().unwrap_or_default();
        let ready = addresses.iter().filter(|address| address["tentative"].is_null());
        ready
            .filter_map(|address| Some(format!("{}/{}", address["local"].as_str()?, address["prefixlen"])))
            .collect()
    }

    /// Whether an interface has this address, ready to be used.
    #[track_caller]
    pub fn has_address(&self, interface: &str, address: impl Into<IpAddr>) -> bool {
        let wanted = format!("{}/", address.into());
        self.addresses(interface).iter().any(|found| found.starts_with(&wanted))
    }

    /// Waits until an interface has the addresses that DHCP hands out for this ENI.
    #[track_caller]
    pub fn wait_for_lease(&self, interface: &str, eni: &Eni) {
        for address in eni.leased() {
            wait_until(Duration::from_secs(10), &format!("{address} on {interface}"), || {
                self.has_address(interface, address)
            });
        }
    }

    /// The router's end of an interface.
    fn port(&self, interface: &str) -> String {
        let number = self.namespace.name().rsplit_once("-vm").map_or("", |(_, number)| number);
        format!("v{number}-{interface}")
    }
}

impl Host for Instance {
    fn command(&self, program: &str) -> Command {
        enter(&self.holder, program)
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- networkd of {}\n{}", self.namespace.name(), self.networkd_log());
            for words in [&["address"][..], &["rule"], &["-6", "rule"], &["route", "show", "table", "all"]] {
                let output = self.command("ip").args(words).output().map(|output| output.stdout);
                eprintln!(
                    "--- ip {}\n{}",
                    words.join(" "),
                    String::from_utf8_lossy(&output.unwrap_or_default())
                );
            }
        }
    }
}

/// A program in the namespaces of an instance.
fn enter(holder: &Daemon, program: &str) -> Command {
    let mut command = Command::new("nsenter");
    command.arg(format!("--target={}", holder.pid())).args(["--net", "--mount", "--", program]);
    command
}

/// The root directory of an instance, seen from outside.
fn root(holder: &Daemon) -> PathBuf {
    Path::new("/proc").join(holder.pid().to_string()).join("root")
}
