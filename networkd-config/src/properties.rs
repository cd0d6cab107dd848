//! What holds for every file and every text.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::arbitrary::{Arbitrary, Source};
use crate::comment::Comment;
use crate::file::NetworkFile;
use crate::file_name::FileName;
use crate::interface_name::InterfaceName;
use crate::pattern::Pattern;
use crate::raw::RawFile;

fn any_file() -> impl Strategy<Value = NetworkFile> {
    vec(any::<u8>(), 0..400).prop_map(|bytes| NetworkFile::draw(&mut Source::new(&bytes)))
}

/// Lines that come near to what a file has.
fn any_text() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just("[Route]".to_owned()),
        Just("[Match]".to_owned()),
        "(Table|Gateway|Name|From|X) ?= ?\\PC{0,9}",
        "[#; ]{0,2}\\PC{0,9}",
        "[\\[\\]=\\\\A-z]{0,9}",
        any::<String>(),
    ];
    vec(line, 0..9).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #[test]
    fn what_is_rendered_is_read_back(file in any_file()) {
        let text = file.to_string();
        prop_assert_eq!(text.parse(), Ok(file), "{}", text);
    }

    #[test]
    fn every_line_is_of_a_known_kind(file in any_file()) {
        let text = file.to_string();
        prop_assert!(text.is_empty() || text.ends_with('\n'));
        prop_assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
        let count = |is_kind: fn(&str) -> bool| text.lines().filter(|line| is_kind(line)).count();
        prop_assert_eq!(count(|line| line.starts_with('#')), file.comments.len());
        prop_assert_eq!(count(|line| line.starts_with('[') && line.ends_with(']')), file.sections.len());
        prop_assert_eq!(count(|line| !line.is_empty() && !line.starts_with(['#', '[']) && !is_key_value(line)), 0);
    }

    #[test]
    fn no_text_makes_a_panic(text in any_text()) {
        if let Err(error) = text.parse::<NetworkFile>() {
            prop_assert!(!error.to_string().contains('\n'));
            prop_assert!((1..=text.lines().count()).contains(&error.line()));
        }
    }

    #[test]
    fn what_is_read_is_rendered_and_read_back(text in any_text()) {
        if let Ok(file) = text.parse::<NetworkFile>() {
            prop_assert_eq!(file.to_string().parse(), Ok(file));
        }
    }

    #[test]
    fn any_comment_is_one_line(text in any::<String>()) {
        let line = format!("{}\n", Comment::new(&text));
        let raw = RawFile::parse(&line).unwrap();
        prop_assert_eq!(raw, RawFile { comments: vec![Comment::new(&text)], sections: vec![] });
    }

    #[test]
    fn names_and_patterns_are_one_word(text in any::<String>()) {
        if let Ok(name) = text.parse::<InterfaceName>() {
            prop_assert_eq!(name.as_str(), &text);
            prop_assert!(text.parse::<Pattern>().is_ok());
            let file_name = FileName::new::<7>(name);
            prop_assert_eq!(file_name.to_string().parse(), Ok(file_name));
        }
    }
}

fn is_key_value(line: &str) -> bool {
    line.split_once('=').is_some_and(|(key, value)| {
        !key.is_empty()
            && key.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && !value.is_empty()
            && value.trim() == value
            && !value.ends_with('\\')
    })
}
