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
        let limit_of = |patience| {
            let until = Instant::now() + patience;
            self.options.deadline.map_or(until, |deadline| deadline.min(until))
        };
        // Every way gets its time, however many there are; the read has its own.
        let ways = u32::try_from(self.ways.len()).unwrap_or(u32::MAX);
        let until = match self.session {
            Some(_) => limit_of(self.options.patience),
            None => limit_of(self.options.patience + ATTEMPT * ways),
        };
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

    /// The interface that the session in use is bound to.
    pub(crate) fn interface(&self) -> Option<&str> {
        self.session.as_ref()?.interface()
    }

    /// The session in use, or else one by the first way that gives a token.
    fn open_session(&mut self, until: Instant) -> Result<Session, Error> {
        if let Some(session) = &self.session {
            return Ok(session.clone());
        }
        let mut failures = Vec::new();
        for _ in 0..self.ways.len() {
            let Some(way) = self.ways.first().cloned().filter(|_| Instant::now() < until) else { break };
            match Session::open(way.clone(), until) {
                Ok(session) => {
                    log::debug!("metadata by {way}");
                    return Ok(self.session.insert(session).clone());
                }
                Err(error) if error.is_retryable() => {
                    failures.push((way, error));
                    self.ways.rotate_left(1);
                }
                Err(error) => return Err(error),
            }
        }
        if failures.is_empty() {
            return Err(Error::new(Error::TOKEN, ErrorKind::Timeout));
        }
        let reasons = failures.iter().map(|(way, error)| format!("{way}: {}", error.kind()));
        let reasons = reasons.collect::<Vec<_>>().join("; ");
        Err(Error::new(Error::TOKEN, ErrorKind::Unreachable(reasons)))
    }
}
