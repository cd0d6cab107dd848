//! What both kinds of instances can do: one with networkd alone, and one that has booted.

use std::net::IpAddr;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::eni::Eni;
use super::host::Host;
use super::wait::wait_until;

/// An instance of the VPC.
pub trait Guest: Host {
    /// Attaches an ENI under the name `interface`, as a hotplug does: the device appears under its
    /// final name.
    fn attach(&self, interface: &str, eni: &Eni);

    /// Detaches the ENI of this name: the device is gone.
    fn detach(&self, interface: &str);

    /// Where the test finds a file of the instance. Links with absolute targets do not lead back.
    fn path(&self, absolute: &str) -> PathBuf;

    /// What networkd has logged, all its starts together.
    fn networkd_log(&self) -> String;

    /// A command that will run `ec2-net`.
    fn ec2_net(&self) -> Command;

    /// The addresses of an interface that are ready to be used, with their prefix lengths.
    fn addresses(&self, interface: &str) -> Vec<String> {
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
    fn has_address(&self, interface: &str, address: impl Into<IpAddr>) -> bool {
        let wanted = format!("{}/", address.into());
        self.addresses(interface).iter().any(|found| found.starts_with(&wanted))
    }

    /// Waits until an interface has the addresses that DHCP hands out for this ENI.
    #[track_caller]
    fn wait_for_lease(&self, interface: &str, eni: &Eni) {
        for address in eni.leased() {
            wait_until(Duration::from_secs(10), &format!("{address} on {interface}"), || {
                self.has_address(interface, address)
            });
        }
    }
}
