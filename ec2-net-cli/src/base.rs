//! The base file in force and the drop-ins that add to it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use networkd_config::NETWORK_DIRECTORIES;

use crate::paths::{BASE_FILE, Paths, is_masked};
use crate::tree::file_names;

/// What an ENI's files build upon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Base {
    /// The file that networkd would read, as a path without the root; the packaged one if there is none.
    pub(crate) file: PathBuf,
    /// Its drop-ins, by their names. networkd looks drop-ins up by the name of the link to the base file, not by its
    /// target's, so that without help they stop to apply to an ENI that is configured.
    pub(crate) drop_ins: BTreeMap<String, PathBuf>,
}

impl Base {
    /// Reads what is in force: of files of one name, the one in the first of networkd's directories.
    pub(crate) fn read(paths: &Paths) -> Self {
        let directories = NETWORK_DIRECTORIES.map(Path::new);
        let candidates = directories.map(|directory| directory.join(BASE_FILE));
        let packaged = directories[directories.len() - 1].join(BASE_FILE);
        let file = candidates.into_iter().find(|path| paths.below(path).exists()).unwrap_or(packaged);
        let mut drop_ins = BTreeMap::new();
        for directory in directories.map(|directory| directory.join(format!("{BASE_FILE}.d"))) {
            let names = file_names(&paths.below(&directory)).unwrap_or_default();
            for name in
                names.into_iter().filter(|name| Path::new(name).extension().is_some_and(|end| end == "conf"))
            {
                let path = directory.join(&name);
                drop_ins.entry(name).or_insert(path);
            }
        }
        drop_ins.retain(|_, path| !is_masked(&paths.below(path)));
        Self { file, drop_ins }
    }
}
