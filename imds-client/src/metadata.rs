use std::fmt::Display;
use std::str::FromStr;

use crate::{Answer, Client, Error, ErrorKind, Tree};

/// The largest value taken, in bytes.
const VALUE_LIMIT: u64 = 64 * 1024;
/// The largest index taken, in bytes.
const INDEX_LIMIT: u64 = 1024 * 1024;

/// The longest name of a key, in bytes. Real ones have at most some 40.
const MAX_NAME: usize = 255;

/// A metadata tree to read from: the service, or a JSON file of a whole tree.
#[derive(Debug)]
pub struct Metadata {
    source: Source,
}

#[derive(Debug)]
enum Source {
    Service(Box<Client>),
    Tree(Tree),
}

/// A line of a directory's index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The name, without the slash that marks a directory.
    pub name: String,
    /// Whether it is a directory.
    pub is_directory: bool,
}

impl From<Client> for Metadata {
    fn from(client: Client) -> Self {
        Self { source: Source::Service(Box::new(client)) }
    }
}

impl From<Tree> for Metadata {
    fn from(tree: Tree) -> Self {
        Self { source: Source::Tree(tree) }
    }
}

impl Metadata {
    /// Reads a value of one line.
    pub fn get<T: FromStr<Err: Display>>(&mut self, key: &str) -> Result<Answer<T>, Error> {
        self.text(key)?.try_map(|text| {
            if text.contains('\n') {
                return Err(Error::malformed(key, &text, "more than one line"));
            }
            parse(key, &text)
        })
    }

    /// Reads a value of one line that every instance has.
    pub fn require<T: FromStr<Err: Display>>(&mut self, key: &str) -> Result<T, Error> {
        self.get(key)?.value().ok_or_else(|| Error::new(key, ErrorKind::Missing))
    }

    /// Reads a value of one item a line. Blank lines are no items.
    pub fn list<T: FromStr<Err: Display>>(&mut self, key: &str) -> Result<Answer<Vec<T>>, Error> {
        self.text(key)?.try_map(|text| items(&text).map(|line| parse(key, line)).collect())
    }

    /// Reads a value as it is, without the line break at its end.
    pub fn text(&mut self, key: &str) -> Result<Answer<String>, Error> {
        self.fetch(key, VALUE_LIMIT)
    }

    /// Reads the index of a directory, whose key ends with a slash.
    pub fn index(&mut self, key: &str) -> Result<Answer<Vec<Entry>>, Error> {
        self.fetch(key, INDEX_LIMIT)?.try_map(|text| items(&text).map(|line| parse(key, line)).collect())
    }

    /// Reads the index of a directory that every instance has.
    pub fn require_index(&mut self, key: &str) -> Result<Vec<Entry>, Error> {
        self.index(key)?.value().ok_or_else(|| Error::new(key, ErrorKind::Missing))
    }

    /// The interface that the service was reached by, unless the routing table led to it.
    pub fn interface(&self) -> Option<&str> {
        match &self.source {
            Source::Service(client) => client.interface(),
            Source::Tree(_) => None,
        }
    }

    fn fetch(&mut self, key: &str, limit: u64) -> Result<Answer<String>, Error> {
        let body = match &mut self.source {
            Source::Service(client) => client.fetch(key, limit)?,
            Source::Tree(tree) => tree.fetch(key),
        };
        Ok(match body {
            None => Answer::Absent,
            Some(body) => match body.trim_end_matches(['\n', '\r']) {
                "" => Answer::Empty,
                text => Answer::Value(text.to_owned()),
            },
        })
    }
}

impl FromStr for Entry {
    type Err = &'static str;

    /// A name is what the service uses in its own paths, so that an error page is not taken for an index.
    fn from_str(line: &str) -> Result<Self, Self::Err> {
        let name = line.strip_suffix('/').unwrap_or(line);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:=@+,".contains(&byte);
        if !(1..=MAX_NAME).contains(&name.len()) || !name.bytes().all(plain) {
            return Err("not the name of a key");
        }
        Ok(Self { name: name.to_owned(), is_directory: name.len() < line.len() })
    }
}

fn items(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.is_empty())
}

fn parse<T: FromStr<Err: Display>>(key: &str, text: &str) -> Result<T, Error> {
    text.parse().map_err(|reason| Error::malformed(key, text, reason))
}
