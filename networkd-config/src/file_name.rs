//! What files are called, and where networkd looks for them.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use crate::interface_name::InterfaceName;

/// The directories that networkd reads, of which an earlier one's file replaces a later one's of the same name.
///
/// Files of all directories are then tried in the order of their names. Source: systemd.network(5),
/// "DESCRIPTION".
pub const NETWORK_DIRECTORIES: [&str; 4] = [
    "/etc/systemd/network",
    "/run/systemd/network",
    "/usr/local/lib/systemd/network",
    "/usr/lib/systemd/network",
];

const EXTENSION: &str = ".network";

/// The name of a link's file: `70-ens6.network`.
///
/// The two digits say which file wins where several match a link: the lowest.
///
/// ```
/// # use networkd_config::FileName;
/// let name = FileName::new::<70>("ens6".parse()?);
/// assert_eq!(name.to_string(), "70-ens6.network");
/// assert_eq!(name.drop_in_directory(), "70-ens6.network.d");
/// assert_eq!("70-ens6.network".parse(), Ok(name));
/// # Ok::<(), networkd_config::InvalidInterfaceName>(())
/// ```
///
/// A number of three digits does not compile:
///
/// ```compile_fail
/// # use networkd_config::FileName;
/// let name = FileName::new::<100>("ens6".parse().unwrap());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileName {
    number: u8,
    interface: InterfaceName,
}

/// Occurs when a text is not a [`FileName`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidFileName(String);

impl FileName {
    /// Creates the name of a link's file with a number from 0 to 99.
    #[must_use]
    pub fn new<const NUMBER: u8>(interface: InterfaceName) -> Self {
        const { assert!(NUMBER < 100, "the number has two digits") };
        Self { number: NUMBER, interface }
    }

    /// Returns the number, from 0 to 99.
    pub fn number(&self) -> u8 {
        self.number
    }

    /// Returns the name of the link.
    pub fn interface(&self) -> &InterfaceName {
        &self.interface
    }

    /// Returns the name of the directory whose `.conf` files add to the file, from any of
    /// [`NETWORK_DIRECTORIES`].
    #[must_use]
    pub fn drop_in_directory(&self) -> String {
        format!("{self}.d")
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{}{EXTENSION}", self.number, self.interface)
    }
}

impl FromStr for FileName {
    type Err = InvalidFileName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        split(text).ok_or_else(|| InvalidFileName(text.to_owned()))
    }
}

impl fmt::Display for InvalidFileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not the name of a link's file, such as `70-eth0.network`", self.0.escape_debug())
    }
}

impl Error for InvalidFileName {}

fn split(text: &str) -> Option<FileName> {
    let (number, interface) = text.strip_suffix(EXTENSION)?.split_once('-')?;
    let is_number = number.len() == 2 && number.bytes().all(|byte| byte.is_ascii_digit());
    let number = is_number.then(|| number.parse().ok()).flatten()?;
    Some(FileName { number, interface: interface.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(u8, &str)>) {
        match (text.parse::<FileName>(), expected) {
            (Ok(name), Some(parts)) => {
                assert_eq!((name.number(), name.interface().as_str()), parts);
                assert_eq!(name.to_string(), text);
            }
            (Err(error), None) => assert_eq!(
                error.to_string(),
                format!(
                    "`{}` is not the name of a link's file, such as `70-eth0.network`",
                    text.escape_debug()
                )
            ),
            (result, _) => panic!("{text:?} gave {result:?}"),
        }
    }

    #[test]
    fn names_of_files() {
        check("70-ens6.network", Some((70, "ens6")));
        check("00-a.network", Some((0, "a")));
        check("99-br-0.network", Some((99, "br-0")));
        check("05-eth0.100.network", Some((5, "eth0.100")));
        check("05-x.network.network", Some((5, "x.network")));
    }

    #[test]
    fn what_is_another_file() {
        check("80-ec2.netdev", None);
        check("70-ens6.network.d", None);
        check("70-ens6", None);
        check("70-.network", None);
        check("7-ens6.network", None);
        check("700-ens6.network", None);
        check("+7-ens6.network", None);
        check("70_ens6.network", None);
        check("70-...network", None);
        check("70-a/b.network", None);
        check("", None);
    }
}
