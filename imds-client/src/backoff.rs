use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// Growing pauses between attempts, each shortened at random so that instances which failed together do not
/// come back together.
#[derive(Debug)]
pub(crate) struct Backoff {
    next: Duration,
}

impl Backoff {
    const FIRST: Duration = Duration::from_millis(50);
    const LONGEST: Duration = Duration::from_secs(1);

    pub(crate) fn new() -> Self {
        Self { next: Self::FIRST }
    }

    /// The next pause, between half of the current step and the whole.
    pub(crate) fn pause(&mut self) -> Duration {
        let step = self.next;
        self.next = (step * 2).min(Self::LONGEST);
        step / 2 + step / 2 * (random() % 1000) / 1000
    }
}

/// Every `RandomState` is seeded anew, which is as random as jitter needs.
fn random() -> u32 {
    let [high, low, ..] = RandomState::new().build_hasher().finish().to_ne_bytes();
    u32::from(u16::from_ne_bytes([high, low]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_limit_and_stay_within_their_step() {
        let mut backoff = Backoff::new();
        for step in [50, 100, 200, 400, 800, 1000, 1000] {
            let pause = backoff.pause();
            assert!(
                pause >= Duration::from_millis(step / 2) && pause <= Duration::from_millis(step),
                "{pause:?}"
            );
        }
    }
}
