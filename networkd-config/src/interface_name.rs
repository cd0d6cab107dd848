//! The name of a link.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use crate::value::Value;

/// The most bytes of a name: the kernel's `IFNAMSIZ` less the NUL.
const MAX_BYTES: usize = 15;

/// The name of a link, such as `ens5`, that is safe in file names and in values.
///
/// It is 1 to 15 printable ASCII characters, and neither `.` nor `..`. It has no white space, `/` or `:`, as the
/// kernel's `dev_valid_name` demands, no `%`, as systemd demands, and none of `*?[]!\"'`, which have a meaning in
/// [patterns](crate::Pattern) or in systemd's lists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InterfaceName(String);

/// Occurs when a text is not an [`InterfaceName`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidInterfaceName(String);

impl InterfaceName {
    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for InterfaceName {
    type Err = InvalidInterfaceName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_valid = (1..=MAX_BYTES).contains(&text.len())
            && text != "."
            && text != ".."
            && text.bytes().all(is_name_byte);
        if is_valid { Ok(Self(text.to_owned())) } else { Err(InvalidInterfaceName(text.to_owned())) }
    }
}

impl fmt::Display for InterfaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for InterfaceName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for InvalidInterfaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not the name of a network interface", self.0.escape_debug())
    }
}

impl Error for InvalidInterfaceName {}

impl Value for InterfaceName {
    fn render(&self) -> String {
        self.0.clone()
    }

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// Tells whether a name can have this byte; a pattern can have a few more.
pub(crate) fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"/:%*?[]!\\\"'".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, is_valid: bool) {
        match text.parse::<InterfaceName>() {
            Ok(name) => {
                assert!(is_valid, "{text:?} was taken");
                assert_eq!(name.to_string(), text);
            }
            Err(error) => {
                assert!(!is_valid, "{text:?} was refused");
                let escaped = text.escape_debug();
                assert_eq!(error.to_string(), format!("`{escaped}` is not the name of a network interface"));
            }
        }
    }

    #[test]
    fn names_of_links() {
        check("ens5", true);
        check("eth0.100", true);
        check("br-0a1b2c3d4e5f", true);
        check("wg_0@x+~#$", true);
        check("...", true);
        check("-", true);
    }

    #[test]
    fn length_in_bytes() {
        check("", false);
        check("123456789012345", true);
        check("1234567890123456", false);
    }

    #[test]
    fn names_of_directories() {
        check(".", false);
        check("..", false);
        check("../etc", false);
    }

    #[test]
    fn what_ends_a_word_or_line() {
        check("ens5 ens6", false);
        check("ens5\n[Route]", false);
        check("ens5\r", false);
        check("ens5\0", false);
        check("ens5\u{7f}", false);
    }

    #[test]
    fn what_means_something_else() {
        for byte in b"/:%*?[]!\\\"'" {
            check(&format!("a{}b", char::from(*byte)), false);
        }
    }

    #[test]
    fn what_is_not_ascii() {
        check("éth0", false);
        check("eth\u{2028}0", false);
    }
}
