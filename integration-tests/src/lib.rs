//! Test support.

pub mod fake_imds;
pub mod testbed;
