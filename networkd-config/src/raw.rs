//! The syntax of a file, whatever its sections and keys mean.

use crate::comment::Comment;
use crate::error::{ParseError, ParseErrorKind};

/// A file as comments, sections, keys and values, none of them interpreted.
///
/// It follows systemd.syntax(7), but for lines joined by a backslash, which it refuses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawFile<'a> {
    /// The comments before the first section; later ones are dropped.
    pub comments: Vec<Comment>,
    /// The sections in the order of the file.
    pub sections: Vec<RawSection<'a>>,
}

/// A section of a [`RawFile`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawSection<'a> {
    /// The number of the header's line, from 1.
    pub line: usize,
    /// The name between the brackets.
    pub name: &'a str,
    /// The keys in the order of the file.
    pub entries: Vec<RawEntry<'a>>,
}

/// A `Key=Value` line of a [`RawSection`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawEntry<'a> {
    /// The number of the line, from 1.
    pub line: usize,
    /// What is before the first `=`, without white space around it.
    pub key: &'a str,
    /// What is after the first `=`, without white space around it.
    pub value: &'a str,
}

impl<'a> RawFile<'a> {
    /// Reads a file.
    pub fn parse(text: &'a str) -> Result<Self, ParseError> {
        let mut file = Self::default();
        for (index, line) in text.lines().enumerate() {
            file.add_line(index + 1, line)?;
        }
        Ok(file)
    }

    fn add_line(&mut self, number: usize, line: &'a str) -> Result<(), ParseError> {
        let trimmed = line.trim_ascii();
        if let Some(comment) = Comment::from_line(line.trim_ascii_start()) {
            if self.sections.is_empty() {
                self.comments.push(comment);
            }
        } else if trimmed.ends_with('\\') {
            return Err(ParseErrorKind::Continuation.at(number));
        } else if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            self.sections.push(RawSection { line: number, name, entries: Vec::new() });
        } else if let Some((key, value)) = trimmed.split_once('=') {
            let (key, value) = (key.trim_ascii_end(), value.trim_ascii_start());
            let Some(section) = self.sections.last_mut() else {
                return Err(ParseErrorKind::OutsideSection { key: key.to_owned() }.at(number));
            };
            section.entries.push(RawEntry { line: number, key, value });
        } else if !trimmed.is_empty() {
            return Err(ParseErrorKind::Malformed { text: trimmed.to_owned() }.at(number));
        }
        Ok(())
    }
}
