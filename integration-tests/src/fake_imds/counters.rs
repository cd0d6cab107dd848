//! What the service was asked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What the service was asked since it started or since the counters were reset, whatever it answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Requests by path.
    pub requests: BTreeMap<String, u64>,
    /// All requests, those for a token too.
    pub total: u64,
    /// Connections accepted.
    pub connections: u64,
    /// Tokens issued.
    pub tokens: u64,
}

impl Counters {
    /// The requests for exactly this path; an index has a slash at the end.
    pub fn of(&self, path: &str) -> u64 {
        self.requests.get(path).copied().unwrap_or_default()
    }

    pub(super) fn count(&mut self, path: String) {
        *self.requests.entry(path).or_default() += 1;
        self.total += 1;
    }
}
