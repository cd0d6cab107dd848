//! An instance in its VPC with its metadata: all that `ec2-net` meets on EC2.
#![allow(clippy::missing_panics_doc, clippy::panic)]

mod check;

use std::fs;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::fake_imds::ControlClient;
use crate::program;
use crate::testbed::{Daemon, Eni, Guest, Host, Image, Instance, Machine, Subnet, Vpc};

/// An ENI and where it is attached.
#[derive(Clone, Debug)]
pub struct Attached {
    /// The name of its link.
    pub interface: &'static str,
    /// What the VPC knows of it.
    pub eni: Eni,
    /// Its card, where the instance's type has several.
    pub card: Option<u16>,
    /// Its device number.
    pub device: u16,
}

impl Attached {
    /// An ENI on an instance type with one card.
    #[must_use]
    pub fn new(interface: &'static str, device: u16, eni: Eni) -> Self {
        Self { interface, eni, card: None, device }
    }

    /// The number of its table.
    #[must_use]
    pub fn table(&self) -> u32 {
        10_000 + 100 * u32::from(self.card.unwrap_or(0)) + u32::from(self.device)
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> String {
        format!("eni-{}", self.eni.mac.replace(':', ""))
    }

    /// Its directory in the metadata.
    #[must_use]
    pub fn path(&self) -> String {
        format!("network/interfaces/macs/{}", self.eni.mac)
    }
}

/// An instance with a metadata service and ENIs.
pub struct Cloud<G = Instance> {
    imds: ControlClient,
    _service: Daemon,
    /// The instance.
    pub instance: G,
    /// The VPC around it.
    pub vpc: Vpc,
    subnets: Vec<Subnet>,
    enis: Vec<Attached>,
}

impl Cloud {
    /// Boots an instance with these ENIs, the first of which is the primary: networkd runs, and each ENI has its
    /// lease. `ec2-net` has not run.
    #[track_caller]
    pub fn new(subnets: &[Subnet], enis: &[Attached]) -> Self {
        let vpc = Vpc::new(subnets);
        let mut instance = Instance::new(&vpc);
        instance.write("/etc/ec2-net/config.toml", "drivers = [\"veth\"]\n");
        instance.start_networkd();
        let mut cloud = Self::with(instance, vpc, subnets, enis);
        for attached in enis {
            cloud.attach(attached.clone());
        }
        for attached in &cloud.enis {
            cloud.instance.wait_for_lease(attached.interface, &attached.eni);
        }
        cloud
    }
}

impl Cloud<Machine> {
    /// Boots an instance with these ENIs, the first of which is the primary, and waits until it is up.
    #[track_caller]
    pub fn boot(image: &Image, subnets: &[Subnet], enis: &[Attached]) -> Self {
        Self::boot_with(image, subnets, enis, &[])
    }

    /// The same for an instance on whose disk these files are, by their absolute paths.
    #[track_caller]
    pub fn boot_with(image: &Image, subnets: &[Subnet], enis: &[Attached], files: &[(&str, &str)]) -> Self {
        let vpc = Vpc::new(subnets);
        let mut cloud = Self::with(Machine::new(&vpc, image), vpc, subnets, enis);
        for (path, text) in files {
            cloud.instance.write(path, text);
        }
        for attached in enis {
            cloud.attach(attached.clone());
        }
        cloud.instance.boot();
        cloud
    }

    /// Boots the instance anew, with the ENIs that are attached.
    #[track_caller]
    pub fn reboot(&mut self) {
        self.instance.shut_down();
        self.switch_on();
    }

    /// Boots an instance that is off.
    #[track_caller]
    pub fn switch_on(&mut self) {
        for attached in &self.enis {
            self.instance.attach(attached.interface, &attached.eni);
        }
        self.instance.boot();
    }
}

impl<G: Guest> Cloud<G> {
    /// The metadata service of an instance that has no ENI yet; the first of `enis` will be the primary.
    #[track_caller]
    fn with(instance: G, vpc: Vpc, subnets: &[Subnet], enis: &[Attached]) -> Self {
        let (service, imds) = serve(
            &vpc,
            &json!({ "mac": enis[0].eni.mac, "local-hostname": "ip-10-0-0-10.ec2.internal", "network": {"interfaces": {"macs": {}}} }),
        );
        Self { imds, _service: service, instance, vpc, subnets: subnets.to_vec(), enis: Vec::new() }
    }

    /// The metadata service.
    #[must_use]
    pub fn imds(&self) -> &ControlClient {
        &self.imds
    }

    /// The ENIs that are attached.
    #[must_use]
    pub fn enis(&self) -> &[Attached] {
        &self.enis
    }

    /// Attaches an ENI, whose metadata is there at once.
    #[track_caller]
    pub fn attach(&mut self, attached: Attached) {
        self.announce(&attached);
        self.plug(attached);
    }

    /// Attaches an ENI of which the metadata says nothing yet.
    #[track_caller]
    pub fn plug(&mut self, attached: Attached) {
        self.vpc.assign(&attached.eni);
        self.instance.attach(attached.interface, &attached.eni);
        self.enis.push(attached);
    }

    /// Detaches an ENI. The metadata goes with it.
    #[track_caller]
    pub fn detach(&mut self, interface: &str) {
        let position = self.enis.iter().position(|attached| attached.interface == interface);
        let attached =
            self.enis.remove(position.unwrap_or_else(|| panic!("no ENI is attached as {interface}")));
        // The kernel forgets the neighbours on a bridge without ports, which the VPC has to take back before.
        self.vpc.unassign(&attached.eni);
        self.instance.detach(interface);
        checked(self.imds.remove(&attached.path()));
    }

    /// Changes what an ENI has, in the VPC and in the metadata.
    #[track_caller]
    pub fn change(&mut self, interface: &str, change: impl FnOnce(&mut Eni)) {
        let position = self.enis.iter().position(|attached| attached.interface == interface);
        let position = position.unwrap_or_else(|| panic!("no ENI is attached as {interface}"));
        change(&mut self.enis[position].eni);
        self.vpc.assign(&self.enis[position].eni);
        self.announce(&self.enis[position]);
    }

    /// Makes the metadata say what is true of an ENI.
    #[track_caller]
    pub fn announce(&self, attached: &Attached) {
        checked(self.imds.set(&attached.path(), metadata(attached, &self.subnets[attached.eni.subnet])));
    }

    /// Runs `ec2-net` on the instance.
    #[track_caller]
    pub fn ec2_net(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        command.output().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"))
    }

    /// The command that runs `ec2-net` on the instance.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.instance.ec2_net();
        command.args(arguments);
        command
    }

    /// Runs `ec2-net reconcile`, which must succeed, and returns what it logged.
    #[track_caller]
    pub fn reconcile(&self) -> String {
        self.succeed(&["reconcile"])
    }

    /// Runs `ec2-net`, which must succeed and print nothing, and returns what it logged.
    #[track_caller]
    pub fn succeed(&self, arguments: &[&str]) -> String {
        let output = self.ec2_net(arguments);
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {}\n{log}", output.status);
        assert!(output.stdout.is_empty(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
        log
    }
}

fn serve(vpc: &Vpc, tree: &Value) -> (Daemon, ControlClient) {
    let directory = vpc.directory();
    let (file, socket) = (directory.join("tree.json"), directory.join("imds.sock"));
    checked(fs::write(&file, tree.to_string()));
    let mut command = vpc.command(program::fake_imds().to_str().unwrap_or_default());
    command.arg("--tree").arg(&file).args([
        "--listen",
        "169.254.169.254:80",
        "--listen",
        "[fd00:ec2::254]:80",
    ]);
    command.arg("--control").arg(format!("unix:{}", socket.display()));
    let service = Daemon::start(&command, "TERM", &directory.join("imds.log"));
    service.wait_ready("the metadata service", |_| socket.exists());
    (service, ControlClient::new(&socket))
}

/// The metadata of an ENI.
#[must_use]
pub fn metadata(attached: &Attached, subnet: &Subnet) -> Value {
    let eni = &attached.eni;
    let mut keys = json!({
        "device-number": attached.device.to_string(),
        "interface-id": attached.id(),
        "mac": eni.mac,
        "subnet-id": format!("subnet-{}", eni.subnet),
    });
    let mut set = |key: &str, values: Vec<String>| {
        if !values.is_empty() {
            keys[key] = values.into();
        }
    };
    set("network-card", texts(attached.card));
    set("local-ipv4s", texts(&eni.ipv4));
    set("ipv6s", texts(&eni.ipv6));
    set("ipv4-prefix", texts(&eni.ipv4_prefixes));
    set("ipv6-prefix", texts(&eni.ipv6_prefixes));
    set("subnet-ipv4-cidr-block", texts(subnet.ipv4));
    set("subnet-ipv6-cidr-blocks", texts(subnet.ipv6));
    keys
}

/// Items as the metadata prints them.
pub(crate) fn texts<T: ToString>(items: impl IntoIterator<Item = T>) -> Vec<String> {
    items.into_iter().map(|item| item.to_string()).collect()
}

#[track_caller]
fn checked<T>(result: std::io::Result<T>) -> T {
    result.unwrap_or_else(|error| panic!("{error}"))
}
