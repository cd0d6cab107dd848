use std::thread;
use std::time::{Duration, Instant};

use crate::backoff::Backoff;
use crate::options::Way;
use crate::session::{Request, Session};
use crate::{Error, ErrorKind, Options};

/// The longest wait for the first attempt of a request; the SDKs wait as long.
const ATTEMPT: Duration = Duration::from_secs(1);

/// A connection to the metadata service: the way that works, and a token.
#[derive(Debug)]
pub struct Client {
    options: Options,
    /// The one that worked last comes first.
    ways: Vec<Way>,
    session: Option<Session>,
}

impl Client {
    /// Makes a client. Nothing is sent before the first read.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self { ways: options.ways(), options, session: None }
    }

    /// Reads the body of `key`, a path below `/latest/meta-data/`. `None` is status 404.
    pub(crate) fn fetch(&mut self, key: &str, limit: u64) -> Result<Option<String>, Error> {
        let patience = Instant::now() + self.options.patience;
        let until = self.options.deadline.map_or(patience, |deadline| deadline.min(patience));
        let mut backoff = Backoff::new();
        let mut timeout = ATTEMPT;
        let mut cause = None;
        loop {
            let error = match (self.attempt(key, limit, timeout, until), cause) {
                (Ok(body), _) => return Ok(body),
                // The last attempt may have next to no time left, which is not why the others failed.
                (Err(error), Some(cause)) if *error.kind() == ErrorKind::Timeout => cause,
                (Err(error), _) => error,
            };
            let pause = backoff.pause();
            if !error.is_retryable() || Instant::now() + pause >= until {
                return Err(error);
            }
            log::debug!("{error}; again in {} ms", pause.as_millis());
            thread::sleep(pause);
            timeout *= 2;
            cause = Some(error);
        }
    }

    fn attempt(
        &mut self,
        key: &str,
        limit: u64,
        timeout: Duration,
        until: Instant,
    ) -> Result<Option<String>, Error> {
        let session = self.open_session(until)?;
        let request = Request { key, limit, timeout };
        match session.get(&request, until) {
            Err(error) if *error.kind() == ErrorKind::Unauthorized => {}
            result => return result,
        }
        self.session = None;
        self.open_session(until)?.get(&request, until)
    }

    /// The session in use, or else one by the first way that gives a token.
    fn open_session(&mut self, until: Instant) -> Result<Session, Error> {
        if let Some(session) = &self.session {
            return Ok(session.clone());
        }
        let mut failures = Vec::new();
        for position in 0..self.ways.len() {
            let way = self.ways[position].clone();
            match Session::open(way.clone(), until) {
                Ok(session) => {
                    log::debug!("metadata by {way}");
                    self.ways[..=position].rotate_right(1);
                    return Ok(self.session.insert(session).clone());
                }
                Err(error) if error.is_retryable() => failures.push((way, error)),
                Err(error) => return Err(error),
            }
        }
        let reasons = failures.iter().map(|(way, error)| format!("{way}: {}", error.kind()));
        let reasons = reasons.collect::<Vec<_>>().join("; ");
        Err(Error::new(Error::TOKEN, ErrorKind::Unreachable(reasons)))
    }
}
