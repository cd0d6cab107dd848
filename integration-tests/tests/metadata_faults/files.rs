//! What is on disk, to the last bit that tells a file that was touched from one that was not.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::instance::Eni;

/// Everything below a root directory but the lock, by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Files(BTreeMap<String, File>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct File {
    content: Content,
    /// The inode, the mode, and the time of the last change in seconds and nanoseconds.
    stamp: (u64, u32, i64, i64),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Directory,
    Link(String),
    Text(String),
}

impl Files {
    pub(crate) fn read(root: &Path) -> Self {
        let mut files = Self::default();
        files.add(root, root);
        files
    }

    /// The files and the directory of one ENI, in both trees.
    pub(crate) fn of(&self, eni: Eni) -> Self {
        let name = format!("/70-{}.network", eni.name);
        let own = self.0.iter().filter(|(path, _)| path.contains(&name));
        Self(own.map(|(path, file)| (path.clone(), file.clone())).collect())
    }

    /// Without the stamps: what would be the same on another host.
    pub(crate) fn contents(&self) -> BTreeMap<&str, &Content> {
        self.0.iter().map(|(path, file)| (path.as_str(), &file.content)).collect()
    }

    /// The files that are no directories and no links, with their texts.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(|(path, file)| match &file.content {
            Content::Text(text) => Some((path.as_str(), text.as_str())),
            _ => None,
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The paths that are not the same in both.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let paths = self.0.keys().chain(other.0.keys().filter(|path| !self.0.contains_key(*path)));
        paths.filter(|path| self.0.get(*path) != other.0.get(*path)).cloned().collect()
    }

    /// Whether a text is anywhere, in a name or in a file.
    pub(crate) fn contain(&self, text: &str) -> bool {
        let is_in = |content: &Content| match content {
            Content::Directory => false,
            Content::Link(content) | Content::Text(content) => content.contains(text),
        };
        self.0.iter().any(|(path, file)| path.contains(text) || is_in(&file.content))
    }

    fn add(&mut self, root: &Path, directory: &Path) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let metadata = fs::symlink_metadata(&path).unwrap();
            let content = if metadata.is_dir() {
                self.add(root, &path);
                Content::Directory
            } else if metadata.is_symlink() {
                Content::Link(fs::read_link(&path).unwrap().to_str().unwrap().to_owned())
            } else {
                Content::Text(fs::read_to_string(&path).unwrap())
            };
            let name = format!("/{}", path.strip_prefix(root).unwrap().display());
            if name != "/run/ec2-net/lock" {
                self.0.insert(name, File { content, stamp: stamp(&metadata) });
            }
        }
    }
}

fn stamp(metadata: &Metadata) -> (u64, u32, i64, i64) {
    (metadata.ino(), metadata.mode(), metadata.mtime(), metadata.mtime_nsec())
}
