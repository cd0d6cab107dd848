//! The package on instances that boot: systemd as PID 1, udev, the units, hotplug and detach. Needs root.
//!
//! `EC2_NET_SUITE=trixie` boots Debian 13 in place of 12. The tests whose names begin with `short` are the shorter pass.
#![allow(clippy::unwrap_used, clippy::panic)]

mod boot;
mod heal;
mod hitless;
mod hotplug;
mod respect;
mod settled;
mod storm;
mod take_over;
