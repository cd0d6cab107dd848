use std::fmt;

/// A read that gave no answer: nothing is known of the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    key: String,
    kind: ErrorKind,
}

/// Why a read gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Occurs when no way to the service leads to a token. The text says how each way failed.
    Unreachable(String),
    /// Occurs when the service does not answer in time.
    Timeout,
    /// Occurs when the connection breaks before the answer is complete, or the answer is not HTTP.
    Broken(String),
    /// Occurs when the service refuses a token that it has just given, or refuses to give one: status 401.
    Unauthorized,
    /// Occurs when the metadata or the key is switched off: status 403.
    Forbidden,
    /// Occurs when the service answers with any other status but 200 and 404.
    Status(u16),
    /// Occurs when a key that every instance has is absent or empty.
    Missing,
    /// Occurs when the body is larger than what the metadata can hold.
    TooLarge {
        /// The largest body taken, in bytes.
        limit: u64,
    },
    /// Occurs when the value is not what it should be.
    Malformed {
        /// The beginning of the offending value, without control characters.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl Error {
    /// The path that asks for a token. An error with this key concerns the service as a whole.
    pub const TOKEN: &'static str = "latest/api/token";

    /// Characters of an offending value that an error repeats.
    const EXCERPT: usize = 48;

    pub(crate) fn new(key: &str, kind: ErrorKind) -> Self {
        Self { key: key.to_owned(), kind }
    }

    pub(crate) fn malformed(key: &str, value: &str, reason: impl fmt::Display) -> Self {
        let first_line = value.lines().next().unwrap_or_default();
        let mut excerpt: String =
            first_line.chars().filter(|c| !c.is_control()).take(Self::EXCERPT).collect();
        if excerpt.len() < value.trim_end().len() {
            excerpt.push('…');
        }
        Self::new(key, ErrorKind::Malformed { value: excerpt, reason: reason.to_string() })
    }

    /// The key that was asked for.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Why it was not answered.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// Whether the service as a whole gives no answers, rather than this key.
    pub fn concerns_service(&self) -> bool {
        self.key == Self::TOKEN
    }

    /// Whether waiting may be enough: the service, or the key, is not switched off.
    pub fn may_pass(&self) -> bool {
        self.kind != ErrorKind::Forbidden
    }

    /// Whether the same request may succeed a moment later.
    pub fn is_retryable(&self) -> bool {
        match self.kind {
            ErrorKind::Unreachable(_) | ErrorKind::Timeout | ErrorKind::Broken(_) => true,
            ErrorKind::Status(status) => status == 429 || status >= 500,
            _ => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.key, self.kind)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(why) => write!(f, "the metadata service gives no token ({why})"),
            Self::Timeout => f.write_str("no answer in time"),
            Self::Broken(why) => write!(f, "the connection failed ({why})"),
            Self::Unauthorized => f.write_str("status 401: no token is taken"),
            Self::Forbidden => f.write_str("status 403: access to the metadata is switched off"),
            Self::Status(status) => write!(f, "status {status}"),
            Self::Missing => f.write_str("absent or empty"),
            Self::TooLarge { limit } => write!(f, "the body is larger than {limit} bytes"),
            Self::Malformed { value, reason } => write!(f, "`{value}` is malformed: {reason}"),
        }
    }
}

impl std::error::Error for Error {}
