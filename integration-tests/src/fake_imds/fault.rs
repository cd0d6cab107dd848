//! What can go wrong with one answer.

use std::time::Duration;

/// A way in which the service fails, for every request or for so many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub(super) kind: Kind,
    pub(super) delay: Duration,
    pub(super) times: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Late,
    Status(u16),
    Drop,
    Hang,
    Truncate,
    Oversize(u64),
    Body(Vec<u8>),
}

impl Fault {
    /// Answers with this status and the service's error page, whether the token is valid or not.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::new(Kind::Status(status))
    }

    /// Answers rightly, but only after `delay`.
    #[must_use]
    pub fn delay(delay: Duration) -> Self {
        Self::new(Kind::Late).after(delay)
    }

    /// Reads the request and closes the connection.
    #[must_use]
    pub fn drop_connection() -> Self {
        Self::new(Kind::Drop)
    }

    /// Reads the request and stays silent until the client closes the connection, as happens behind one
    /// IP hop too many.
    #[must_use]
    pub fn hang() -> Self {
        Self::new(Kind::Hang)
    }

    /// Announces the whole body, sends half of it, rounded down, and closes the connection.
    #[must_use]
    pub fn truncate() -> Self {
        Self::new(Kind::Truncate)
    }

    /// Answers 200 with a body of so many bytes, all of them the letter `x`.
    #[must_use]
    pub fn oversize(bytes: u64) -> Self {
        Self::new(Kind::Oversize(bytes))
    }

    /// Answers 200 with this body.
    #[must_use]
    pub fn body(body: impl Into<Vec<u8>>) -> Self {
        Self::new(Kind::Body(body.into()))
    }

    /// Happens to so many requests only. Defaults to every request.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Happens only after `delay`. Defaults to at once.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    fn new(kind: Kind) -> Self {
        Self { kind, delay: Duration::ZERO, times: None }
    }

    /// Whether it comes from the service's inside, behind the check of the token.
    pub(super) fn needs_token(&self) -> bool {
        matches!(self.kind, Kind::Late | Kind::Truncate | Kind::Oversize(_) | Kind::Body(_))
    }
}
