//! Where everything is.

use std::fs;
use std::path::{Path, PathBuf};

use networkd_config::InterfaceName;

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

    pub(crate) fn turn(&self) -> PathBuf {
        self.below("/run/ec2-net/turn")
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.below("/etc/ec2-net/config.toml")
    }

    pub(crate) fn hostname(&self) -> PathBuf {
        self.below("/etc/hostname")
    }

    /// Where networkd keeps its state.
    pub(crate) fn networkd(&self) -> PathBuf {
        self.below("/run/systemd/netif")
    }

    /// What an administrator masks to switch us off for a link, as paths without the root.
    pub(crate) fn switches(interface: &InterfaceName) -> Vec<PathBuf> {
        let rules =
            ["/etc", "/run"].map(|directory| format!("{directory}/udev/rules.d/99-vpc-policy-routes.rules"));
        let units = ["/etc", "/run"].iter().flat_map(|directory| {
            let unit = format!("{directory}/systemd/system/policy-routes@");
            [format!("{unit}.service"), format!("{unit}{interface}.service")]
        });
        rules.into_iter().chain(units).map(PathBuf::from).collect()
    }

    /// A path below the root.
    pub(crate) fn below(&self, path: impl AsRef<Path>) -> PathBuf {
        let path = path.as_ref();
        self.root.join(path.strip_prefix("/").unwrap_or(path))
    }
}

/// Whether a file is there to have no effect: it is empty, or leads to `/dev/null`.
pub(crate) fn is_masked(path: &Path) -> bool {
    let leads_nowhere = fs::read_link(path).is_ok_and(|target| target == Path::new("/dev/null"));
    leads_nowhere || fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.len() == 0)
}
