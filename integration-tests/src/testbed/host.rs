//! What can be done in each of the testbed's namespaces.

use std::net::IpAddr;
use std::process::{Command, Output};

use super::ping::{self, Pinger};
use super::process;

/// A place where programs run.
pub trait Host {
    /// A command that will run `program` in this place. The process that is spawned becomes the
    /// program itself, so its process id is the program's.
    fn command(&self, program: &str) -> Command;

    /// Runs a program with its arguments to its end; panics when it fails.
    #[track_caller]
    fn run(&self, words: &[&str]) -> Output {
        let Some((program, arguments)) = words.split_first() else { panic!("no program") };
        process::run(self.command(program).args(arguments))
    }

    /// Runs a program to its end and returns its standard output; panics when it fails.
    #[track_caller]
    fn text(&self, words: &[&str]) -> String {
        String::from_utf8_lossy(&self.run(words).stdout).into_owned()
    }

    /// Runs a program that prints JSON, as `ip -j` does. Nothing printed is `null`.
    #[track_caller]
    fn json(&self, words: &[&str]) -> serde_json::Value {
        let text = self.text(words);
        if text.trim().is_empty() {
            return serde_json::Value::Null;
        }
        match serde_json::from_str(&text) {
            Ok(value) => value,
            Err(error) => panic!("{words:?} prints no JSON: {error}\n{text}"),
        }
    }

    /// Whether `destination` answers an echo request within a second.
    fn ping(&self, destination: impl Into<IpAddr>) -> bool {
        ping::answers(self.command("ping"), None, destination.into())
    }

    /// Whether `destination` answers within a second an echo request that is sent from the
    /// address `source`.
    fn ping_from(&self, source: impl Into<IpAddr>, destination: impl Into<IpAddr>) -> bool {
        ping::answers(self.command("ping"), Some(source.into()), destination.into())
    }

    /// Starts to send `destination` an echo request every 5 ms, which nobody may answer yet.
    #[track_caller]
    fn early_pinger(&self, destination: impl Into<IpAddr>) -> Pinger {
        Pinger::begin(self.command("ping"), destination.into())
    }

    /// Starts to send `destination` an echo request every 5 ms. Panics when the first is not
    /// answered.
    #[track_caller]
    fn pinger(&self, destination: impl Into<IpAddr>) -> Pinger {
        Pinger::start(self.command("ping"), destination.into())
    }
}
