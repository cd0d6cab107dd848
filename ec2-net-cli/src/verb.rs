//! The verbs, a file each.

pub(crate) mod heal;
pub(crate) mod hostname;
pub(crate) mod plan;
pub(crate) mod reconcile;
pub(crate) mod remove;
pub(crate) mod snapshot;
pub(crate) mod thaw;
