//! What the programs say of themselves.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use integration_tests::program;

/// A command, as its help describes it.
pub(crate) struct Described {
    pub(crate) name: &'static str,
    pub(crate) verbs: Vec<String>,
    pub(crate) options: BTreeSet<String>,
    program: PathBuf,
}

impl Described {
    /// The long options of a verb that are not those of every command.
    pub(crate) fn options_of(&self, verb: &str) -> BTreeSet<String> {
        let all = options(&help(&self.program, &[verb, "--help"]));
        all.into_iter().filter(|option| option == "--help" || !self.options.contains(option)).collect()
    }
}

/// All commands.
pub(crate) fn commands() -> Vec<Described> {
    let programs = [
        ("ec2-net", program::ec2_net()),
        ("setup-policy-routes", program::setup_policy_routes()),
        ("set-hostname-imds", program::set_hostname_imds()),
    ];
    let commands: Vec<_> = programs.into_iter().map(|(name, program)| described(name, program)).collect();
    assert!(commands[0].verbs.len() >= 6, "{:?}", commands[0].verbs);
    for command in &commands {
        assert!(command.options.contains("--root"), "{}: {:?}", command.name, command.options);
    }
    commands
}

fn described(name: &'static str, program: PathBuf) -> Described {
    let text = help(&program, &["--help"]);
    let lines = text.lines().skip_while(|line| *line != "Commands:").skip(1);
    let verbs = lines.take_while(|line| !line.is_empty()).filter_map(|line| line.split_whitespace().next());
    Described { name, verbs: verbs.map(str::to_owned).collect(), options: options(&text), program }
}

fn help(program: &PathBuf, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The long options that a help describes: each begins a line, after its short one.
fn options(help: &str) -> BTreeSet<String> {
    let lines = help.lines().map(str::trim).filter(|line| line.starts_with('-'));
    let long = lines.filter_map(|line| line.split([' ', ',', '.']).find(|word| word.starts_with("--")));
    long.map(str::to_owned).collect()
}
