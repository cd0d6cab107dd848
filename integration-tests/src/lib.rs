//! Test support.

pub mod cloud;
pub mod fake_imds;
pub mod fixture;
pub mod program;
pub mod testbed;
