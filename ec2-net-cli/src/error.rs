//! What ends a run, and the status that tells it.

use std::fmt;
use std::process::ExitCode;

/// How a run ended, as an exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Done, or nothing to do.
    Done = 0,
    /// Failed.
    Failed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The metadata service is unreachable.
    Unreachable = 3,
    /// Some ENI was left as it was.
    Partly = 4,
    /// `plan --exit-code` found something to change.
    Changes = 5,
}

/// An error that ends the run.
#[derive(Debug)]
pub(crate) struct Error {
    what: String,
    exit: Exit,
    may_pass: bool,
    source: Option<Box<dyn std::error::Error>>,
}

impl Error {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), exit: Exit::Failed, may_pass: false, source: None }
    }

    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, ..Self::new(what) }
    }

    /// An error while doing `what`, because of `source`.
    pub(crate) fn while_doing(what: impl Into<String>, source: impl std::error::Error + 'static) -> Self {
        Self { source: Some(Box::new(source)), ..Self::new(what) }
    }

    /// Whether waiting may be enough.
    pub(crate) fn may_pass(&self) -> bool {
        self.may_pass
    }

    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }
}

/// A read on which the whole run depends: without it nothing is known of any ENI.
impl From<imds_client::Error> for Error {
    fn from(error: imds_client::Error) -> Self {
        let may_pass = error.may_pass();
        Self { exit: Exit::Unreachable, may_pass, ..Self::while_doing("cannot read the metadata", error) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        let mut next = self.source.as_deref();
        while let Some(error) = next {
            write!(f, ": {error}")?;
            next = error.source();
        }
        Ok(())
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
