//! What is no file of this crate, and the message that says so.

use networkd_config::{Comment, Match, Network, NetworkFile, ParseError, ParseErrorKind};

#[track_caller]
fn check(text: &str, message: &str) {
    assert_eq!(text.parse::<NetworkFile>().map_err(|error| error.to_string()), Err(message.to_owned()));
}

#[test]
fn unknown_names() {
    check("[Bridge]\n", "line 1: unknown section `[Bridge]`");
    check("[match]\n", "line 1: unknown section `[match]`");
    check("[]\n", "line 1: unknown section `[]`");
    check("\n[Route]\nVia=10.0.0.1\n", "line 3: unknown key `Via` in section `[Route]`");
    check("[Route]\ntable=1\n", "line 2: unknown key `table` in section `[Route]`");
    check("[Route]\n=1\n", "line 2: unknown key `` in section `[Route]`");
    check("[Route]\nX-Owner=me\n", "line 2: unknown key `X-Owner` in section `[Route]`");
}

#[test]
fn invalid_values() {
    check("[Route]\nTable=main\n", "line 2: invalid value `main` of the key `Table`");
    check("[Route]\nTable=\n", "line 2: invalid value `` of the key `Table`");
    check("[Route]\nGateway=_dhcp6\n", "line 2: invalid value `_dhcp6` of the key `Gateway`");
    check("[Route]\nGateway=10.0.0.1/24\n", "line 2: invalid value `10.0.0.1/24` of the key `Gateway`");
    check("[Network]\nDHCP=IPv4\n", "line 2: invalid value `IPv4` of the key `DHCP`");
    check("[Network]\nIPv6AcceptRA=a\tb\n", "line 2: invalid value `a\\tb` of the key `IPv6AcceptRA`");
    check("[Match]\nName=ens5 a/b\n", "line 2: invalid value `a/b` of the key `Name`");
    check("[Match]\nName=!ens5\n", "line 2: invalid value `!ens5` of the key `Name`");
    check("[Match]\nName=ens5\nName=\n", "line 3: invalid value `` of the key `Name`");
    check("[Match]\nMACAddress=ens5\n", "line 2: invalid value `ens5` of the key `MACAddress`");
}

#[test]
fn keys_that_come_once() {
    check("[Route]\nTable=1\nMetric=1\nTable=1\n", "line 4: key `Table` for the second time");
    check("[Match]\n\n[Address]\nAddPrefixRoute=no\n", "line 3: section without the key `Address`");
    check("[Address]\nAddress=::1\nAddress=::1\n", "line 3: key `Address` for the second time");
}

#[test]
fn malformed_lines() {
    check("Table=1\n", "line 1: key `Table` before any section");
    check("[Route\n", "line 1: `[Route` is neither a section, a `Key=Value` nor a comment");
    check("[Route]\nTable\n", "line 2: `Table` is neither a section, a `Key=Value` nor a comment");
    check("[Route]\nTable=1\\\n0\n", "line 2: a line that goes on after a backslash is not supported");
}

#[test]
fn kinds_of_errors() {
    let error: ParseError = "[Route]\nTable=main\n".parse::<NetworkFile>().unwrap_err();
    assert_eq!(error.line(), 2);
    assert_eq!(
        *error.kind(),
        ParseErrorKind::InvalidValue { key: "Table".to_owned(), value: "main".to_owned() }
    );
}

#[test]
fn files_as_others_write_them() {
    let text =
        "; by hand\r\n\n  [Match]\n# the first\nName = ens5\n  Name=ens6  ens7\n[Network]\nIPv6AcceptRA=TRUE";
    let expected = NetworkFile {
        comments: vec![Comment::new("by hand")],
        sections: vec![
            Match {
                name: ["ens5", "ens6", "ens7"].map(|name| name.parse().unwrap()).into(),
                ..Match::default()
            }
            .into(),
            Network { ipv6_accept_ra: Some(true), ..Network::default() }.into(),
        ],
    };
    assert_eq!(text.parse(), Ok(expected));
}
