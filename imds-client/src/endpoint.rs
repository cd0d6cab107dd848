use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::str::FromStr;

/// Where the metadata service listens: an address and a port, spoken to in plain HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint(SocketAddr);

/// A text that is not `http://HOST[:PORT]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidEndpoint {
    text: String,
    reason: String,
}

impl Endpoint {
    /// The IPv4 endpoint, link-local and on by default.
    /// Source: EC2 User Guide, "Access instance metadata for an EC2 instance".
    pub const IPV4: Self = Self(SocketAddr::new(IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)), 80));
    /// The IPv6 endpoint, on Nitro instances only and off by default. Same source.
    pub const IPV6: Self =
        Self(SocketAddr::new(IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)), 80));

    pub(crate) fn address(self) -> SocketAddr {
        self.0
    }
}

impl From<SocketAddr> for Endpoint {
    fn from(address: SocketAddr) -> Self {
        Self(address)
    }
}

impl FromStr for Endpoint {
    type Err = InvalidEndpoint;

    /// Reads `http://HOST[:PORT]`; a host that is not an address is looked up.
    fn from_str(text: &str) -> Result<Self, InvalidEndpoint> {
        let invalid = |reason: &str| InvalidEndpoint { text: text.to_owned(), reason: reason.to_owned() };
        let authority =
            text.strip_prefix("http://").ok_or_else(|| invalid("it does not begin with `http://`"))?;
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        if authority.contains(['/', '?', '#', '@']) {
            return Err(invalid("only a host and a port may follow `http://`"));
        }
        let bare_ip = authority.trim_matches(['[', ']']).parse().map(|ip: IpAddr| SocketAddr::new(ip, 80));
        if let Ok(address) = authority.parse().or(bare_ip) {
            return Ok(Self(address));
        }
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().map_err(|_| invalid("the port is not a number"))?),
            None => (authority, 80),
        };
        let mut found = (host, port).to_socket_addrs().map_err(|error| invalid(&error.to_string()))?;
        found.next().map(Self).ok_or_else(|| invalid("the host has no address"))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}", self.0)
    }
}

impl fmt::Display for InvalidEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not an endpoint of the metadata service: {}", self.text, self.reason)
    }
}

impl std::error::Error for InvalidEndpoint {}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let shown = match text.parse::<Endpoint>() {
            Ok(endpoint) => endpoint.to_string(),
            Err(error) => error.reason,
        };
        assert_eq!(shown, expected);
    }

    #[test]
    fn reads_addresses_with_and_without_port() {
        check("http://169.254.169.254", "http://169.254.169.254:80");
        check("http://127.0.0.1:1338/", "http://127.0.0.1:1338");
        check("http://[fd00:ec2::254]", "http://[fd00:ec2::254]:80");
        check("http://[fd00:ec2::254]:8080", "http://[fd00:ec2::254]:8080");
    }

    #[test]
    fn refuses_what_it_would_not_use() {
        check("https://169.254.169.254", "it does not begin with `http://`");
        check("http://169.254.169.254/latest", "only a host and a port may follow `http://`");
        check("http://user@169.254.169.254", "only a host and a port may follow `http://`");
        check("http://169.254.169.254:http", "the port is not a number");
    }
}
