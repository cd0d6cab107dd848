//! The errors of wrong input.

use std::io;

/// What was given does not have the form it must have.
pub(super) fn invalid(message: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, message.into())
}
