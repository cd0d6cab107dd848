use std::fmt;
use std::str::FromStr;

/// The MAC address of an ENI, which identifies it in the metadata and to the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MacAddr(pub [u8; 6]);

/// A text that is not six pairs of hexadecimal digits with colons between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidMacAddr;

impl FromStr for MacAddr {
    type Err = InvalidMacAddr;

    fn from_str(text: &str) -> Result<Self, InvalidMacAddr> {
        let mut octets = [0; 6];
        let mut pairs = text.split(':');
        for octet in &mut octets {
            let pair = pairs.next().ok_or(InvalidMacAddr)?;
            // `from_str_radix` alone would take "+2".
            if pair.len() != 2 || !pair.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return Err(InvalidMacAddr);
            }
            *octet = u8::from_str_radix(pair, 16).map_err(|_| InvalidMacAddr)?;
        }
        if pairs.next().is_some() { Err(InvalidMacAddr) } else { Ok(Self(octets)) }
    }
}

impl fmt::Display for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, octet) in self.0.iter().enumerate() {
            let separator = if position == 0 { "" } else { ":" };
            write!(f, "{separator}{octet:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Display for InvalidMacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a MAC address")
    }
}

impl std::error::Error for InvalidMacAddr {}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(text.parse::<MacAddr>().ok().map(|mac| mac.to_string()).as_deref(), expected);
    }

    #[test]
    fn parses_what_the_metadata_prints() {
        check("06:a1:e5:79:fa:e9", Some("06:a1:e5:79:fa:e9"));
        check("06:A1:E5:79:FA:E9", Some("06:a1:e5:79:fa:e9"));
    }

    #[test]
    fn refuses_everything_else() {
        for text in ["", "06:a1:e5:79:fa", "06:a1:e5:79:fa:e9:00", "6:a1:e5:79:fa:e9", "+6:a1:e5:79:fa:e9"] {
            check(text, None);
        }
        check("06-a1-e5-79-fa-e9", None);
        check("06:a1:e5:79:fa:e9\n[Match]", None);
    }
}
