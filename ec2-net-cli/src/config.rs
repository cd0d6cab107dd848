//! The configuration file.

use std::path::Path;
use std::{fs, io};

use serde::Deserialize;

/// What an administrator can set in `/etc/ec2-net/config.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// The drivers whose links can be ENIs. Defaults to ena, ixgbevf and vif.
    pub(crate) drivers: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self { drivers: ["ena", "ixgbevf", "vif"].map(str::to_owned).to_vec() }
    }
}

impl Config {
    /// Reads the file. Whatever is wrong with it is logged, and the defaults are used: a typing error must not
    /// take an instance off the network.
    pub(crate) fn read(path: &Path) -> Self {
        let result = match fs::read_to_string(path) {
            Ok(text) => {
                toml::from_str(&text).map_err(|error| error.to_string().trim_end().replace('\n', "\n  "))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Self::default(),
            Err(error) => Err(error.to_string()),
        };
        result.unwrap_or_else(|error| {
            log::error!("cannot use `{}`, so the defaults are: {error}", path.display());
            Self::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drivers_replace_the_defaults() {
        assert_eq!(toml::from_str::<Config>("").unwrap(), Config::default());
        assert_eq!(toml::from_str::<Config>("drivers = [\"veth\"]").unwrap().drivers, ["veth"]);
    }

    #[test]
    fn an_unknown_key_is_named() {
        let error = toml::from_str::<Config>("driver = [\"veth\"]").unwrap_err().to_string();
        assert!(error.contains("unknown field `driver`, expected `drivers`"), "{error}");
    }
}
