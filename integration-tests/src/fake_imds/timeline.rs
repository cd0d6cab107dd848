//! Changes of the tree over time: how a hotplugged interface appears bit by bit.

use std::io;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::Value;

use super::error::invalid;
use super::tree::{self, Tree};

/// The steps of a timeline and how far they have been taken.
#[derive(Default)]
pub(super) struct Timeline {
    steps: Vec<Step>,
    taken: usize,
    /// The moment it was started, and how far it was then said to be.
    started: Option<(Instant, Duration)>,
}

/// From `at_ms` on, the subtree of `mac` is `tree`; null means that the MAC is not listed.
#[derive(Deserialize)]
struct Step {
    at_ms: u64,
    mac: String,
    tree: Value,
}

impl Timeline {
    /// Reads the value of `timeline` in a scenario.
    pub(super) fn parse(value: Value) -> io::Result<Self> {
        let mut steps: Vec<Step> =
            serde_json::from_value(value).map_err(|error| invalid(format!("`timeline`: {error}")))?;
        steps.sort_by_key(|step| step.at_ms);
        for step in steps.iter().filter(|step| !step.tree.is_null()) {
            tree::check(&format!("timeline/{}/{}", step.at_ms, step.mac), &step.tree)?;
        }
        Ok(Self { steps, taken: 0, started: None })
    }

    /// Starts it, or starts it again.
    pub(super) fn start(&mut self, now: Instant, elapsed: Duration) -> io::Result<()> {
        if self.steps.is_empty() {
            return Err(invalid("the tree has no `timeline`"));
        }
        self.started = Some((now, elapsed));
        self.taken = 0;
        Ok(())
    }

    /// Takes the steps that are due. Before the start, these are the ones at 0.
    pub(super) fn advance(&mut self, tree: &mut Tree, now: Instant) {
        let elapsed = self
            .started
            .map_or(Duration::ZERO, |(start, elapsed)| elapsed + now.saturating_duration_since(start));
        while let Some(step) =
            self.steps.get(self.taken).filter(|step| Duration::from_millis(step.at_ms) <= elapsed)
        {
            let path = format!("network/interfaces/macs/{}", step.mac);
            // A test may itself have removed or replaced what the step would change.
            let _ = if step.tree.is_null() { tree.remove(&path) } else { tree.set(&path, step.tree.clone()) };
            self.taken += 1;
        }
    }
}
