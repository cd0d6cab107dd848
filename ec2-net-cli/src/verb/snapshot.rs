use clap::Args;
use imds_client::{Answer, Metadata};
use serde_json::{Map, Value};

use crate::context::Context;
use crate::error::{Error, Exit};
use crate::report;

/// How long the whole tree may take: 80 ENIs have some 1600 keys.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(120);
/// What can hold credentials. User data is no part of the tree.
const SECRET: [&str; 3] = ["iam/", "identity-credentials/", "managed-ssh-keys/"];
/// Directories whose index is not made of names.
const IRREGULAR: [&str; 1] = ["public-keys/"];

/// Print the metadata tree as JSON, without secrets
///
/// The output serves a bug report: the option --metadata takes it in place of the metadata service, on any machine.
/// Left out are credentials, which are the whole of iam/, identity-credentials/, managed-ssh-keys/ and user data, and
/// public-keys/. Addresses, names and ids of the instance are in it.
///
/// A key that cannot be read is left out too, and the log names it.
#[derive(Debug, Args)]
#[command(after_long_help = Exit::help(&[Exit::Done, Exit::Failed, Exit::Usage, Exit::Unreachable, Exit::Partly]))]
pub(crate) struct Snapshot {}

impl Snapshot {
    pub(crate) fn run(context: &Context) -> Result<Exit, Error> {
        let mut reader = Reader { metadata: context.host_metadata(PATIENCE), is_complete: true };
        let tree = reader.directory("")?;
        report::print_json(&tree)?;
        Ok(if reader.is_complete { Exit::Done } else { Exit::Partly })
    }
}

struct Reader {
    metadata: Metadata,
    is_complete: bool,
}

impl Reader {
    /// Reads a directory. A key that cannot be read is left out and named; only the top index must be there.
    fn directory(&mut self, path: &str) -> Result<Map<String, Value>, Error> {
        let mut directory = Map::new();
        let entries = match self.metadata.index(path) {
            Err(error) if path.is_empty() || error.concerns_service() => return Err(error.into()),
            Err(error) => {
                self.miss(&error);
                return Ok(directory);
            }
            Ok(entries) => entries.value().unwrap_or_default(),
        };
        for entry in entries {
            let slash = if entry.is_directory { "/" } else { "" };
            let key = format!("{path}{}{slash}", entry.name);
            if SECRET.contains(&key.as_str()) || IRREGULAR.contains(&key.as_str()) {
                continue;
            }
            let value =
                if entry.is_directory { Some(self.directory(&key)?.into()) } else { self.value(&key) };
            directory.extend(value.map(|value| (entry.name, value)));
        }
        Ok(directory)
    }

    fn value(&mut self, key: &str) -> Option<Value> {
        match self.metadata.text(key) {
            Ok(Answer::Value(text)) if text.contains('\n') => Some(text.lines().collect()),
            Ok(Answer::Value(text)) => Some(text.into()),
            Ok(Answer::Empty) => Some(String::new().into()),
            Ok(Answer::Absent) => None,
            Err(error) => {
                self.miss(&error);
                None
            }
        }
    }

    fn miss(&mut self, error: &imds_client::Error) {
        self.is_complete = false;
        log::warn!("left out: {error}");
    }
}
