//! What the service knows, and what it answers to a request.

use std::io;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::counters::Counters;
use super::error::invalid;
use super::fault::{Fault, Kind};
use super::faults::Faults;
use super::path::{TOKEN_PATH, key};
use super::request::Request;
use super::response::Response;
use super::settings::{Loss, Settings};
use super::timeline::Timeline;
use super::tokens::Tokens;
use super::tree::{Node, Tree};

const TTL_HEADER: &str = "X-Aws-Ec2-Metadata-Token-Ttl-Seconds";

/// Everything that a handle can change.
#[derive(Default)]
pub(super) struct State {
    pub(super) counters: Counters,
    pub(super) faults: Faults,
    pub(super) tokens: Tokens,
    tree: Tree,
    timeline: Timeline,
    settings: Settings,
    /// The requests since the settings were set.
    throttled: u64,
}

/// What is done with a request.
pub(super) struct Reply {
    pub(super) delay: Duration,
    pub(super) outcome: Outcome,
    pub(super) settings: Settings,
}

pub(super) enum Outcome {
    Answer(Response),
    /// Announced in full, and sent by half.
    Truncated(Response),
    /// So many bytes.
    Filler(u64),
    Lost(Loss),
}

impl State {
    pub(super) fn new(tree: Value) -> io::Result<Self> {
        let mut state = Self::default();
        state.set_tree(tree)?;
        Ok(state)
    }

    pub(super) fn set_tree(&mut self, tree: Value) -> io::Result<()> {
        let Value::Object(mut root) = tree else { return Err(invalid("the tree is not an object")) };
        root.remove("source");
        let timeline = root.remove("timeline").map(Timeline::parse).transpose()?.unwrap_or_default();
        (self.tree, self.timeline) = (Tree::new(root)?, timeline);
        self.advance(Instant::now());
        Ok(())
    }

    pub(super) fn set(&mut self, path: &str, value: Value) -> io::Result<()> {
        self.advance(Instant::now());
        self.tree.set(&in_tree(path)?, value)
    }

    pub(super) fn remove(&mut self, path: &str) -> io::Result<()> {
        self.advance(Instant::now());
        self.tree.remove(&in_tree(path)?)
    }

    pub(super) fn start_timeline(&mut self, now: Instant, elapsed: Duration) -> io::Result<()> {
        self.timeline.start(now, elapsed)?;
        self.advance(now);
        Ok(())
    }

    pub(super) fn set_settings(&mut self, settings: Settings) {
        self.settings = settings;
        self.throttled = 0;
    }

    /// Decides about a request, and counts it.
    pub(super) fn reply(&mut self, request: &Request, now: Instant) -> Reply {
        self.advance(now);
        let path = key(&request.path);
        self.counters.count(path.clone());
        self.throttled += 1;
        let settings = self.settings;
        if self.throttled % u64::from(settings.throttle.max(1)) != 0 {
            return Reply { delay: Duration::ZERO, outcome: Outcome::Lost(settings.throttled), settings };
        }
        let refusal = self.refusal(request, &path, now);
        let fault = self.faults.take(&path, refusal.is_none());
        let delay = fault.as_ref().map_or(Duration::ZERO, |fault| fault.delay);
        let outcome = match fault.map(|Fault { kind, .. }| kind) {
            None | Some(Kind::Late) => Outcome::Answer(self.answer(request, &path, refusal, now)),
            Some(Kind::Truncate) => Outcome::Truncated(self.answer(request, &path, refusal, now)),
            Some(Kind::Status(status)) => Outcome::Answer(Response::page(status)),
            Some(Kind::Body(body)) => Outcome::Answer(Response::text(body)),
            Some(Kind::Oversize(bytes)) => Outcome::Filler(bytes),
            Some(Kind::Drop) => Outcome::Lost(Loss::Drop),
            Some(Kind::Hang) => Outcome::Lost(Loss::Hang),
        };
        Reply { delay, outcome, settings }
    }

    /// Changes what is due to be changed by now.
    fn advance(&mut self, now: Instant) {
        self.timeline.advance(&mut self.tree, now);
    }

    /// The status with which the service turns the request away at its door.
    fn refusal(&self, request: &Request, path: &str, now: Instant) -> Option<u16> {
        match (request.method.as_str(), path) {
            ("PUT", TOKEN_PATH) if request.header("x-forwarded-for").is_some() => Some(403),
            ("PUT", TOKEN_PATH) if ttl(request).is_none() => Some(400),
            ("PUT", TOKEN_PATH) => None,
            ("GET", TOKEN_PATH) => Some(405),
            ("GET", _) if self.token_seconds(request, now).is_some() => None,
            ("GET", _) => Some(401),
            _ => Some(405),
        }
    }

    fn answer(&mut self, request: &Request, path: &str, refusal: Option<u16>, now: Instant) -> Response {
        if let Some(status) = refusal {
            return Response::page(status);
        }
        if path == TOKEN_PATH {
            let ttl = ttl(request).unwrap_or_default();
            self.counters.tokens += 1;
            let token = self.tokens.issue(Duration::from_secs(ttl), now);
            return Response::text(token).with_header(TTL_HEADER, ttl.to_string());
        }
        let answer = self.find(request);
        match self.token_seconds(request, now) {
            Some(seconds) if answer.status == 200 => answer.with_header(TTL_HEADER, seconds.to_string()),
            _ => answer,
        }
    }

    fn find(&self, request: &Request) -> Response {
        let path = request.path.as_str();
        let is_index = path.ends_with('/');
        let node = match path.strip_suffix('/').unwrap_or(path) {
            "" => Some(Node::Directory("latest".to_owned())),
            "/latest" => Some(Node::Directory("meta-data".to_owned())),
            "/latest/meta-data" => self.tree.find(""),
            below => below.strip_prefix("/latest/meta-data/").and_then(|below| self.tree.find(below)),
        };
        match node {
            Some(Node::Leaf(value)) if !is_index => Response::text(value),
            Some(Node::Directory(index)) if is_index => Response::text(index),
            Some(Node::Directory(_)) => {
                let host = request.header("host").map(|host| format!("http://{host}")).unwrap_or_default();
                Response::page(301).with_header("Location", format!("{host}{path}/"))
            }
            _ => Response::page(404),
        }
    }

    fn token_seconds(&self, request: &Request, now: Instant) -> Option<u64> {
        self.tokens.seconds_left(request.header("x-aws-ec2-metadata-token")?, now)
    }
}

/// A path that the tree can hold.
fn in_tree(path: &str) -> io::Result<String> {
    let key = key(path);
    if key.starts_with('/') { Err(invalid(format!("`{path}` names no key of the tree"))) } else { Ok(key) }
}

/// The time to live that the client asks for, if it may be had.
fn ttl(request: &Request) -> Option<u64> {
    let ttl = request.header("x-aws-ec2-metadata-token-ttl-seconds")?.parse().ok()?;
    (1..=21600).contains(&ttl).then_some(ttl)
}
