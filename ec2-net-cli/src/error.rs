//! What ends a run, and the status that tells it.

use std::fmt;
use std::process::ExitCode;

/// How a run ended, as an exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    Done = 0,
    Failed = 1,
    Usage = 2,
    Unreachable = 3,
    Partly = 4,
    Changes = 5,
}

impl Exit {
    /// Every status, in the order of its number.
    pub(crate) const ALL: [Self; 6] =
        [Self::Done, Self::Failed, Self::Usage, Self::Unreachable, Self::Partly, Self::Changes];

    fn meaning(self) -> &'static str {
        match self {
            Self::Done => "Done, or there was nothing to do",
            Self::Failed => "Failed; the log says why",
            Self::Usage => "The command line is wrong",
            Self::Unreachable => "The metadata service is unreachable",
            Self::Partly => {
                "Partly done: something was left as it was or left out, and the log says what and why"
            }
            Self::Changes => "There is something to change (plan --exit-code)",
        }
    }

    /// These statuses as a section of `--help`.
    pub(crate) fn help(statuses: &[Self]) -> String {
        let lines = statuses.iter().map(|status| format!("\n  {}  {}", *status as u8, status.meaning()));
        format!("Exit status:{}", lines.collect::<String>())
    }
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
