//! The ways in which an answer can be wrong.

use std::time::Duration;

use integration_tests::fake_imds::Fault;

/// Longer than any run.
const NEVER: Duration = Duration::from_secs(3600);
const PAGE: &str = "<?xml version=\"1.0\"?>\n<html><body>injected</body></html>\n";
/// What a value injects that is written without being parsed. No right value contains them.
pub(crate) const INJECTED: [&str; 3] = ["njected", "<", "xxxxxxxx"];

/// A wrong answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    Status(u16),
    Late,
    Dropped,
    Truncated,
    Empty,
    Page,
    Section,
    Huge,
}

pub(crate) const ALL: [Wrong; 13] = [
    Wrong::Status(404),
    Wrong::Status(401),
    Wrong::Status(403),
    Wrong::Status(429),
    Wrong::Status(500),
    Wrong::Status(503),
    Wrong::Late,
    Wrong::Dropped,
    Wrong::Truncated,
    Wrong::Empty,
    Wrong::Page,
    Wrong::Section,
    Wrong::Huge,
];

impl Wrong {
    /// The fault for a key, given the first line of its right answer.
    pub(crate) fn fault(self, path: &str, first_line: &str) -> Fault {
        match self {
            Self::Status(status) => Fault::status(status),
            Self::Late => Fault::delay(NEVER),
            Self::Dropped => Fault::drop_connection(),
            Self::Truncated => Fault::truncate(),
            Self::Empty => Fault::body(""),
            Self::Page => Fault::body(PAGE),
            Self::Section => Fault::body(format!("{first_line}\n[Injected]\nKey=Value")),
            // An index may have 1 MiB.
            Self::Huge => Fault::oversize((1 << 20) + u64::from(path.ends_with('/'))),
        }
    }

    /// The words for it that a message may use.
    pub(crate) fn causes(self) -> &'static [&'static str] {
        match self {
            Self::Status(404) => &["404", "absent"],
            Self::Status(401) => &["status 401"],
            Self::Status(403) => &["status 403"],
            Self::Status(429) => &["status 429"],
            Self::Status(500) => &["status 500"],
            Self::Status(503) => &["status 503"],
            Self::Status(_) => &[],
            Self::Late => &["no answer in time"],
            Self::Dropped | Self::Truncated => &["the connection failed"],
            Self::Empty => &["empty", "nothing", "not there yet", "not a token"],
            Self::Page | Self::Section => &["malformed"],
            Self::Huge => &["larger than"],
        }
    }
}
