//! Who else has a say about a link: the administrator, through networkd, udev or systemd.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use networkd_config::InterfaceName;

use crate::link::Link;
use crate::paths::{BASE_FILE, Paths, is_masked};
use crate::tree::main_path;

/// Why a link is not ours to configure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// networkd uses another file for it.
    Overridden(PathBuf),
    /// networkd has been told not to manage it.
    Unmanaged,
    /// The administrator has masked what starts us for it.
    SwitchedOff(PathBuf),
    /// networkd has not decided yet.
    Undecided,
}

/// The claims on some links. Most have none.
pub(crate) type Claims = BTreeMap<InterfaceName, Claim>;

impl Claim {
    /// Whether the file that networkd uses has the name of ours, so that it reads our drop-ins together with it.
    pub(crate) fn shares_drop_ins(&self, interface: &InterfaceName) -> bool {
        matches!(self, Self::Overridden(path) if path.ends_with(main_path(interface)))
    }

    /// Whether it is the administrator's wish, which is none of our failures.
    pub(crate) fn is_wish(&self) -> bool {
        !matches!(self, Self::Undecided)
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overridden(path) => write!(f, "networkd uses `{}` for it", path.display()),
            Self::Unmanaged => f.write_str("networkd is told not to manage it"),
            Self::SwitchedOff(path) => write!(f, "`{}` is masked", path.display()),
            Self::Undecided => f.write_str("networkd has not taken it up yet"),
        }
    }
}

/// Reads who has a claim on which link.
pub(crate) fn read(paths: &Paths, links: &[Link]) -> Claims {
    let claim = |link: &Link| {
        let masked = Paths::switches(&link.name).into_iter().find(|path| is_masked(&paths.below(path)));
        let by_networkd =
            || if paths.is_live() { of_networkd(paths, link) } else { of_files(paths, &link.name) };
        Some((link.name.clone(), masked.map(Claim::SwitchedOff).or_else(by_networkd)?))
    };
    links.iter().filter_map(claim).collect()
}

/// What networkd says of a link, which is what it does and not only what its files are.
///
/// It keeps the state of each link in a file, on every version from 252 to 26x. networkctl(1) reads it too, and there is
/// no other way to ask before 257.
fn of_networkd(paths: &Paths, link: &Link) -> Option<Claim> {
    // It removes them all when it stops, and reads what we write when it starts. The loopback always has one.
    let states = paths.networkd().join("links");
    fs::read_dir(&states).ok()?.next()?.ok()?;
    let text = fs::read_to_string(states.join(link.index.to_string()));
    claim(&text.unwrap_or_default(), &link.name)
}

/// What the state of a link says.
fn claim(text: &str, interface: &InterfaceName) -> Option<Claim> {
    let value = |key: &str| {
        let mut lines = text.lines().filter_map(|line| line.split_once('='));
        lines.find(|(name, _)| *name == key).map(|(_, value)| value)
    };
    match (value("ADMIN_STATE"), value("NETWORK_FILE").map(Path::new)) {
        (Some("unmanaged"), _) => Some(Claim::Unmanaged),
        (_, Some(file)) if is_ours(file, interface) => None,
        (_, Some(file)) => Some(Claim::Overridden(file.to_owned())),
        (_, None) => Some(Claim::Undecided),
    }
}

/// A file of an administrator under our link's name replaces the link as a whole.
fn is_ours(file: &Path, interface: &InterfaceName) -> bool {
    file.ends_with(BASE_FILE) || file == Path::new("/run/systemd/network").join(main_path(interface))
}

/// The same from the files alone, where there is no networkd to ask.
fn of_files(paths: &Paths, interface: &InterfaceName) -> Option<Claim> {
    let file = Path::new("/etc/systemd/network").join(main_path(interface));
    paths.below(&file).try_exists().ok().filter(|exists| *exists).map(|_| Claim::Overridden(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&Claim>) {
        assert_eq!(claim(text, &"ens6".parse().unwrap()).as_ref(), expected);
    }

    /// Reports K5, U1: as systemd 252 writes them.
    #[test]
    fn u1_the_file_that_counts_is_the_one_that_networkd_uses() {
        let with = |file: &str| {
            format!(
                "# This is private data. Do not parse.\nADMIN_STATE=configuring\nOPER_STATE=routable\nNETWORK_FILE={file}\nDNS=\n"
            )
        };
        check(&with("/usr/lib/systemd/network/80-ec2.network"), None);
        check(&with("/etc/systemd/network/80-ec2.network"), None);
        check(&with("/run/systemd/network/70-ens6.network"), None);
        for other in ["/etc/systemd/network/70-ens6.network", "/run/systemd/network/10-netplan-ens6.network"]
        {
            check(&with(other), Some(&Claim::Overridden(other.into())));
        }
    }

    #[test]
    fn a_link_may_be_unmanaged_or_undecided() {
        check("ADMIN_STATE=unmanaged\nOPER_STATE=degraded\n", Some(&Claim::Unmanaged));
        check("ADMIN_STATE=pending\n", Some(&Claim::Undecided));
        check("", Some(&Claim::Undecided));
    }
}
