//! Trees of network files: what is in a directory, what should be, and the difference.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown, symlink};
use std::path::{Path, PathBuf};

use networkd_config::{FileName, InterfaceName};
use tempfile::NamedTempFile;

/// The number that our file names begin with.
const NUMBER: u8 = 70;
/// The drop-ins that are ours. Others may lie beside them.
pub(crate) const DROP_INS: [&str; 4] =
    ["ec2net_alias.conf", "ec2net_policy_4.conf", "ec2net_policy_6.conf", "eni.conf"];
/// How the links to the base file's drop-ins begin: they come after `eni.conf`, so that the administrator's word counts.
pub(crate) const BASE_DROP_IN: &str = "eni_base_";
/// How the temporary files begin that a killed run may leave.
const TEMPORARY: &str = ".ec2-net.";

/// What a path holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// A file with this text.
    Text(String),
    /// A symbolic link to this path.
    Link(PathBuf),
    /// Something else, which is not ours.
    Other,
}

/// The files of one ENI by their path in the directory. The link is first in order and the drop-ins follow.
pub(crate) type Files = BTreeMap<PathBuf, Content>;

/// The files of all ENIs in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tree {
    pub(crate) directory: PathBuf,
    pub(crate) links: BTreeMap<InterfaceName, Files>,
}

/// A path that is to hold something else; `None` is nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change<'a> {
    pub(crate) path: &'a Path,
    pub(crate) before: Option<&'a Content>,
    pub(crate) after: Option<&'a Content>,
}

impl Change<'_> {
    /// Whether it is about symbolic links alone.
    pub(crate) fn is_of_link(&self) -> bool {
        let is_link =
            |content: Option<&Content>| content.is_none_or(|content| matches!(content, Content::Link(_)));
        is_link(self.before) && is_link(self.after)
    }
}

/// The path of a link's file, which makes networkd use its drop-ins.
pub(crate) fn main_path(interface: &InterfaceName) -> PathBuf {
    FileName::new::<NUMBER>(interface.clone()).to_string().into()
}

/// The path of one of a link's drop-ins.
pub(crate) fn drop_in_path(interface: &InterfaceName, name: &str) -> PathBuf {
    Path::new(&FileName::new::<NUMBER>(interface.clone()).drop_in_directory()).join(name)
}

impl Tree {
    /// Reads the files under our names. A directory that does not exist is empty.
    pub(crate) fn read(directory: PathBuf) -> io::Result<Self> {
        let mut links = BTreeMap::new();
        for name in file_names(&directory)? {
            let Ok(name) = name.strip_suffix(".d").unwrap_or(&name).parse::<FileName>() else { continue };
            if name.number() != NUMBER || links.contains_key(name.interface()) {
                continue;
            }
            let interface = name.interface();
            let mut paths: Vec<PathBuf> =
                DROP_INS.iter().map(|drop_in| drop_in_path(interface, drop_in)).collect();
            let of_base = file_names(&directory.join(name.drop_in_directory()))?;
            let of_base = of_base.iter().filter(|name| name.starts_with(BASE_DROP_IN));
            paths.extend(of_base.map(|name| drop_in_path(interface, name)));
            paths.push(main_path(interface));
            let mut files = Files::new();
            for path in paths {
                if let Some(content) = read_content(&directory.join(&path))? {
                    files.insert(path, content);
                }
            }
            links.insert(interface.clone(), files);
        }
        Ok(Self { directory, links })
    }

    /// The files of one link; none if there is nothing.
    pub(crate) fn files(&self, interface: &InterfaceName) -> &Files {
        static NONE: Files = Files::new();
        self.links.get(interface).unwrap_or(&NONE)
    }

    /// Makes the files of one link what they should be. Files that are the same are not touched.
    pub(crate) fn write(&mut self, interface: &InterfaceName, files: Files) -> io::Result<()> {
        write(&self.directory, &difference(self.files(interface), &files))?;
        self.links.insert(interface.clone(), files);
        Ok(())
    }

    /// Removes the temporary files that killed runs left. Only whoever has the lock may call it.
    pub(crate) fn sweep(&self) -> io::Result<()> {
        let drop_ins = self
            .links
            .keys()
            .map(|interface| self.directory.join(main_path(interface)).with_extension("network.d"));
        drop_ins.chain([self.directory.clone()]).try_for_each(|directory| sweep(&directory))?;
        for interface in self.links.keys().filter(|interface| self.files(interface).is_empty()) {
            // It stays where somebody else's drop-ins are in it.
            let _ = fs::remove_dir(self.directory.join(main_path(interface)).with_extension("network.d"));
        }
        Ok(())
    }
}

/// Whether a path is that of a link to one of the base file's drop-ins.
pub(crate) fn is_base_drop_in(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(BASE_DROP_IN))
}

/// The text of some files with the links of others.
pub(crate) fn with_links_of(text: &Files, links: &Files) -> Files {
    let of_kind = |files: &Files, is_link: bool| {
        let mut files = files.clone();
        files.retain(|_, content| matches!(content, Content::Link(_)) == is_link);
        files
    };
    of_kind(text, false).into_iter().chain(of_kind(links, true)).collect()
}

/// Compares two sets of files.
pub(crate) fn difference<'a>(before: &'a Files, after: &'a Files) -> Vec<Change<'a>> {
    let paths = after.keys().chain(before.keys().filter(|path| !after.contains_key(*path)));
    let change = |path: &'a PathBuf| Change { path, before: before.get(path), after: after.get(path) };
    paths.map(change).filter(|change| change.before != change.after).collect()
}

/// Makes changes: each file whole or not at all, drop-ins before the link that makes them count, and the link
/// away before they are.
fn write(directory: &Path, changes: &[Change]) -> io::Result<()> {
    let is_main = |change: &&Change| change.path.parent() == Some(Path::new(""));
    let removed = |change: &&Change| change.after.is_none();
    let (main, drop_ins): (Vec<&Change>, Vec<&Change>) = changes.iter().partition(is_main);
    for change in main.iter().filter(|change| removed(change)) {
        write_content(&directory.join(change.path), None)?;
    }
    for change in drop_ins {
        write_content(&directory.join(change.path), change.after)?;
    }
    for change in main.iter().filter(|change| !removed(change)) {
        write_content(&directory.join(change.path), change.after)?;
    }
    Ok(())
}

/// Writes a file whole or not at all, readable by all: networkd runs as a user of its own.
pub(crate) fn write_text(path: &Path, text: &str) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    create_directory(directory)?;
    let mut file = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(directory)?;
    file.write_all(text.as_bytes())?;
    // By the descriptor, so that the umask has no say.
    file.as_file().set_permissions(Permissions::from_mode(0o644))?;
    give(file.path(), directory)?;
    file.persist(path).map_err(|error| error.error).map(drop)
}

fn write_content(path: &Path, content: Option<&Content>) -> io::Result<()> {
    match content {
        Some(Content::Text(text)) => write_text(path, text),
        Some(Content::Link(target)) => write_link(path, target),
        Some(Content::Other) => Ok(()),
        None => remove(path),
    }
}

fn write_link(path: &Path, target: &Path) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    create_directory(directory)?;
    let link: NamedTempFile<()> = tempfile::Builder::new()
        .prefix(TEMPORARY)
        .make_in(directory, |temporary| symlink(target, temporary))?;
    give(link.path(), directory)?;
    link.persist(path).map_err(|error| error.error)
}

/// Makes a directory and those above it, readable by all whatever the umask is.
fn create_directory(directory: &Path) -> io::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    let parent = directory.parent().unwrap_or(Path::new("/"));
    create_directory(parent)?;
    fs::create_dir(directory)?;
    fs::set_permissions(directory, Permissions::from_mode(0o755))?;
    give(directory, parent)
}

/// Gives what was made to the owner of the directory that it is in: the services run as networkd's user, and must be
/// able to change what root has made by hand.
pub(crate) fn give(made: &Path, directory: &Path) -> io::Result<()> {
    let (owner, made_by) = (fs::metadata(directory)?, fs::symlink_metadata(made)?);
    if made_by.uid() == owner.uid() || !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    lchown(made, Some(owner.uid()), Some(owner.gid()))
}

/// Removes a file, and its drop-in directory once that is empty.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    if let Some(directory) =
        path.parent().filter(|directory| directory.extension().is_some_and(|end| end == "d"))
    {
        sweep(directory)?;
        // It stays where somebody else's drop-ins are in it.
        let _ = fs::remove_dir(directory);
    }
    Ok(())
}

/// Removes the temporary files that killed runs left in a directory.
pub(crate) fn sweep(directory: &Path) -> io::Result<()> {
    for name in file_names(directory)? {
        if name.starts_with(TEMPORARY) {
            log::debug!("removing `{}` of a run that was killed", directory.join(&name).display());
            fs::remove_file(directory.join(name))?;
        }
    }
    Ok(())
}

/// The names in a directory, sorted; none if it does not exist.
pub(crate) fn file_names(directory: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry?.file_name().into_string());
    }
    names.sort();
    Ok(names)
}

fn read_content(path: &Path) -> io::Result<Option<Content>> {
    let kind = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        metadata => metadata?.file_type(),
    };
    Ok(Some(match kind {
        kind if kind.is_symlink() => Content::Link(fs::read_link(path)?),
        kind if kind.is_file() => String::from_utf8(fs::read(path)?).map_or(Content::Other, Content::Text),
        _ => Content::Other,
    }))
}

#[cfg(test)]
mod tests;
