//! `ec2-net` on an instance: a real systemd-networkd, real DHCP and router advertisements, a real HTTP metadata
//! service, real packets. Needs root.
#![allow(clippy::unwrap_used, clippy::panic)]

mod adversity;
mod change;
mod hotplug;
mod identity;
mod overrides;
mod scale;
mod topology;
