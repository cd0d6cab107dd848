//! Who else has a say about a link: the administrator, through networkd, udev or systemd. And what networkd says of it.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::net::Ipv4Addr;
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
    if !is_networkd_running(paths) {
        return None;
    }
    claim(&state(paths, link), &link.name)
}

/// Whether networkd is at work on a link, or is yet to take up our files, and will bring up itself what they say.
pub(crate) fn is_being_configured(paths: &Paths, link: &Link) -> bool {
    let state = state(paths, link);
    let is_on_base = value(&state, "NETWORK_FILE").is_some_and(|file| Path::new(file).ends_with(BASE_FILE));
    is_on_base || value(&state, "ADMIN_STATE") == Some("configuring")
}

/// The address of a link's DHCPv4 lease, when networkd is done with the link.
pub(crate) fn leased_ipv4(paths: &Paths, link: &Link) -> Option<Ipv4Addr> {
    let lease = paths.networkd().join("leases").join(link.index.to_string());
    let is_done = value(&state(paths, link), "ADMIN_STATE") == Some("configured");
    value(&fs::read_to_string(lease).ok().filter(|_| is_done)?, "ADDRESS")?.parse().ok()
}

fn state(paths: &Paths, link: &Link) -> String {
    fs::read_to_string(paths.networkd().join("links").join(link.index.to_string())).unwrap_or_default()
}

/// Whether there is a networkd that has read any files. It reads what we write when it starts.
///
/// It removes the states of all links when it stops, and the loopback always has one.
pub(crate) fn is_networkd_running(paths: &Paths) -> bool {
    fs::read_dir(paths.networkd().join("links")).is_ok_and(|mut states| states.next().is_some())
}

/// What the state of a link says.
fn claim(text: &str, interface: &InterfaceName) -> Option<Claim> {
    match (value(text, "ADMIN_STATE"), value(text, "NETWORK_FILE").map(Path::new)) {
        (Some("unmanaged"), _) => Some(Claim::Unmanaged),
        (_, Some(file)) if is_ours(file, interface) => None,
        (_, Some(file)) => Some(Claim::Overridden(file.to_owned())),
        (_, None) => Some(Claim::Undecided),
    }
}

fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let mut lines = text.lines().filter_map(|line| line.split_once('='));
    lines.find(|(name, _)| *name == key).map(|(_, value)| value)
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
