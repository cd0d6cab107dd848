//! The fake metadata service, asked over raw sockets so that every byte is seen.

#![allow(clippy::unwrap_used, reason = "the helpers of a test may panic as its cases do")]

mod binary;
mod client;
mod control;
mod faults;
mod lifecycle;
mod protocol;
mod settings;
mod timeline;
mod tree;
