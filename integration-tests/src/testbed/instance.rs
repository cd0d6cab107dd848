//! An instance of the VPC.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program;

use super::eni::Eni;
use super::guest::Guest;
use super::host::Host;
use super::networkd::{Bus, Networkd};
use super::ports::Ports;
use super::process::Daemon;
use super::vpc::Vpc;

/// The base file that is shipped.
const BASE_NETWORK: &str = include_str!("../../../packaging/network/80-ec2.network");

/// The same for all instances. networkd makes the DHCP identity of a link from this and the MAC
/// address; so an ENI keeps its lease when it moves to another instance, as in a VPC, which knows
/// an ENI by its MAC address alone.
const MACHINE_ID: &str = "00000000000000000000000000000ec2\n";

/// What makes the mounts of an instance.
const SET_UP: &str = include_str!("../../testbed/instance.sh");
const NETWORKD_CONF: &str = include_str!("../../../packaging/networkd/10-ec2-net.conf");

/// An instance: a network namespace, and a mount namespace with its own `/run`, `/etc`, `/sys` and
/// network files. Everything else is the host's, writable.
pub struct Instance {
    networkd: Option<Networkd>,
    _bus: Bus,
    holder: Daemon,
    ports: Ports,
    files: PathBuf,
}

impl Instance {
    /// Makes an instance with the base file that is shipped, but for what it matches: there is no udev in the
    /// instance, which is what tells networkd the driver of a link. networkd does not run yet.
    #[track_caller]
    pub fn new(vpc: &Vpc) -> Self {
        let (before, after) =
            BASE_NETWORK.split_once("Driver=ena").unwrap_or_else(|| panic!("it matches no driver"));
        let (_, after) = after.split_once('\n').unwrap_or_default();
        Self::with_base(vpc, &format!("{before}Name=ens*\n{after}"))
    }

    /// Makes an instance whose `80-ec2.network` has this text.
    #[track_caller]
    pub fn with_base(vpc: &Vpc, base: &str) -> Self {
        let ports = Ports::new(vpc);
        let files = vpc.directory().join(format!("vm{}", ports.number()));
        let written = fs::create_dir(&files)
            .and_then(|()| fs::write(files.join("80-ec2.network"), base))
            .and_then(|()| fs::write(files.join("networkd.conf"), NETWORKD_CONF))
            .and_then(|()| fs::write(files.join("machine-id"), MACHINE_ID));
        if let Err(error) = written {
            panic!("can not write to `{}`: {error}", files.display());
        }
        let mut command = ports.namespace.command("unshare");
        command.args(["--mount", "--propagation", "private", "sh", "-c", SET_UP, "sh"]).arg(&files);
        let holder = Daemon::start(&command, "KILL", &files.join("holder.log"));
        holder.wait_ready("an instance", |holder| holder.log().ends_with("ready\n"));
        let bus = Bus::start(enter(&holder, "dbus-daemon"), &files, &root(&holder));
        Self { networkd: None, _bus: bus, holder, ports, files }
    }

    /// Takes the carrier of an interface away, and gives it back when the instance has noticed.
    #[track_caller]
    pub fn flap(&self, interface: &str) {
        self.ports.flap(interface, &self.path("/sys/class/net").join(interface).join("operstate"));
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

    /// Writes a file of the instance, and the directories above it.
    #[track_caller]
    pub fn write(&self, absolute: &str, text: &str) {
        let path = self.path(absolute);
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text));
        if let Err(error) = written {
            panic!("can not write `{absolute}` of the instance: {error}");
        }
    }
}

impl Host for Instance {
    fn command(&self, program: &str) -> Command {
        enter(&self.holder, program)
    }
}

impl Guest for Instance {
    fn attach(&self, interface: &str, eni: &Eni) {
        self.ports.attach(interface, eni);
    }

    fn detach(&self, interface: &str) {
        self.ports.detach(interface);
    }

    fn path(&self, absolute: &str) -> PathBuf {
        root(&self.holder).join(absolute.trim_start_matches('/'))
    }

    fn networkd_log(&self) -> String {
        Networkd::log(&self.files)
    }

    fn ec2_net(&self) -> Command {
        self.command(program::ec2_net().to_str().unwrap_or_default())
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- networkd of {}\n{}", self.ports.namespace.name(), self.networkd_log());
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
