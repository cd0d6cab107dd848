use std::fs;
use std::path::Path;
use std::process::Command;

use integration_tests::testbed::require_programs;

use crate::{documents, files, help};

/// A page as a person reads its source: without the escapes of ROFF.
#[track_caller]
fn page(directory: &Path, name: &str, section: u8) -> String {
    let path = directory.join(format!("man/man{section}/{name}.{section}"));
    let text = fs::read_to_string(path).unwrap().replace("\\-", "-");
    ["\\fB", "\\fI", "\\fR"].iter().fold(text, |text, font| text.replace(font, ""))
}

#[track_caller]
fn check_sections(page: &str, sections: &[&str]) {
    let mut rest = page;
    for section in sections {
        let heading = format!("\n.SH \"{section}\"\n");
        let heading = if section.contains(' ') { heading } else { heading.replace('"', "") };
        let (_, after) = rest.split_once(&heading).unwrap_or_else(|| panic!("no {section} here in {page}"));
        rest = after;
    }
}

#[test]
fn a_command_has_its_verbs_and_every_option() {
    let directory = documents();
    for command in help::commands() {
        let text = page(directory.path(), command.name, 8);
        let sections =
            ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "ENVIRONMENT", "FILES", "SEE ALSO"];
        check_sections(&text, &sections);
        assert!(text.contains("\nEC2_NET_LOG\n"), "{text}");
        assert!(text.contains("\nsystemd-networkd.service(8)\n"), "{text}");
        for option in &command.options {
            assert!(describes(&text, option), "{} does not tell {option}: {text}", command.name);
        }
        for verb in &command.verbs {
            assert!(text.contains(&format!("\n.TP\n{}-{verb}(8)\n", command.name)), "{verb}: {text}");
        }
    }
}

#[test]
fn a_verb_has_its_own_options_and_refers_to_the_others() {
    let directory = documents();
    for command in help::commands() {
        for verb in &command.verbs {
            let name = format!("{}-{verb}", command.name);
            let text = page(directory.path(), &name, 8);
            let sections =
                ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "GLOBAL OPTIONS", "EXIT STATUS", "SEE ALSO"];
            check_sections(&text, &sections);
            assert!(text.contains(&format!("\n.SH NAME\n{name} - ")), "{text}");
            assert!(text.contains(&format!("\n.SH SYNOPSIS\n{} {verb} ", command.name)), "{text}");
            assert!(text.contains(&format!("are described in {}(8)", command.name)), "{text}");
            for option in command.options_of(verb) {
                assert!(describes(&text, &option), "{name} does not tell {option}: {text}");
            }
            let own = command.options_of(verb);
            for option in command.options.iter().filter(|option| !own.contains(*option)) {
                assert!(!describes(&text, option), "{name} repeats {option}: {text}");
            }
        }
    }
}

#[test]
fn the_statuses_are_those_of_the_verb() {
    let directory = documents();
    let statuses = |name: &str| {
        let text = page(directory.path(), name, 8);
        let (_, list) = text.split_once(".SH \"EXIT STATUS\"\n").unwrap();
        let list = list.split(".SH ").next().unwrap();
        list.split(".TP\n").filter_map(|entry| entry.lines().next()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(statuses("ec2-net"), "0 1 2 3 4 5");
    assert_eq!(statuses("ec2-net-plan"), "0 1 2 3 5");
    assert_eq!(statuses("ec2-net-remove"), "0 1 2");
    assert_eq!(statuses("setup-policy-routes"), "0 1 2 3 4");
    assert_eq!(statuses("set-hostname-imds"), "0 1 2 3");
}

#[test]
fn the_configuration_has_its_keys() {
    let text = page(documents().path(), "ec2-net-config", 5);
    check_sections(&text, &["NAME", "SYNOPSIS", "DESCRIPTION", "KEYS", "EXAMPLE", "SEE ALSO"]);
    assert!(text.contains("\n.TP\ndrivers (list of strings)\n"), "{text}");
    assert!(text.contains("\ndrivers = [\"ena\", \"ixgbevf\", \"vif\"]\n"), "{text}");
}

#[test]
fn man_renders_each_page_without_a_warning() {
    if !require_programs("man_renders_each_page_without_a_warning", &["man"]) {
        return;
    }
    let directory = documents();
    for name in files(&directory.path().join("man")).keys() {
        let mut man = Command::new("man");
        man.args(["--warnings", "--local-file"]).arg(directory.path().join("man").join(name));
        let output = man.env("LC_ALL", "C.UTF-8").env("MANWIDTH", "80").output().unwrap();
        let (text, warnings) = (String::from_utf8(output.stdout).unwrap(), output.stderr);
        assert!(output.status.success(), "{name}");
        assert_eq!(String::from_utf8_lossy(&warnings), "", "{name}");
        assert!(text.contains("SYNOPSIS") && text.contains("SEE ALSO"), "{name}: {text}");
        assert_eq!(text.lines().find(|line| line.chars().count() > 80), None, "{name}");
    }
}

/// Whether an option has an entry: it begins a line, maybe after its short one.
fn describes(page: &str, option: &str) -> bool {
    let is_entry = |line: &str| line.starts_with('-') && line.split([' ', ',']).any(|word| word == option);
    page.lines().any(is_entry)
}
