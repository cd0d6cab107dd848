//! What holds for every text that the metadata may contain.

use std::fs;

use networkd_config::{NetworkFile, Section};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

use crate::files::Files;
use crate::host::Host;
use crate::instance::{CARD, KEYS, MACS, SECOND, tree, tree_with_cards};

/// The sections that an ENI's files have.
const SECTIONS: [&str; 8] =
    ["Match", "Network", "DHCPv4", "DHCPv6", "IPv6AcceptRA", "Route", "Address", "RoutingPolicyRule"];

/// The keys that can have any text, and the name of an ENI's directory, which can too.
fn any_path() -> impl Strategy<Value = Option<String>> {
    let keys = KEYS[1..].iter().chain([&CARD]).map(|key| SECOND.path(key));
    let paths: Vec<String> = keys.chain(["mac".to_owned()]).collect();
    prop_oneof![9 => proptest::sample::select(paths).prop_map(Some), 1 => Just(None)]
}

/// Texts that are near to what is right, or to what would do harm.
fn any_text() -> impl Strategy<Value = String> {
    let right = proptest::sample::select(vec![
        "10.0.1.31",
        "10.0.1.64/28",
        "2600:1f14:abc:de01::1222",
        "2600:1f14:abc:de01:1aaa::/80",
        "eni-0206ee072610f1573",
        "02:02:43:f6:4c:1f",
        "1",
        "",
    ]);
    let harmful = proptest::sample::select(vec![
        "[Route]",
        "[Match]",
        "Gateway=10.0.1.66",
        "Name=*",
        "#",
        "\\",
        "%i",
        "../../../etc/passwd",
    ]);
    let end =
        proptest::sample::select(vec!["", " ", "\n", "\r", "\r\n", "\t", "\u{2028}", "\u{0}", "\u{85}"]);
    let piece = prop_oneof![
        3 => right.prop_map(str::to_owned),
        2 => harmful.prop_map(str::to_owned),
        1 => "\\PC{0,12}",
        1 => any::<String>(),
    ];
    vec((piece, end), 1..5).prop_map(|pieces| pieces.into_iter().map(|(text, end)| text + end).collect())
}

/// The tree with a text in one place.
fn with(path: Option<&str>, text: &str) -> Value {
    let mut tree = if path.is_some_and(|path| path.ends_with(CARD)) { tree_with_cards() } else { tree() };
    if let Some(path) = path {
        let pointer = format!("/{path}");
        *tree.pointer_mut(&pointer).unwrap() = text.into();
    } else {
        let macs = tree.pointer_mut(&format!("/{}", MACS.trim_end_matches('/'))).unwrap();
        let eni = macs[SECOND.mac].clone();
        macs.as_object_mut().unwrap().insert(text.to_owned(), eni);
    }
    tree
}

fn is_known(section: &Section) -> bool {
    let text = section.to_string();
    let name = text.lines().next().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    SECTIONS.contains(&name.as_str())
}

/// Every file is one of ours to the last line.
fn check(files: &Files) -> Result<(), TestCaseError> {
    for (path, text) in files.texts() {
        prop_assert!(
            path.starts_with("/run/ec2-net/network/") || path.starts_with("/run/systemd/network/"),
            "{path}"
        );
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
        prop_assert!(path.chars().all(is_plain), "{path:?}");
        let file: NetworkFile =
            text.parse().map_err(|error| TestCaseError::fail(format!("`{path}`: {error}\n{text}")))?;
        prop_assert!(file.sections.iter().all(is_known), "`{path}`: {text}");
        prop_assert_eq!(&file.to_string(), text, "what is read is all that is there");
        prop_assert!(text.is_ascii(), "`{path}`: {text}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    /// Report S2.
    #[test]
    fn s2_no_text_of_the_metadata_is_written_unparsed(path in any_path(), text in any_text()) {
        let directory = tempfile::tempdir().unwrap();
        let (right, wrong) = (directory.path().join("right.json"), directory.path().join("wrong.json"));
        fs::write(&right, tree().to_string()).unwrap();
        fs::write(&wrong, with(path.as_deref(), &text).to_string()).unwrap();

        let first = Host::new();
        let run = first.run_with_file(&wrong, &["reconcile"]);
        prop_assert!([0, 3, 4].contains(&run.status), "{:?}", run);
        check(&first.files())?;

        let later = Host::new();
        prop_assert_eq!(later.run_with_file(&right, &["reconcile"]).status, 0);
        let before = later.files();
        let run = later.run_with_file(&wrong, &["reconcile"]);
        prop_assert!([0, 3, 4].contains(&run.status), "{:?}", run);
        check(&later.files())?;
        let touched = before.of(SECOND).differences(&later.files().of(SECOND));
        prop_assert!(run.status == 0 || touched.is_empty(), "{touched:?} in spite of {:?}", run);
    }
}
