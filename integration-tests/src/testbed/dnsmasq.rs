//! DHCPv4, DHCPv6 and router advertisements, as a VPC gives them.

use std::fmt::Write as _;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::eni::{Eni, Subnet};
use super::process::{Daemon, signal};

/// The router that DHCPv4 names in IPv6-only subnets.
pub(crate) const LINK_LOCAL_ROUTER: Ipv4Addr = Ipv4Addr::new(169, 254, 0, 1);

/// Addresses are dnsmasq's to hand out for five minutes.
const LEASE_SECONDS: u32 = 300;

/// A dnsmasq that serves all subnets.
pub(crate) struct Dnsmasq {
    daemon: Daemon,
    directory: PathBuf,
}

impl Dnsmasq {
    /// Starts it; `command` is the program in the right namespace, `directory` takes its files.
    #[track_caller]
    pub(crate) fn start(mut command: Command, directory: &Path, subnets: &[Subnet]) -> Self {
        let configuration = directory.join("dnsmasq.conf");
        write(&directory.join("hosts/.empty"), "");
        write(&configuration, &render(directory, subnets));
        command.arg("--keep-in-foreground").arg(format!("--conf-file={}", configuration.display()));
        let daemon = Daemon::start(&command, "TERM", &directory.join("dnsmasq.log"));
        daemon.wait_ready("dnsmasq", |daemon| daemon.log().contains("started, version"));
        Self { daemon, directory: directory.to_path_buf() }
    }

    /// Offers an ENI its first addresses from now on. dnsmasq learns it through inotify, which it
    /// looks at before it looks at packets: no need to wait.
    #[track_caller]
    pub(crate) fn offer(&self, eni: &Eni, subnet: &Subnet) {
        let mut line = eni.mac.clone();
        let ipv4 =
            if subnet.ipv4.is_some() { eni.ipv4.first().copied() } else { Some(eni.link_local_ipv4()) };
        if let Some(address) = ipv4 {
            let _ = write!(line, ",{address}");
        }
        if let Some(address) = eni.ipv6.first() {
            let _ = write!(line, ",[{address}]");
        }
        let (file, new) = (self.host_file(&eni.mac), self.directory.join("new-host"));
        if fs::read_to_string(&file).is_ok_and(|old| old == line) {
            return;
        }
        write(&new, &line);
        if let Err(error) = fs::rename(&new, &file) {
            panic!("can not rename to `{}`: {error}", file.display());
        }
    }

    /// Offers an ENI nothing any more. Of a file that is gone dnsmasq forgets the content only on
    /// SIGHUP.
    pub(crate) fn withdraw(&self, mac: &str) {
        if fs::remove_file(self.host_file(mac)).is_ok() {
            let _ = signal(self.daemon.pid(), "HUP");
        }
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        self.daemon.log()
    }

    fn host_file(&self, mac: &str) -> PathBuf {
        self.directory.join("hosts").join(mac.replace(':', "-"))
    }
}

/// The configuration file.
fn render(directory: &Path, subnets: &[Subnet]) -> String {
    let directory = directory.display();
    let mut text = format!(
        "port=0\nuser=root\ngroup=root\npid-file=\nbind-dynamic\nexcept-interface=lo\nexcept-interface=world\n\
         dhcp-authoritative\nno-ping\nlog-dhcp\nlog-facility=-\n\
         dhcp-leasefile={directory}/leases\ndhcp-hostsdir={directory}/hosts\n\
         dhcp-option=option:mtu,9001\nenable-ra\n"
    );
    for block in subnets.iter().filter_map(|subnet| subnet.ipv4) {
        let (network, mask) = (block.network(), block.mask());
        let _ = writeln!(text, "dhcp-range={network},static,{mask},{LEASE_SECONDS}");
    }
    if subnets.iter().any(|subnet| subnet.ipv4.is_none()) {
        let _ = write!(
            text,
            "dhcp-range=set:link-local,169.254.0.0,static,255.255.0.0,{LEASE_SECONDS}\n\
             dhcp-option=tag:link-local,option:netmask,255.255.255.255\n\
             dhcp-option=tag:link-local,option:router,{LINK_LOCAL_ROUTER}\n"
        );
    }
    for block in subnets.iter().filter_map(|subnet| subnet.ipv6) {
        let (network, length) = (block.network(), block.prefix());
        let _ = writeln!(text, "dhcp-range={network},static,{length},{LEASE_SECONDS}");
    }
    text
}

/// Writes a file and its directory.
#[track_caller]
fn write(path: &Path, text: &str) {
    let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, text));
    if let Err(error) = written {
        panic!("can not write `{}`: {error}", path.display());
    }
}
