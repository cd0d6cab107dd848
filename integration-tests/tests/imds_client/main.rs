//! The client against a service that fails on demand. What reproduces a report of a user has its number in front.

#![allow(clippy::panic, clippy::unwrap_used, reason = "the helpers of a test may panic as its cases do")]

mod fixture;
mod wire;

mod answers;
mod bodies;
mod connections;
mod deadlines;
mod http;
mod messages;
mod proxy;
mod retries;
mod tokens;
mod tree;
mod ways;
