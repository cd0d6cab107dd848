use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde_json::{Map, Value};

/// A whole metadata tree as JSON: a string is a value, a list is a value of several lines, an object is a
/// directory, and what is not there is absent.
///
/// A clone is cheap. The top-level keys `source` and `timeline` describe the file and are no part of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree(Arc<Map<String, Value>>);

/// A text that is not a metadata tree.
#[derive(Debug)]
pub struct InvalidTree(String);

impl Tree {
    const NOT_METADATA: [&'static str; 2] = ["source", "timeline"];

    pub(crate) fn fetch(&self, key: &str) -> Option<String> {
        let path = key.strip_suffix('/').unwrap_or(key);
        let mut names = path.split('/').filter(|name| !name.is_empty());
        let Some(first) = names.next() else { return Some(index(&self.0)) };
        let value = names.try_fold(self.0.get(first)?, |value, name| value.get(name))?;
        match value {
            Value::Object(directory) => Some(index(directory)),
            _ if path.len() < key.len() => None,
            Value::Array(lines) => Some(lines.iter().map(line).collect::<Vec<_>>().join("\n")),
            value => Some(line(value)),
        }
    }
}

impl FromStr for Tree {
    type Err = InvalidTree;

    fn from_str(json: &str) -> Result<Self, InvalidTree> {
        let value: Value = serde_json::from_str(json).map_err(|error| InvalidTree(error.to_string()))?;
        let Value::Object(mut tree) = value else { return Err(InvalidTree("not a JSON object".to_owned())) };
        tree.retain(|name, _| !Self::NOT_METADATA.contains(&name.as_str()));
        for (name, value) in &tree {
            check(name, value)?;
        }
        Ok(Self(Arc::new(tree)))
    }
}

fn check(path: &str, value: &Value) -> Result<(), InvalidTree> {
    let is_line = |value: &Value| matches!(value, Value::String(_) | Value::Number(_));
    match value {
        Value::Object(directory) => {
            directory.iter().try_for_each(|(name, value)| check(&format!("{path}/{name}"), value))
        }
        Value::Array(lines) if lines.iter().all(is_line) => Ok(()),
        value if is_line(value) => Ok(()),
        _ => Err(InvalidTree(format!("`{path}` is no string, list of strings or object"))),
    }
}

fn index(directory: &Map<String, Value>) -> String {
    let entry =
        |(name, value): (&String, &Value)| if value.is_object() { format!("{name}/") } else { name.clone() };
    directory.iter().map(entry).collect::<Vec<_>>().join("\n")
}

fn line(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl fmt::Display for InvalidTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a metadata tree: {}", self.0)
    }
}

impl std::error::Error for InvalidTree {}
