//! Metadata in, plan and files out: the scenarios of the folder, and those that it does not have.

#![allow(clippy::panic, clippy::unwrap_used, reason = "the helpers of a test may panic as its cases do")]

mod host;
mod instance;
mod oracle;
mod trees;

mod changes;
mod enis_gone;
mod files_oracle;
mod folder;
mod generated;
mod golden;
mod idempotence;
mod kept;
mod properties;
mod refused;
mod spellings;
