//! The same instance in other words: it gets the same.

use serde_json::{Value, json};

use crate::folder::check;
use crate::host::Host;
use crate::instance::{Eni, mac, tree};
use crate::{oracle, trees};

fn plain() -> Value {
    tree(&[
        Eni::new(0, 0).with_ipv4(2).with_ipv6(2),
        Eni::new(0, 1).with_ipv4(3).with_ipv6(3).with_prefixes(2, 2),
        Eni::new(1, 1).with_ipv4(0).with_ipv6(2),
    ])
}

/// A tree that says the same as the plain one: the plan is that of the plain one, and so are the files.
#[track_caller]
fn check_same(other: &Value) {
    check(other);
    let (expected, host) = (Host::with(&plain()), Host::with(other));
    assert_eq!(host.plan(&[])["interfaces"], expected.plan(&[])["interfaces"]);
    expected.reconcile(&[]);
    host.reconcile(&[]);
    assert_eq!(host.files("run/systemd/network"), expected.files("run/systemd/network"));
}

/// Changes each list of each ENI.
fn with_lists(change: impl Fn(&str, Vec<String>) -> Value) -> Value {
    let mut tree = plain();
    for keys in trees::enis(&mut tree).values_mut() {
        for (key, value) in keys.as_object_mut().unwrap() {
            if let Ok(lines) = serde_json::from_value::<Vec<String>>(value.clone()) {
                *value = change(key, lines);
            }
        }
    }
    tree
}

/// Report V6: prefixes were compared as text, and deleted and added for ever.
#[test]
fn v6_uncompressed_and_upper_case_ipv6() {
    let uncompressed = |text: &str| {
        let (ip, length) = text.split_once('/').map_or((text, None), |(ip, length)| (ip, Some(length)));
        let Ok(ip) = ip.parse::<std::net::Ipv6Addr>() else { return text.to_owned() };
        let ip = ip.segments().map(|segment| format!("{segment:X}")).join(":");
        length.map_or(ip.clone(), |length| format!("{ip}/{length}"))
    };
    check_same(&with_lists(|_, lines| lines.iter().map(|line| uncompressed(line)).collect()));
}

#[test]
fn blocks_with_host_bits() {
    check_same(&with_lists(|_, lines| {
        lines.iter().map(|line| line.replace(":0::/80", "::7/80").replace(".0/28", ".5/28")).collect()
    }));
}

#[test]
fn lines_that_come_twice() {
    check_same(&with_lists(|_, lines| json!([lines.clone(), lines].concat())));
}

/// A list in one string, and a line break after the last line, or two.
#[test]
fn line_breaks_at_the_end() {
    check_same(&with_lists(|_, lines| json!(lines.join("\n"))));
    check_same(&with_lists(|_, lines| json!(lines.join("\n") + "\n")));
    check_same(&with_lists(|_, lines| json!(lines.join("\n") + "\n\n")));
    check_same(&with_lists(|_, lines| json!(lines.join("\r\n") + "\r\n")));
    let mut tree = plain();
    for keys in trees::enis(&mut tree).values_mut() {
        for (_, value) in keys.as_object_mut().unwrap() {
            if let Value::String(text) = value {
                text.push('\n');
            }
        }
    }
    tree["mac"] = json!(format!("{}\n", mac(0, 0)));
    check_same(&tree);
}

#[test]
fn blank_lines_between() {
    check_same(&with_lists(|_, lines| json!(lines.join("\n\n"))));
}

#[test]
fn mac_addresses_in_upper_case() {
    let mut tree = plain();
    let enis = trees::enis(&mut tree);
    *enis = std::mem::take(enis).into_iter().map(|(mac, keys)| (mac.to_uppercase(), keys)).collect();
    assert!(enis.contains_key("02:00:5E:00:00:00"));
    check_same(&tree);
    tree["mac"] = json!("02:00:5E:00:00:00");
    check_same(&tree);
}

/// The order of secondary addresses means nothing, that of the keys of a JSON object neither.
#[test]
fn any_order() {
    check_same(&with_lists(|_, mut lines| {
        lines[1..].reverse();
        json!(lines)
    }));
    let host = Host::with(&plain());
    let expected = host.plan(&[]);
    host.set_metadata(&reversed(&plain()));
    let plan = host.plan(&[]);
    assert_eq!(plan, expected);
    assert_eq!(
        oracle::canonical(plan["interfaces"].as_array().unwrap()),
        oracle::canonical(&oracle::interfaces(&plain()))
    );
}

/// A listed key with an empty value is absent on an ENI that never had a value for it.
#[test]
fn empty_values_of_keys_that_need_not_be() {
    let mut tree = plain();
    for (mac, key) in [
        (mac(0, 0), "ipv4-prefix"),
        (mac(0, 0), "ipv6-prefix"),
        (mac(1, 1), "local-ipv4s"),
        (mac(1, 1), "subnet-ipv4-cidr-block"),
        (mac(1, 1), "ipv6-prefix"),
    ] {
        trees::eni(&mut tree, &mac).insert(key.to_owned(), json!(""));
    }
    check_same(&tree);
    trees::eni(&mut tree, &mac(0, 0)).insert("ipv4-prefix".to_owned(), json!([]));
    check_same(&tree);
}

/// The second ENI of scenario 02 as its source had it, with empty values.
#[test]
fn empty_values_of_scenario_02() {
    let mut tree = trees::read("02");
    for key in ["ipv6s", "public-ipv4s", "subnet-ipv6-cidr-blocks", "vpc-ipv6-cidr-blocks", "public-hostname"]
    {
        trees::eni(&mut tree, "06:17:04:d7:26:08").insert(key.to_owned(), json!(""));
    }
    check(&tree);
}

/// JSON with the keys of each object in falling order.
fn reversed(value: &Value) -> String {
    match value {
        Value::Object(object) => {
            let mut keys: Vec<&String> = object.keys().collect();
            keys.sort_by(|one, other| other.cmp(one));
            let entry = |key: &String| format!("{}:{}", json!(key), reversed(&object[key]));
            format!("{{{}}}", keys.into_iter().map(entry).collect::<Vec<_>>().join(","))
        }
        value => value.to_string(),
    }
}
