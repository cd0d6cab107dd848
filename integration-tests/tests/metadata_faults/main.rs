//! `ec2-net` against metadata that fails: each fault at each key that it reads, one at a time.
//!
//! The runs are offline, so they need neither root nor systemd, and they remember nothing, so every key is asked
//! for each time.

#![allow(clippy::panic, clippy::unwrap_used, reason = "the helpers of a test may panic as its cases do")]

mod faults;
mod files;
mod host;
mod instance;
mod pool;
mod trial;

mod first;
mod matrix;
mod properties;
