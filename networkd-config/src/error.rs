//! Why a text is not a file of this crate.

use std::error::Error;
use std::fmt;

/// Why a text could not be read as a systemd.network(5) file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    line: usize,
    kind: ParseErrorKind,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// Occurs when a line is neither blank, a comment, a section's header nor `Key=Value`.
    Malformed {
        /// The line.
        text: String,
    },
    /// Occurs when a line other than a comment ends with a backslash, which joins it to the next.
    Continuation,
    /// Occurs when a key comes before the first section.
    OutsideSection {
        /// The key.
        key: String,
    },
    /// Occurs when a section is none of [`Section`](crate::Section)'s.
    UnknownSection {
        /// The name between the brackets.
        section: String,
    },
    /// Occurs when a section has a key that its type has no field for.
    UnknownKey {
        /// The name of the section.
        section: String,
        /// The key.
        key: String,
    },
    /// Occurs when a key that takes one value comes twice in a section.
    RepeatedKey {
        /// The key.
        key: &'static str,
    },
    /// Occurs when a section lacks a key that it is nothing without.
    MissingKey {
        /// The key.
        key: &'static str,
    },
    /// Occurs when a value is not one that the key takes.
    InvalidValue {
        /// The key.
        key: String,
        /// The value, or the word of it.
        value: String,
    },
}

impl ParseError {
    /// Returns the number of the line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Returns what is wrong with the line.
    pub fn kind(&self) -> &ParseErrorKind {
        &self.kind
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.kind)
    }
}

impl Error for ParseError {}

/// Texts from the file are escaped, so that a message is one line.
impl fmt::Display for ParseErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { text } => {
                write!(f, "`{}` is neither a section, a `Key=Value` nor a comment", text.escape_debug())
            }
            Self::Continuation => write!(f, "a line that goes on after a backslash is not supported"),
            Self::OutsideSection { key } => write!(f, "key `{}` before any section", key.escape_debug()),
            Self::UnknownSection { section } => write!(f, "unknown section `[{}]`", section.escape_debug()),
            Self::UnknownKey { section, key } => {
                write!(f, "unknown key `{}` in section `[{}]`", key.escape_debug(), section.escape_debug())
            }
            Self::RepeatedKey { key } => write!(f, "key `{key}` for the second time"),
            Self::MissingKey { key } => write!(f, "section without the key `{key}`"),
            Self::InvalidValue { key, value } => {
                write!(f, "invalid value `{}` of the key `{}`", value.escape_debug(), key.escape_debug())
            }
        }
    }
}

impl ParseErrorKind {
    pub(crate) fn at(self, line: usize) -> ParseError {
        ParseError { line, kind: self }
    }
}
