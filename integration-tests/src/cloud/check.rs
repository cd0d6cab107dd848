//! What must be true of an instance after `ec2-net` has run.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::{Attached, Cloud, texts};
use crate::testbed::{Guest, Host, Subnet, Vpc, wait_until};

/// The longest wait for something that networkd does.
const PATIENCE: Duration = Duration::from_secs(15);

impl<G: Guest> Cloud<G> {
    /// Waits until everything is as it must be: rules, tables and names are what the numbering says, each address
    /// answers the world and reaches it, and no packet has left by the wrong ENI.
    ///
    /// Packets flow only once the routes are there: networkd before 257 drops all leases when it first reads the
    /// files, and what the primary sends may then follow another ENI's route for some milliseconds.
    #[track_caller]
    pub fn check(&self) {
        self.check_kernel();
        for attached in &self.enis {
            self.instance.wait_for_lease(attached.interface, &attached.eni);
            for address in attached.eni.addresses() {
                let what = format!("{address} of {} to answer", attached.interface);
                self.wait(&what, || self.vpc.peer().ping(address));
                let peer: IpAddr =
                    if address.is_ipv4() { Vpc::PEER_IPV4.into() } else { Vpc::PEER_IPV6.into() };
                self.wait(&format!("{peer} to answer {address}"), || self.instance.ping_from(address, peer));
            }
        }
        self.check_kernel();
        assert_eq!(self.vpc.spoof_count(), 0, "{}", self.vpc.spoof_report());
        self.check_networkd_log();
    }

    /// Waits until rules, tables and names in the kernel are what the numbering says.
    #[track_caller]
    pub fn check_kernel(&self) {
        let expected: Vec<String> = sorted(self.enis.iter().skip(1).flat_map(rules));
        wait_for("the rules", &expected, || self.rules());
        for attached in &self.enis {
            let subnet = &self.subnets[attached.eni.subnet];
            let expected = sorted(routes(attached, subnet).into_iter());
            let what = format!("table {}", attached.table());
            wait_for(&what, &expected, || self.table(attached));
            let names = vec![
                format!("device-number-{}.{}", attached.device, attached.card.unwrap_or(0)),
                attached.id(),
            ];
            wait_for("the names", &names, || self.altnames(attached.interface));
        }
    }

    /// Asserts that networkd has nothing to say against our files.
    #[track_caller]
    pub fn check_networkd_log(&self) {
        let log = self.instance.networkd_log();
        let is_complaint = |line: &&str| {
            line.contains("Unknown") || line.contains("70-") && !line.contains("onfiguring with")
        };
        let complaints: Vec<&str> = log.lines().filter(is_complaint).collect();
        assert!(complaints.is_empty(), "{complaints:#?}");
    }

    /// The rules other than the kernel's own three, as `FROM TABLE`.
    #[must_use]
    pub fn rules(&self) -> Vec<String> {
        let mut rules = Vec::new();
        for family in ["-4", "-6"] {
            let all = self.instance.json(&["ip", "-j", family, "rule"]);
            for rule in all.as_array().into_iter().flatten() {
                let priority = rule["priority"].as_u64().unwrap_or_default();
                if priority == 0 || priority >= 32766 {
                    continue;
                }
                let full = if family == "-4" { 32 } else { 128 };
                let length = rule["srclen"].as_u64().unwrap_or(full);
                let table = rule["table"].as_str().unwrap_or_default();
                rules.push(format!(
                    "{priority}: {}/{length} {table}",
                    rule["src"].as_str().unwrap_or_default()
                ));
            }
        }
        sorted(rules.into_iter())
    }

    fn table(&self, attached: &Attached) -> Vec<String> {
        let table = attached.table().to_string();
        let mut routes = Vec::new();
        for family in ["-4", "-6"] {
            let mut command = self.instance.command("ip");
            command.args(["-j", family, "route", "show", "table", &table]);
            // The command fails for a table that does not exist.
            let output = command.output().map(|output| output.stdout).unwrap_or_default();
            let all: Value = serde_json::from_slice(&output).unwrap_or_default();
            for route in all.as_array().into_iter().flatten() {
                let gateway = if route["gateway"].is_null() { "on link" } else { "by gateway" };
                let text = |key: &str| route[key].as_str().unwrap_or_default();
                routes.push(format!("{family} {} {gateway} {}", text("dst"), text("dev")));
            }
        }
        sorted(routes.into_iter())
    }

    fn altnames(&self, interface: &str) -> Vec<String> {
        let links = self.instance.json(&["ip", "-j", "link", "show", "dev", interface]);
        let names = links[0]["altnames"].as_array().cloned().unwrap_or_default();
        sorted(names.iter().filter_map(|name| name.as_str().map(str::to_owned)))
    }

    #[track_caller]
    fn wait(&self, what: &str, condition: impl FnMut() -> bool) {
        let report = self.vpc.spoof_report();
        wait_until(PATIENCE, &format!("{what}\n{report}"), condition);
    }

    /// A digest of every file that `ec2-net` writes: path, inode, time and content.
    #[must_use]
    pub fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        for directory in ["/run/ec2-net", "/run/systemd/network"] {
            collect(&self.instance.path(directory), &mut found);
        }
        sorted(found.into_iter())
    }
}

#[track_caller]
fn wait_for(what: &str, expected: &[String], mut found: impl FnMut() -> Vec<String>) {
    let mut last = Vec::new();
    for _ in 0..150 {
        last = found();
        if last == expected {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("{what}: expected {expected:#?}, found {last:#?}");
}

fn rules(attached: &Attached) -> Vec<String> {
    let eni = &attached.eni;
    let networks = [
        eni.ipv4.iter().map(|address| format!("{address}/32")).collect(),
        eni.ipv6.iter().map(|address| format!("{address}/128")).collect(),
        texts(&eni.ipv4_prefixes),
        texts(&eni.ipv6_prefixes),
    ];
    let table = attached.table();
    networks.concat().iter().map(|from| format!("{table}: {from} {table}")).collect()
}

fn routes(attached: &Attached, subnet: &Subnet) -> Vec<String> {
    let link = attached.interface;
    let mut routes = Vec::new();
    if let (Some(block), false) = (subnet.ipv4, attached.eni.ipv4.is_empty()) {
        routes.extend([format!("-4 default by gateway {link}"), format!("-4 {block} on link {link}")]);
    }
    if let Some(block) = subnet.ipv6 {
        routes.extend([format!("-6 default by gateway {link}"), format!("-6 {block} on link {link}")]);
    }
    routes
}

fn sorted(items: impl Iterator<Item = String>) -> Vec<String> {
    let mut items: Vec<String> = items.collect();
    items.sort();
    items
}

fn collect(path: &Path, found: &mut Vec<String>) {
    use std::os::unix::fs::MetadataExt;
    let Ok(metadata) = fs::symlink_metadata(path) else { return };
    if metadata.is_dir() {
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        entries.for_each(|entry| collect(&entry.path(), found));
    } else {
        let content =
            fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
        let target: PathBuf = fs::read_link(path).unwrap_or_default();
        let (inode, time) = (metadata.ino(), (metadata.mtime(), metadata.mtime_nsec()));
        found.push(format!("{} {inode} {time:?} {} {content}", path.display(), target.display()));
    }
}
