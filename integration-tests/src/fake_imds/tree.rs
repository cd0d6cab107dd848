//! The tree under `/latest/meta-data/`.

use std::fmt::Write as _;
use std::io;

use serde_json::{Map, Value};

use super::error::invalid;

/// A tree of which every node is a string (one value), a list of strings (its lines) or an object (a directory).
#[derive(Default)]
pub(super) struct Tree(Map<String, Value>);

/// What is found at a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// A value, as it is sent.
    Leaf(String),
    /// A directory, with its index as it is sent.
    Directory(String),
}

impl Tree {
    pub(super) fn new(root: Map<String, Value>) -> io::Result<Self> {
        check_directory("", &root)?;
        Ok(Self(root))
    }

    /// What is at `path`, which has no slash at its end; the empty path is the root.
    pub(super) fn find(&self, path: &str) -> Option<Node> {
        if path.is_empty() {
            return Some(Node::Directory(index(&self.0)));
        }
        let (parent, name) = split(path);
        Some(match self.directory(parent)?.get(name)? {
            Value::Object(children) => Node::Directory(index(children)),
            Value::Array(lines) => {
                Node::Leaf(lines.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n"))
            }
            value => Node::Leaf(value.as_str().unwrap_or_default().to_owned()),
        })
    }

    /// Sets the node at `path` and makes the directories above it.
    pub(super) fn set(&mut self, path: &str, value: Value) -> io::Result<()> {
        let path = named(path)?;
        check(path, &value)?;
        let (parent, name) = split(path);
        check_name("", name)?;
        let mut directory = &mut self.0;
        for segment in parent.split('/').filter(|_| !parent.is_empty()) {
            check_name("", segment)?;
            let child = directory.entry(segment).or_insert_with(|| Value::Object(Map::new()));
            directory = child
                .as_object_mut()
                .ok_or_else(|| invalid(format!("`{segment}` in `{path}` is a value, not a directory")))?;
        }
        directory.insert(name.to_owned(), value);
        Ok(())
    }

    pub(super) fn remove(&mut self, path: &str) -> io::Result<()> {
        let path = named(path)?;
        let (parent, name) = split(path);
        let mut directory = Some(&mut self.0);
        for segment in parent.split('/').filter(|_| !parent.is_empty()) {
            directory = directory.and_then(|map| map.get_mut(segment)).and_then(Value::as_object_mut);
        }
        match directory.and_then(|map| map.remove(name)) {
            Some(_) => Ok(()),
            None => Err(invalid(format!("there is no `{path}`"))),
        }
    }

    fn directory(&self, path: &str) -> Option<&Map<String, Value>> {
        path.split('/')
            .filter(|_| !path.is_empty())
            .try_fold(&self.0, |map, segment| map.get(segment)?.as_object())
    }
}

/// Checks that `value` can be served; `path` is for the message.
pub(super) fn check(path: &str, value: &Value) -> io::Result<()> {
    match value {
        Value::String(_) => Ok(()),
        Value::Array(lines) if lines.iter().all(Value::is_string) => Ok(()),
        Value::Object(children) => check_directory(path, children),
        other => {
            Err(invalid(format!("`{path}` is neither a string, a list of strings nor an object: {other}")))
        }
    }
}

fn check_directory(path: &str, children: &Map<String, Value>) -> io::Result<()> {
    children.iter().try_for_each(|(name, child)| {
        check_name(path, name)?;
        let path = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
        check(&path, child)
    })
}

fn check_name(path: &str, name: &str) -> io::Result<()> {
    if name.is_empty() || name.contains(['/', '\n', '\r', ' ']) {
        return Err(invalid(format!("`{name}` in `{path}/` cannot be the name of a key")));
    }
    Ok(())
}

fn named(path: &str) -> io::Result<&str> {
    Some(path.trim_matches('/'))
        .filter(|path| !path.is_empty())
        .ok_or_else(|| invalid("the path names no key"))
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// The order is made here, because `serde_json` keeps it only without its feature `preserve_order`.
fn index(children: &Map<String, Value>) -> String {
    let mut children = children.iter().collect::<Vec<_>>();
    children.sort_unstable_by_key(|(name, _)| *name);
    let mut index = String::new();
    for (name, child) in children {
        let separator = if index.is_empty() { "" } else { "\n" };
        let slash = if child.is_object() { "/" } else { "" };
        let _ = write!(index, "{separator}{name}{slash}");
    }
    index
}

#[cfg(test)]
#[path = "tree_tests.rs"]
mod tests;
