//! How the service answers, whatever it is asked.

use serde::{Deserialize, Serialize};

/// How every answer is sent. The defaults are what the real service was seen to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whether a connection serves more than one request. Defaults to false.
    pub keep_alive: bool,
    /// Whether the answers are HTTP/1.0. Defaults to false.
    pub http10: bool,
    /// Whether the answers have a Content-Length; without one, the end of the connection ends the body, so
    /// there is no keep-alive. Defaults to true.
    pub content_length: bool,
    /// Answers the last of each so many requests and loses the others; 0 and 1 answer all. Defaults to 1.
    pub throttle: u32,
    /// How the throttle loses a request. Defaults to [`Loss::Drop`].
    pub throttled: Loss,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            keep_alive: false,
            http10: false,
            content_length: true,
            throttle: 1,
            throttled: Loss::default(),
        }
    }
}

/// How a request is lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Loss {
    /// The connection is closed without an answer, at once.
    #[default]
    Drop,
    /// There is no answer and no end until the client gives up, as when EC2's packet limit drops packets.
    Hang,
}
