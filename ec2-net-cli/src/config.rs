//! The configuration file.

use std::path::Path;
use std::{fs, io};

use serde::Deserialize;

/// What an administrator can set in `/etc/ec2-net/config.toml`. [`KEYS`] says what each field is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) drivers: Vec<String>,
}

/// A key of the configuration file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// The type of its value, in words.
    pub kind: &'static str,
    /// Its value where the file does not set it, in TOML.
    pub default: &'static str,
    /// What it is, in sentences.
    pub description: &'static str,
}

/// The keys of the configuration file, in the order of the fields.
pub const KEYS: &[Key] = &[Key {
    name: "drivers",
    kind: "list of strings",
    default: r#"["ena", "ixgbevf", "vif"]"#,
    description: "The drivers whose links can be ENIs. A link with another one is left alone, whatever its MAC \
                  address is. A virtual link has no driver and counts by its kind, such as veth or vlan.",
}];

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
    fn each_field_is_a_key_with_its_default() {
        let fields = serde_json::to_value(Config::default()).unwrap();
        let fields: Vec<&String> = fields.as_object().unwrap().keys().collect();
        let mut names: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
        names.sort_unstable();
        assert_eq!(fields, names);
        for key in KEYS {
            let text = format!("{} = {}", key.name, key.default);
            assert_eq!(toml::from_str::<Config>(&text).unwrap(), Config::default(), "{text}");
        }
    }

    #[test]
    fn an_unknown_key_is_named() {
        let error = toml::from_str::<Config>("driver = [\"veth\"]").unwrap_err().to_string();
        assert!(error.contains("unknown field `driver`, expected `drivers`"), "{error}");
    }
}
