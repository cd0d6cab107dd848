//! Where everything is.

use std::path::{Path, PathBuf};

use networkd_config::NETWORK_DIRECTORIES;

/// The name of the base file, to which every ENI's file is a link.
pub(crate) const BASE_FILE: &str = "80-ec2.network";

/// The paths below a root directory.
#[derive(Clone, Debug)]
pub(crate) struct Paths {
    root: PathBuf,
}

impl Paths {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Whether this is the running system. Elsewhere neither kernel nor networkd is touched.
    pub(crate) fn is_live(&self) -> bool {
        self.root == Path::new("/")
    }

    /// What is wanted and owned: the files as the last run rendered them.
    pub(crate) fn truth(&self) -> PathBuf {
        self.below("/run/ec2-net/network")
    }

    /// The copies that networkd reads.
    pub(crate) fn copies(&self) -> PathBuf {
        self.below("/run/systemd/network")
    }

    /// Where everything of ours is but the copies.
    pub(crate) fn run(&self) -> PathBuf {
        self.below("/run/ec2-net")
    }

    pub(crate) fn memo(&self) -> PathBuf {
        self.below("/run/ec2-net/metadata.json")
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.below("/run/ec2-net/lock")
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.below("/etc/ec2-net/config.toml")
    }

    pub(crate) fn hostname(&self) -> PathBuf {
        self.below("/etc/hostname")
    }

    /// The base file that networkd would read, as a path without the root; the packaged one if there is none.
    pub(crate) fn base_file(&self) -> PathBuf {
        let candidates = NETWORK_DIRECTORIES.map(|directory| Path::new(directory).join(BASE_FILE));
        let packaged = Path::new(NETWORK_DIRECTORIES[NETWORK_DIRECTORIES.len() - 1]).join(BASE_FILE);
        candidates.into_iter().find(|path| self.below(path).exists()).unwrap_or(packaged)
    }

    fn below(&self, path: impl AsRef<Path>) -> PathBuf {
        let path = path.as_ref();
        self.root.join(path.strip_prefix("/").unwrap_or(path))
    }
}
