//! Files whose keys this crate does not know.

use networkd_config::{Comment, RawEntry, RawFile, RawSection};

#[track_caller]
fn check(text: &str, comments: &[&str], sections: &[RawSection<'_>]) {
    let expected = RawFile {
        comments: comments.iter().map(|text| Comment::new(text)).collect(),
        sections: sections.to_vec(),
    };
    assert_eq!(RawFile::parse(text), Ok(expected));
}

#[test]
fn nothing() {
    check("", &[], &[]);
    check("\n \n", &[], &[]);
    check("# one\n\n#two", &["one", "two"], &[]);
}

#[test]
fn keys_and_values() {
    check(
        "[Bridge]\n\nCost = a=b c\nEmpty=\n",
        &[],
        &[RawSection {
            line: 1,
            name: "Bridge",
            entries: vec![
                RawEntry { line: 3, key: "Cost", value: "a=b c" },
                RawEntry { line: 4, key: "Empty", value: "" },
            ],
        }],
    );
}

#[test]
fn comments_in_a_section() {
    check("#a \\\n[X]\n#b \\\n", &["a \\"], &[RawSection { line: 2, name: "X", entries: vec![] }]);
}
