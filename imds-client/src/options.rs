use std::fmt;
use std::time::{Duration, Instant};

use crate::Endpoint;

/// How to reach the metadata service, and how long to try.
#[derive(Clone, Debug)]
pub struct Options {
    endpoints: Vec<Endpoint>,
    interfaces: Vec<String>,
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

    /// Every way, the routing table's before those bound to an interface.
    pub(crate) fn ways(&self) -> Vec<Way> {
        let unbound = self.endpoints.iter().map(|endpoint| Way { endpoint: *endpoint, interface: None });
        let bound = self.interfaces.iter().flat_map(|interface| {
            self.endpoints
                .iter()
                .map(|endpoint| Way { endpoint: *endpoint, interface: Some(interface.clone()) })
        });
        unbound.chain(bound).collect()
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
