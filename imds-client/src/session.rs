use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::StatusCode;
use ureq::{Agent, Body};

use crate::options::Way;
use crate::{Error, ErrorKind, connector};

/// How long a token is good for, in seconds: longer than any run, and nothing lasting if it leaks.
const TOKEN_LIFETIME: &str = "300";
/// The largest token taken, in bytes. Real ones have 56.
const TOKEN_LIMIT: u64 = 1024;
/// The longest wait for a connection; the SDKs wait as long.
const CONNECT: Duration = Duration::from_secs(1);

/// A way to the service that has given a token, and the connections kept alive on it.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    way: Way,
    agent: Agent,
    token: String,
}

/// One attempt to read a key.
pub(crate) struct Request<'a> {
    pub(crate) key: &'a str,
    pub(crate) limit: u64,
    pub(crate) timeout: Duration,
}

impl Session {
    pub(crate) fn open(way: Way, until: Instant) -> Result<Self, Error> {
        let failed = |kind| Error::new(Error::TOKEN, kind);
        let config = Config::builder()
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT))
            .user_agent(concat!("imds-client/", env!("CARGO_PKG_VERSION")))
            .input_buffer_size(16 * 1024)
            .output_buffer_size(4 * 1024)
            .build();
        let agent = connector::agent(config, way.endpoint.address(), way.interface.clone());
        let request = agent
            .put(format!("{}/{}", way.endpoint, Error::TOKEN))
            .header("X-aws-ec2-metadata-token-ttl-seconds", TOKEN_LIFETIME)
            .config()
            .timeout_global(Some(remaining(until, CONNECT * 2)))
            .build();
        let mut response = request.send_empty().map_err(|error| failed(transport(&error)))?;
        let token = match response.status() {
            StatusCode::OK => read(response.body_mut(), TOKEN_LIMIT).map_err(failed)?,
            status => return Err(failed(refused(status))),
        };
        let fits = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        if fits {
            Ok(Self { way, agent, token })
        } else {
            Err(Error::malformed(Error::TOKEN, "", "not a token"))
        }
    }

    pub(crate) fn interface(&self) -> Option<&str> {
        self.way.interface.as_deref()
    }

    pub(crate) fn get(&self, request: &Request, until: Instant) -> Result<Option<String>, Error> {
        let failed = |kind| Error::new(request.key, kind);
        let get = self
            .agent
            .get(format!("{}/latest/meta-data/{}", self.way.endpoint, request.key))
            .header("X-aws-ec2-metadata-token", &self.token)
            .config()
            .timeout_global(Some(remaining(until, request.timeout)))
            .build();
        let mut response = get.call().map_err(|error| failed(transport(&error)))?;
        match response.status() {
            StatusCode::OK => read(response.body_mut(), request.limit).map(Some).map_err(failed),
            StatusCode::NOT_FOUND => Ok(None),
            status => Err(failed(refused(status))),
        }
    }
}

fn remaining(until: Instant, at_most: Duration) -> Duration {
    // Zero would mean "no timeout" to ureq.
    until.saturating_duration_since(Instant::now()).min(at_most).max(Duration::from_millis(1))
}

fn read(body: &mut Body, limit: u64) -> Result<String, ErrorKind> {
    let bytes = body.with_config().limit(limit).read_to_vec().map_err(|error| match error {
        ureq::Error::BodyExceedsLimit(_) => ErrorKind::TooLarge { limit },
        error => transport(&error),
    })?;
    String::from_utf8(bytes)
        .map_err(|_| ErrorKind::Malformed { value: String::new(), reason: "not UTF-8".to_owned() })
}

fn refused(status: StatusCode) -> ErrorKind {
    match status {
        StatusCode::UNAUTHORIZED => ErrorKind::Unauthorized,
        StatusCode::FORBIDDEN => ErrorKind::Forbidden,
        status => ErrorKind::Status(status.as_u16()),
    }
}

fn transport(error: &ureq::Error) -> ErrorKind {
    match error {
        ureq::Error::Timeout(_) => ErrorKind::Timeout,
        error => ErrorKind::Broken(error.to_string()),
    }
}
