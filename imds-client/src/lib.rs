#![doc = include_str!("../README.md")]

mod answer;
mod backoff;
mod client;
mod connector;
mod endpoint;
mod error;
mod metadata;
mod options;
mod session;
mod tree;

pub use answer::Answer;
pub use client::Client;
pub use endpoint::{Endpoint, InvalidEndpoint};
pub use error::{Error, ErrorKind};
pub use metadata::{Entry, Metadata};
pub use options::Options;
pub use tree::{InvalidTree, Tree};
