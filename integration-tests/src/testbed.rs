//! A VPC in network namespaces, and instances in it with a real systemd-networkd.
//!
//! ```no_run
//! use integration_tests::testbed::{Eni, Guest, Host, Instance, Subnet, Vpc, require_root};
//!
//! if !require_root("an example") {
//!     return;
//! }
//! let vpc = Vpc::new(&[Subnet::dual_stack("10.0.1.0/24", "2001:db8:0:1::/64")]);
//! let eni = Eni::new("02:00:00:00:01:05", 0).with_ipv4("10.0.1.10").with_ipv6("2001:db8:0:1::10");
//! vpc.assign(&eni);
//! let mut instance = Instance::new(&vpc);
//! instance.start_networkd();
//! instance.attach("ens5", &eni);
//! assert!(vpc.peer().ping(eni.ipv4[0]));
//! assert_eq!(vpc.spoof_count(), 0);
//! ```
//!
//! Everything has names of its own and goes on drop, also when the test panics. A failure of the
//! testbed itself is a panic that shows the command and what it said.
#![allow(clippy::missing_panics_doc, clippy::panic)]

mod dnsmasq;
mod eni;
mod guest;
mod host;
mod image;
mod instance;
mod machine;
mod mapping;
mod namespace;
mod networkd;
mod ping;
mod ports;
mod process;
mod require;
mod source_check;
mod traffic;
mod vpc;
mod wait;

pub use eni::{Eni, Subnet};
pub use guest::Guest;
pub use host::Host;
pub use image::Image;
pub use instance::Instance;
pub use machine::Machine;
pub use namespace::Namespace;
pub use ping::{Pinger, Tally};
pub use process::{Daemon, run};
pub use require::{require_programs, require_root};
pub use traffic::{Outcome, Traffic};
pub use vpc::Vpc;
pub use wait::{holds_within, wait_until};
