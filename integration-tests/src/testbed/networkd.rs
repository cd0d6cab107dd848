//! systemd-networkd in an instance, and the bus that networkctl(1) finds it on.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::host::Host as _;
use super::instance::Instance;
use super::process::{Daemon, read_lossy};
use super::require;

const BUS_CONF: &str = include_str!("../../testbed/bus.conf");

/// The system bus of an instance.
pub(crate) struct Bus {
    _daemon: Daemon,
}

impl Bus {
    /// Starts it; `command` is the program in the instance, whose root directory is `root`.
    #[track_caller]
    pub(crate) fn start(mut command: Command, files: &Path, root: &Path) -> Self {
        let configuration = files.join("bus.conf");
        if let Err(error) = fs::write(&configuration, BUS_CONF) {
            panic!("can not write `{}`: {error}", configuration.display());
        }
        command.arg(format!("--config-file={}", configuration.display())).args(["--nofork", "--nopidfile"]);
        let daemon = Daemon::start(&command, "TERM", &files.join("bus.log"));
        let socket = root.join("run/dbus/system_bus_socket");
        daemon.wait_ready("dbus-daemon", |_| socket.exists());
        Self { _daemon: daemon }
    }
}

/// A running systemd-networkd.
pub(crate) struct Networkd {
    _daemon: Daemon,
}

impl Networkd {
    /// Starts networkd in an instance, and waits until it answers on the bus: it has read its
    /// files and the kernel's links by then.
    #[track_caller]
    pub(crate) fn start(instance: &Instance, files: &Path) -> Self {
        let mut command = instance.command(require::networkd().unwrap_or("systemd-networkd"));
        let level = env::var("SYSTEMD_LOG_LEVEL").unwrap_or_else(|_| "info".to_owned());
        command.env("SYSTEMD_LOG_TARGET", "console").env("SYSTEMD_LOG_LEVEL", level);
        let daemon = Daemon::start(&command, "TERM", &files.join("networkd.log"));
        let mut answer = instance.command("busctl");
        answer.args(["--system", "get-property", "org.freedesktop.network1", "/org/freedesktop/network1"]);
        answer.args(["org.freedesktop.network1.Manager", "OperationalState"]);
        daemon.wait_ready("networkd", |_| answer.output().is_ok_and(|output| output.status.success()));
        Self { _daemon: daemon }
    }

    /// What was logged into this directory.
    pub(crate) fn log(files: &Path) -> String {
        read_lossy(&files.join("networkd.log"))
    }
}
