//! Which fault a request meets.

use std::collections::{BTreeMap, VecDeque};

use super::fault::Fault;
use super::path::key;

/// The faults by the paths they were set on, without a slash at the end.
#[derive(Default)]
pub(super) struct Faults(BTreeMap<String, Queue>);

/// The faults of one path: those with a count, then the one that stays.
#[derive(Default)]
struct Queue {
    counted: VecDeque<Fault>,
    standing: Option<Fault>,
}

impl Faults {
    pub(super) fn add(&mut self, path: &str, fault: Fault) {
        let queue = self.0.entry(trimmed(&key(path)).to_owned()).or_default();
        match fault.times {
            Some(0) => {}
            Some(_) => queue.counted.push_back(fault),
            None => queue.standing = Some(fault),
        }
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The fault that a request for `path` meets, which uses up one of its times. `authorized` says whether
    /// it has come past the check of the token.
    pub(super) fn take(&mut self, path: &str, authorized: bool) -> Option<Fault> {
        let path = trimmed(path);
        let mut matching = self
            .0
            .iter_mut()
            .filter_map(|(pattern, queue)| Some((precision(pattern, path)?, queue)))
            .collect::<Vec<_>>();
        matching.sort_by_key(|(precision, _)| std::cmp::Reverse(*precision));
        matching.into_iter().find_map(|(_, queue)| queue.take(authorized))
    }
}

impl Queue {
    fn take(&mut self, authorized: bool) -> Option<Fault> {
        let meets = |fault: &&mut Fault| authorized || !fault.needs_token();
        let Some(first) = self.counted.front_mut() else {
            return self.standing.as_mut().filter(meets).cloned();
        };
        let fault = Some(first).filter(meets)?;
        let left = fault.times.map_or(0, |times| times.saturating_sub(1));
        let met = fault.clone();
        fault.times = Some(left);
        if left == 0 {
            self.counted.pop_front();
        }
        Some(met)
    }
}

/// How precisely `pattern` names `path`, if it does: an exact name goes before any prefix.
fn precision(pattern: &str, path: &str) -> Option<usize> {
    match pattern.strip_suffix('*') {
        // `network/*` stands for the index of `network` too, whose slash is cut here.
        Some(prefix) => (path.starts_with(prefix) || trimmed(prefix) == path).then_some(prefix.len()),
        None => (pattern == path).then_some(usize::MAX),
    }
}

fn trimmed(path: &str) -> &str {
    path.trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::super::path::{ROOT_PATH, TOKEN_PATH};
    use super::*;

    fn faults(faults: &[(&str, Fault)]) -> Faults {
        let mut table = Faults::default();
        for (path, fault) in faults {
            table.add(path, fault.clone());
        }
        table
    }

    #[track_caller]
    fn check(faults: &mut Faults, path: &str, expected: Option<Fault>) {
        assert_eq!(faults.take(path, true).map(|fault| fault.kind), expected.map(|fault| fault.kind));
    }

    #[test]
    fn counted_ones_come_first_and_the_newest_other_stays() {
        let mut faults = faults(&[
            ("mac", Fault::status(500)),
            ("mac", Fault::status(401).times(1)),
            ("mac", Fault::status(404)),
            ("mac", Fault::status(503).times(2)),
        ]);
        for status in [401, 503, 503, 404, 404] {
            check(&mut faults, "mac", Some(Fault::status(status)));
        }
        check(&mut faults, "mac/", Some(Fault::status(404)));
        check(&mut faults, "macs", None);
    }

    #[test]
    fn the_most_precise_path_wins() {
        let mut faults = faults(&[
            ("*", Fault::status(500)),
            ("network/*", Fault::status(501)),
            ("network/interfaces/macs/*", Fault::status(502)),
            ("network/interfaces/macs/a/b", Fault::status(503).times(1)),
        ]);
        check(&mut faults, "network/interfaces/macs/a/b", Some(Fault::status(503)));
        check(&mut faults, "network/interfaces/macs/a/b", Some(Fault::status(502)));
        check(&mut faults, "network/interfaces/macs/", Some(Fault::status(502)));
        check(&mut faults, "network/", Some(Fault::status(501)));
        check(&mut faults, "mac", Some(Fault::status(500)));
        check(&mut faults, TOKEN_PATH, Some(Fault::status(500)));
        check(&mut faults, ROOT_PATH, Some(Fault::status(500)));
    }

    #[test]
    fn a_wrong_body_waits_for_a_valid_token() {
        let mut faults = faults(&[("mac", Fault::body("x").times(1))]);
        assert_eq!(faults.take("mac", false), None);
        check(&mut faults, "mac", Some(Fault::body("x")));
        check(&mut faults, "mac", None);
    }
}
