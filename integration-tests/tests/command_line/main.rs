//! The command line as a person, a unit or a script meets it: options, exit statuses, and what is printed where.

#![allow(clippy::panic, clippy::unwrap_used, reason = "the helpers of a test may panic as its cases do")]

#[path = "../scenarios/host.rs"]
mod host;
#[path = "../scenarios/trees.rs"]
mod trees;

mod configuration;
mod foreign_files;
mod front_ends;
mod hostname;
mod leftovers;
mod logging;
mod metadata;
mod output;
mod plan_text;
mod remove;
mod snapshot;
mod statuses;
mod thaw;
mod usage;
