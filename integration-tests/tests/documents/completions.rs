use std::process::Command;

use integration_tests::testbed::require_programs;

use crate::{documents, files, help};

#[test]
fn each_shell_completes_every_verb_and_option() {
    let directory = documents();
    let completions = files(&directory.path().join("completions"));
    for command in help::commands() {
        let name = command.name;
        for file in [format!("bash/{name}"), format!("zsh/_{name}"), format!("fish/{name}.fish")] {
            let text = &completions[&file];
            let of_verbs = command.verbs.iter().flat_map(|verb| command.options_of(verb));
            for option in command.options.iter().cloned().chain(of_verbs) {
                // fish has it as `-l root`.
                let spelled = if file.starts_with("fish/") { option.replace("--", "-l ") } else { option };
                assert!(text.contains(&spelled), "{file} has no {spelled}");
            }
            for verb in &command.verbs {
                assert!(text.contains(verb.as_str()), "{file} has no {verb}");
            }
        }
    }
}

#[test]
fn bash_takes_its_completions() {
    if !require_programs("bash_takes_its_completions", &["bash"]) {
        return;
    }
    let directory = documents();
    let directory = directory.path();
    for name in files(&directory.join("completions/bash")).keys() {
        let path = directory.join("completions/bash").join(name);
        let output = Command::new("bash").arg("-n").arg(&path).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{name}: {output:?}");
        let script = format!("source '{}' && complete -p {name}", path.display());
        let output = Command::new("bash").args(["--norc", "-c", &script]).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{name}: {output:?}");
    }
}
