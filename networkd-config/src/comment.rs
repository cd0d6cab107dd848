//! A line of comment.

use std::fmt;

/// The most characters of a comment; systemd refuses a whole file for one line above a mebibyte.
const MAX_CHARS: usize = 1000;

/// One line of comment, without the `#`.
///
/// Any text makes one: each control character, line breaks among them, becomes a space, and what is beyond 1000
/// characters is cut off.
///
/// ```
/// # use networkd_config::Comment;
/// assert_eq!(Comment::new("one\n[Route]").to_string(), "# one [Route]");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Comment(String);

impl Comment {
    /// Creates a comment from any text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_CHARS).collect())
    }

    /// Returns the text without the `#`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads a line that begins with a comment's sign.
    pub(crate) fn from_line(line: &str) -> Option<Self> {
        let text = line.strip_prefix(['#', ';'])?;
        Some(Self::new(text.strip_prefix(' ').unwrap_or(text)))
    }
}

/// The whole line, without the line break.
impl fmt::Display for Comment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("#") } else { write!(f, "# {}", self.0) }
    }
}

impl From<&str> for Comment {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Comment {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, line: &str) {
        let comment = Comment::new(text);
        assert_eq!(comment.to_string(), line);
        assert_eq!(Comment::from_line(line), Some(comment));
    }

    #[test]
    fn texts() {
        check("made by hand", "# made by hand");
        check("  indented, ", "#   indented, ");
        check("#1", "# #1");
        check("a path \\", "# a path \\");
        check("für später", "# für später");
        check("", "#");
    }

    #[test]
    fn control_characters() {
        check("a\nb", "# a b");
        check("a\r\nb\0c\td\u{85}e", "# a  b c d e");
        check("\n", "#  ");
    }

    #[test]
    fn a_long_text() {
        check(&"é".repeat(1001), &format!("# {}", "é".repeat(1000)));
    }

    #[test]
    fn lines_as_others_write_them() {
        assert_eq!(Comment::from_line(";note"), Some(Comment::new("note")));
        assert_eq!(Comment::from_line("Table=1"), None);
    }
}
