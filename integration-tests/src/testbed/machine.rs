//! An instance that boots: systemd as PID 1, udev, D-Bus, networkd, and what the package installs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::eni::Eni;
use super::guest::Guest;
use super::host::Host;
use super::image::Image;
use super::ports::Ports;
use super::process::Daemon;
use super::vpc::Vpc;
use super::wait::holds_within;

/// What makes the mounts of an instance and boots it.
const BOOT: &str = include_str!("../../testbed/machine.sh");

/// The longest time that a boot takes, on a machine that does something else as well.
const PATIENCE: Duration = Duration::from_secs(90);

/// An instance with an image of its own, which it may change; what it changes stays through a reboot.
pub struct Machine {
    running: Option<Running>,
    ports: Ports,
    image: PathBuf,
    files: PathBuf,
}

/// An instance that is on.
struct Running {
    /// The process id of its PID 1, seen from outside.
    init: u32,
    _nspawn: Daemon,
}

impl Machine {
    /// Makes an instance that is off.
    #[track_caller]
    pub fn new(vpc: &Vpc, image: &Image) -> Self {
        let ports = Ports::new(vpc);
        let files = vpc.directory().join(format!("vm{}", ports.number()));
        if let Err(error) = fs::create_dir(&files) {
            panic!("can not make `{}`: {error}", files.display());
        }
        Self { running: None, ports, image: image.root().to_owned(), files }
    }

    /// Switches it on and waits until it is up. The ENIs are attached before.
    #[track_caller]
    pub fn boot(&mut self) {
        let mut command = self.ports.namespace.command("unshare");
        // A process namespace of its own, with which the whole instance goes when its first process is killed.
        command.args([
            "--mount",
            "--propagation",
            "private",
            "--pid",
            "--fork",
            "--mount-proc",
            "--kill-child=KILL",
        ]);
        command.args(["sh", "-c", BOOT, "sh"]);
        command.arg(&self.image).arg(&self.files).arg(self.ports.namespace.name());
        let nspawn = Daemon::start(&command, "KILL", &self.files.join("console.log"));
        let mut init = None;
        holds_within(PATIENCE, || {
            init = child(nspawn.pid(), "systemd-nspawn").and_then(|nspawn| child(nspawn, "systemd"));
            init.is_some() || !nspawn.is_running()
        });
        let Some(init) = init else { panic!("the instance does not boot:\n{}", nspawn.log()) };
        self.running = Some(Running { init, _nspawn: nspawn });
        let mut state = String::new();
        let is_up = holds_within(PATIENCE, || {
            let output = self.command("systemctl").arg("is-system-running").output();
            state =
                output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
            ["running\n", "degraded\n"].contains(&state.as_str())
        });
        assert!(is_up, "the instance does not come up: `{}`\n{}", state.trim(), self.journal(&[]));
    }

    /// Switches it off at once, as the power would go. The ENIs are detached.
    #[track_caller]
    pub fn shut_down(&mut self) {
        self.running = None;
        self.ports.renew();
    }

    /// A command that will run a program of the test's host in the network of the instance.
    #[must_use]
    pub fn beside(&self, program: &str) -> Command {
        self.ports.namespace.command(program)
    }

    /// Takes the carrier of an interface away, and gives it back when the instance has noticed.
    #[track_caller]
    pub fn flap(&self, interface: &str) {
        self.ports.flap(interface, &self.path("/sys/class/net").join(interface).join("operstate"));
    }

    /// What its journal holds; `arguments` are journalctl's.
    #[track_caller]
    pub fn journal(&self, arguments: &[&str]) -> String {
        let mut command = self.command("journalctl");
        command.args(["--no-pager", "--quiet", "--output=short-monotonic"]).args(arguments);
        command
            .output()
            .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
            .unwrap_or_default()
    }

    /// Writes a file of the instance, and the directories above it, also while it is off.
    #[track_caller]
    pub fn write(&self, absolute: &str, text: &str) {
        let relative = absolute.trim_start_matches('/');
        let path = match self.running {
            Some(_) => self.path(absolute),
            None => self.files.join("upper").join(relative),
        };
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text));
        if let Err(error) = written {
            panic!("can not write `{absolute}` of the instance: {error}");
        }
    }

    #[track_caller]
    fn init(&self) -> u32 {
        self.running.as_ref().map_or_else(|| panic!("the instance is off"), |running| running.init)
    }
}

impl Host for Machine {
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--target={}", self.init()));
        command.args(["--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup", "--", program]);
        command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("LC_ALL", "C.UTF-8").current_dir("/");
        command
    }
}

impl Guest for Machine {
    fn attach(&self, interface: &str, eni: &Eni) {
        self.ports.attach(interface, eni);
    }

    fn detach(&self, interface: &str) {
        self.ports.detach(interface);
    }

    fn path(&self, absolute: &str) -> PathBuf {
        Path::new("/proc").join(self.init().to_string()).join("root").join(absolute.trim_start_matches('/'))
    }

    fn networkd_log(&self) -> String {
        self.journal(&["--unit=systemd-networkd.service"])
    }

    fn ec2_net(&self) -> Command {
        self.command("ec2-net")
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if std::thread::panicking() && self.running.is_some() {
            eprintln!("--- journal of {}\n{}", self.ports.namespace.name(), self.journal(&[]));
            for words in [&["address"][..], &["rule"], &["-6", "rule"], &["route", "show", "table", "all"]] {
                let output = self.command("ip").args(words).output().map(|output| output.stdout);
                let text = output.unwrap_or_default();
                eprintln!("--- ip {}\n{}", words.join(" "), String::from_utf8_lossy(&text));
            }
        }
    }
}

/// The child of a process, once it runs this program.
fn child(pid: u32, program: &str) -> Option<u32> {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
    let child: u32 = children.split_ascii_whitespace().next()?.parse().ok()?;
    let name = fs::read_to_string(format!("/proc/{child}/comm")).ok()?;
    // The kernel keeps 15 bytes of a name.
    (name.trim_end() == &program[..program.len().min(15)]).then_some(child)
}
