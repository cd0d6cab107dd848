//! The package on instances that boot: systemd as PID 1, udev, the units, hotplug and detach. Needs root.
#![allow(clippy::unwrap_used, clippy::panic)]

mod boot;
#[path = "../system/fixture.rs"]
mod fixture;
