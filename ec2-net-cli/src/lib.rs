#![doc = include_str!("../README.md")]

mod cli;
mod context;
mod error;
mod logging;
mod verb;

mod apply;
mod base;
mod claim;
mod command;
mod config;
mod crawl;
mod decision;
mod disk;
mod facts;
mod kernel;
mod link;
mod lock;
mod memo;
mod netlink;
mod netlink_messages;
mod observe;
mod pass;
mod paths;
mod plan_text;
mod record;
mod render;
mod report;
mod tree;
mod turn;
mod values;

pub use cli::{ec2_net, set_hostname_imds, setup_policy_routes};

// What `examples/documents` makes man pages and completions of.
pub use cli::commands;
pub use config::{KEYS, Key};
