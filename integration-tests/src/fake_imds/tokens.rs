//! The tokens of IMDSv2.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, Instant};

/// Above this many tokens the expired ones are forgotten.
const MANY: usize = 1024;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The tokens issued, with the end of their lives.
#[derive(Default)]
pub(super) struct Tokens(HashMap<String, Instant>);

impl Tokens {
    pub(super) fn issue(&mut self, ttl: Duration, now: Instant) -> String {
        if self.0.len() >= MANY {
            self.0.retain(|_, end| *end > now);
        }
        let token = random_token();
        self.0.insert(token.clone(), now + ttl);
        token
    }

    /// The seconds that a token still lives, rounded up; `None` when it is unknown or dead.
    pub(super) fn seconds_left(&self, token: &str, now: Instant) -> Option<u64> {
        let left = self.0.get(token)?.checked_duration_since(now).filter(|left| !left.is_zero())?;
        Some(left.as_secs() + u64::from(left.subsec_nanos() > 0))
    }

    pub(super) fn expire(&mut self) {
        self.0.clear();
    }
}

/// As long and of the same characters as a real one: 40 bytes in URL-safe Base64.
fn random_token() -> String {
    let mut token = String::from("AQAEA");
    while token.len() < 54 {
        let mut bits = RandomState::new().build_hasher().finish();
        for _ in 0..7 {
            token.push(char::from(ALPHABET[(bits & 63) as usize]));
            bits >>= 6;
        }
    }
    token.truncate(54);
    token.push_str("==");
    token
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_dies_exactly_at_its_end() {
        let (mut tokens, now) = (Tokens::default(), Instant::now());
        let token = tokens.issue(Duration::from_secs(2), now);
        assert_eq!(token.len(), 56);
        assert_eq!(tokens.seconds_left(&token, now), Some(2));
        assert_eq!(tokens.seconds_left(&token, now + Duration::from_millis(1001)), Some(1));
        assert_eq!(tokens.seconds_left(&token, now + Duration::from_secs(2)), None);
        assert_eq!(tokens.seconds_left("", now), None);
    }

    #[test]
    fn dead_tokens_are_forgotten_and_live_ones_are_not() {
        let (mut tokens, now) = (Tokens::default(), Instant::now());
        let lasting = tokens.issue(Duration::from_secs(21600), now);
        for _ in 0..MANY {
            tokens.issue(Duration::from_secs(1), now);
        }
        let later = now + Duration::from_secs(5);
        tokens.issue(Duration::from_secs(1), later);
        assert!(tokens.0.len() < 4, "{} tokens", tokens.0.len());
        assert!(tokens.seconds_left(&lasting, later).is_some());
    }
}
