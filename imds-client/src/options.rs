use std::fmt;
use std::time::{Duration, Instant};

use crate::Endpoint;

/// How to reach the metadata service, and how long to try.
#[derive(Clone, Debug)]
pub struct Options {
    endpoints: Vec<Endpoint>,
    interfaces: Vec<String>,
    preferred_interface: Option<String>,
    pub(crate) deadline: Option<Instant>,
    pub(crate) patience: Duration,
}

/// A way to the service: an endpoint, and an interface unless the routing table decides.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Way {
    pub(crate) endpoint: Endpoint,
    pub(crate) interface: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            endpoints: vec![Endpoint::IPV4, Endpoint::IPV6],
            interfaces: Vec::new(),
            preferred_interface: None,
            deadline: None,
            patience: Duration::from_secs(3),
        }
    }
}

impl Options {
    /// Sets the endpoints to try, in this order. Defaults to [`Endpoint::IPV4`], then [`Endpoint::IPV6`].
    #[must_use]
    pub fn with_endpoints(self, endpoints: Vec<Endpoint>) -> Self {
        Self { endpoints, ..self }
    }

    /// Sets the interfaces to bind to, one after the other, when no endpoint answers through the routing table.
    /// Defaults to none.
    #[must_use]
    pub fn with_interfaces(self, interfaces: Vec<String>) -> Self {
        Self { interfaces, ..self }
    }

    /// Sets the interface to begin with, before the routing table: the one that [`Metadata::interface`] named last.
    /// Defaults to none.
    ///
    /// [`Metadata::interface`]: crate::Metadata::interface
    #[must_use]
    pub fn with_preferred_interface(self, preferred_interface: Option<String>) -> Self {
        Self { preferred_interface, ..self }
    }

    /// Sets the moment after which nothing is waited for any more. Defaults to none.
    #[must_use]
    pub fn with_deadline(self, deadline: Instant) -> Self {
        Self { deadline: Some(deadline), ..self }
    }

    /// Sets how long one read may take with all its attempts. Defaults to 3 seconds.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Every way: the routing table's before those bound to an interface, but for the preferred one.
    pub(crate) fn ways(&self) -> Vec<Way> {
        let interfaces = [None].into_iter().chain(self.interfaces.iter().cloned().map(Some));
        let ways = interfaces.flat_map(|interface| {
            self.endpoints
                .iter()
                .map(move |endpoint| Way { endpoint: *endpoint, interface: interface.clone() })
        });
        let mut ways: Vec<Way> = ways.collect();
        ways.sort_by_key(|way| way.interface.is_none() || way.interface != self.preferred_interface);
        ways
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.interface {
            None => self.endpoint.fmt(f),
            Some(interface) => write!(f, "{} on `{interface}`", self.endpoint),
        }
    }
}
