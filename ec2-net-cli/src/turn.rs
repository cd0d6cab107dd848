//! Whose turn it is to read the metadata.
//!
//! Runs that come at once would all read the same. One reads, and the others wait for it. Of those, the next one reads
//! everything and says so, and whoever had begun before that finds its work done.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::error::Error;
use crate::lock::try_lock;

/// The longest wait for another run's turn: what a turn takes when the metadata answers. When it does not, everybody
/// asks for himself, so that nobody waits for what another one waits for.
const PATIENCE: Duration = Duration::from_secs(2);

/// A turn, until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    /// Nothing if it has not come in time.
    file: Option<File>,
    came: Duration,
    /// When another run began to read everything, if this one has waited for it.
    others: Option<Duration>,
    asked: Duration,
    has_waited: bool,
}

impl Turn {
    /// Waits for the turn.
    pub(crate) fn take(path: &Path) -> Result<Self, Error> {
        let asked = now();
        let (mut file, has_waited) = match try_lock(path, Duration::ZERO)? {
            Some(file) => (Some(file), false),
            None => (try_lock(path, PATIENCE)?, true),
        };
        let others = file.as_mut().filter(|_| has_waited).and_then(read);
        Ok(Self { file, came: now(), others, asked, has_waited })
    }

    /// Whether other runs came at the same time, and may be waiting.
    pub(crate) fn is_busy(&self) -> bool {
        self.has_waited && self.file.is_some()
    }

    /// Whether another run has read everything since this one asked for the turn.
    pub(crate) fn was_taken_by_another(&self) -> bool {
        self.others.is_some_and(|began| began >= self.asked)
    }

    /// Tells the others that everything was read in this turn. It is a hint, and a run that goes without it reads once
    /// more.
    pub(crate) fn tell(&self) {
        let text = format!("{:020}\n", self.came.as_nanos());
        let file = self.file.as_ref().filter(|_| self.has_waited);
        let told = file.map(|file| file.write_all_at(text.as_bytes(), 0));
        if let Some(Err(error)) = told {
            log::debug!("cannot tell the other runs: {error}");
        }
    }
}

/// The time since boot.
fn now() -> Duration {
    Duration::try_from(clock_gettime(ClockId::Boottime)).unwrap_or_default()
}

fn read(file: &mut File) -> Option<Duration> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok().map(Duration::from_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(others: Option<u64>, asked: u64, expected: bool) {
        let (others, asked) = (others.map(Duration::from_nanos), Duration::from_nanos(asked));
        let turn = Turn { file: None, came: asked, others, asked, has_waited: true };
        assert_eq!(turn.was_taken_by_another(), expected);
    }

    #[test]
    fn what_was_read_before_a_run_began_is_no_answer_to_it() {
        check(None, 5, false);
        check(Some(4), 5, false);
        check(Some(5), 5, true);
        check(Some(6), 5, true);
    }

    #[test]
    fn only_who_has_waited_tells() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("turn");
        let first = Turn::take(&path).unwrap();
        assert!(!first.is_busy());
        first.tell();
        assert_eq!(path.metadata().unwrap().len(), 0, "a run that meets nobody writes nothing");
        let second = Turn { has_waited: true, ..first };
        assert!(second.is_busy());
        second.tell();
        assert_eq!(read(&mut File::open(&path).unwrap()), Some(second.came));
    }
}
