//! How one value is written after `Key=`, and read back.

use std::net::IpAddr;

use ipnetwork::IpNetwork;

/// A value that has no line break and no white space in its text, whatever it holds.
pub(crate) trait Value: Sized {
    fn render(&self) -> String;

    /// Gives `None` for a text that is no such value, or that networkd would read differently.
    fn parse(text: &str) -> Option<Self>;
}

impl Value for bool {
    fn render(&self) -> String {
        if *self { "yes" } else { "no" }.to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        match canonical_word(text) {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        }
    }
}

macro_rules! number_value {
    ($($number:ty)*) => {$(
        impl Value for $number {
            fn render(&self) -> String {
                self.to_string()
            }

            fn parse(text: &str) -> Option<Self> {
                // networkd takes `010` for the octal number 8, as strtoul(3) does; only one form is unambiguous.
                text.parse().ok().filter(|number: &Self| number.to_string() == text)
            }
        }
    )*};
}

number_value!(u8 u32);

macro_rules! address_value {
    ($($address:ty)*) => {$(
        impl Value for $address {
            fn render(&self) -> String {
                self.to_string()
            }

            fn parse(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        }
    )*};
}

address_value!(IpAddr IpNetwork);

/// A hardware address, as `02:00:00:00:00:01`.
impl Value for [u8; 6] {
    fn render(&self) -> String {
        self.map(|byte| format!("{byte:02x}")).join(":")
    }

    fn parse(text: &str) -> Option<Self> {
        let bytes: Vec<u8> = text.split(':').map(hexadecimal_byte).collect::<Option<_>>()?;
        bytes.try_into().ok()
    }
}

/// Maps each of systemd.syntax(7)'s words for a boolean to `yes` or `no`; any other text stays as it is.
pub(crate) fn canonical_word(text: &str) -> &str {
    let is_one_of = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is_one_of(&["1", "yes", "y", "true", "t", "on"]) {
        "yes"
    } else if is_one_of(&["0", "no", "n", "false", "f", "off"]) {
        "no"
    } else {
        text
    }
}

fn hexadecimal_byte(text: &str) -> Option<u8> {
    let is_plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_plain.then(|| u8::from_str_radix(text, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use super::*;

    #[track_caller]
    fn check<V: Value + Debug + PartialEq>(text: &str, expected: Option<(V, &str)>) {
        let value = V::parse(text);
        assert_eq!(value.as_ref().map(Value::render).as_deref(), expected.as_ref().map(|(_, text)| *text));
        assert_eq!(value, expected.map(|(value, _)| value));
    }

    #[test]
    fn booleans() {
        check("yes", Some((true, "yes")));
        check("TRUE", Some((true, "yes")));
        check("1", Some((true, "yes")));
        check("off", Some((false, "no")));
        check::<bool>("", None);
        check::<bool>("maybe", None);
    }

    #[test]
    fn numbers() {
        check("0", Some((0_u32, "0")));
        check("4294967295", Some((u32::MAX, "4294967295")));
        check::<u32>("4294967296", None);
        check::<u32>("-1", None);
        check::<u32>("+1", None);
        check::<u32>("010", None);
        check::<u32>("0x10", None);
        check::<u32>("", None);
        check::<u8>("256", None);
    }

    #[test]
    fn hardware_addresses() {
        check("02:00:00:00:00:0a", Some(([2, 0, 0, 0, 0, 10], "02:00:00:00:00:0a")));
        check("02:00:00:00:00:0A", Some(([2, 0, 0, 0, 0, 10], "02:00:00:00:00:0a")));
        check::<[u8; 6]>("02:00:00:00:00", None);
        check::<[u8; 6]>("02:00:00:00:00:00:00", None);
        check::<[u8; 6]>("02:00:00:00:00:a", None);
        check::<[u8; 6]>("02:00:00:00:00:+a", None);
    }

    #[test]
    fn networks() {
        check("10.0.0.9/8", Some(("10.0.0.9/8".parse::<IpNetwork>().unwrap(), "10.0.0.9/8")));
        check("10.0.0.9", Some(("10.0.0.9/32".parse::<IpNetwork>().unwrap(), "10.0.0.9/32")));
        check("2001:DB8::/64", Some(("2001:db8::/64".parse::<IpNetwork>().unwrap(), "2001:db8::/64")));
        check::<IpNetwork>("10.0.0.9/33", None);
        check::<IpNetwork>("fe80::1%eth0/64", None);
    }
}
