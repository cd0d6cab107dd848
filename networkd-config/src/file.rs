//! A whole file.

use std::fmt;
use std::str::FromStr;

use crate::comment::Comment;
use crate::error::ParseError;
use crate::raw::RawFile;
use crate::section::Section;

/// A `.network` file, or a drop-in of one.
///
/// Its [`Display`](fmt::Display) is the text of the file, and [`FromStr`] reads that text back: the same file comes
/// out. A file with neither comments nor sections is an empty text, which masks a file of the same name.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NetworkFile {
    /// The comments at the top.
    pub comments: Vec<Comment>,
    /// The sections, in this order; a name can come more than once.
    pub sections: Vec<Section>,
}

impl fmt::Display for NetworkFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for comment in &self.comments {
            writeln!(f, "{comment}")?;
        }
        for (index, section) in self.sections.iter().enumerate() {
            let separator = if index == 0 && self.comments.is_empty() { "" } else { "\n" };
            write!(f, "{separator}{section}")?;
        }
        Ok(())
    }
}

/// Unknown sections and keys are errors; comments after the first section's header are dropped.
impl FromStr for NetworkFile {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let raw = RawFile::parse(text)?;
        let sections = raw.sections.iter().map(Section::read).collect::<Result<_, _>>()?;
        Ok(Self { comments: raw.comments, sections })
    }
}
