//! A shell-style glob.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use crate::interface_name::{InterfaceName, is_name_byte};
use crate::value::Value;

/// The most bytes of a pattern: an alternative name's, the kernel's `ALTIFNAMSIZ` less the NUL.
const MAX_BYTES: usize = 127;

/// A shell-style glob for names of links or drivers, such as `ens*`.
///
/// It is 1 to 127 of the characters of an [`InterfaceName`] and `*?[]!`; the first is not `!`, which would invert
/// the whole list it stands in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern(String);

/// Occurs when a text is not a [`Pattern`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidPattern(String);

impl Pattern {
    /// Returns the pattern as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Pattern {
    type Err = InvalidPattern;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_valid = (1..=MAX_BYTES).contains(&text.len())
            && !text.starts_with('!')
            && text.bytes().all(|byte| is_name_byte(byte) || b"*?[]!".contains(&byte));
        if is_valid { Ok(Self(text.to_owned())) } else { Err(InvalidPattern(text.to_owned())) }
    }
}

/// The pattern that matches this name alone.
impl From<InterfaceName> for Pattern {
    fn from(name: InterfaceName) -> Self {
        Self(name.to_string())
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Display for InvalidPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a pattern for names", self.0.escape_debug())
    }
}

impl Error for InvalidPattern {}

impl Value for Pattern {
    fn render(&self) -> String {
        self.0.clone()
    }

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, is_valid: bool) {
        match text.parse::<Pattern>() {
            Ok(pattern) => {
                assert!(is_valid, "{text:?} was taken");
                assert_eq!(pattern.to_string(), text);
            }
            Err(error) => {
                assert!(!is_valid, "{text:?} was refused");
                assert_eq!(
                    error.to_string(),
                    format!("`{}` is not a pattern for names", text.escape_debug())
                );
            }
        }
    }

    #[test]
    fn patterns() {
        check("*", true);
        check("ens*", true);
        check("ens[!0-4]?", true);
        check("virtio_net", true);
        check(&"x".repeat(127), true);
    }

    #[test]
    fn what_is_no_pattern() {
        check("", false);
        check("!ens*", false);
        check("ens5 ens6", false);
        check("ens*\nName=*", false);
        check("ens\\*", false);
        check("\"ens5\"", false);
        check(&"x".repeat(128), false);
    }
}
