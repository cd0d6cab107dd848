//! Writes the man pages and the shell completions: `cargo run --example documents -- DIR`.
//!
//! What `--help` says comes from the command lines themselves, what only a man page has is in `words.rs`. The output
//! depends on nothing else, so that packages are reproducible.

mod config_page;
mod page;
mod words;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use clap_complete::{Shell, generate};

fn main() -> ExitCode {
    let Some(directory) = env::args_os().nth(1) else {
        eprintln!("usage: documents DIR");
        return ExitCode::from(2);
    };
    match write(&PathBuf::from(directory)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write(directory: &Path) -> io::Result<()> {
    for command in ec2_net_cli::commands() {
        let verbs = command.get_subcommands().map(|verb| page::verb(&command, verb));
        for page in verbs.chain([command.clone()]) {
            let file = format!("man/man8/{}.8", page::name(&page));
            write_file(&directory.join(file), &page::render(&page)?)?;
        }
        for (shell, file) in completions(command.get_name()) {
            let mut text = Vec::new();
            generate(shell, &mut command.clone(), command.get_name(), &mut text);
            write_file(&directory.join("completions").join(file), &text)?;
        }
    }
    write_file(&directory.join("man/man5/ec2-net-config.5"), &config_page::render()?)
}

/// Where each shell looks for the completions of a command.
fn completions(command: &str) -> [(Shell, String); 3] {
    [
        (Shell::Bash, format!("bash/{command}")),
        (Shell::Zsh, format!("zsh/_{command}")),
        (Shell::Fish, format!("fish/{command}.fish")),
    ]
}

fn write_file(path: &Path, text: &[u8]) -> io::Result<()> {
    let write = || {
        fs::create_dir_all(path.parent().unwrap_or(path))?;
        fs::File::create(path)?.write_all(text)
    };
    write()
        .map_err(|error| io::Error::new(error.kind(), format!("cannot write `{}`: {error}", path.display())))
}
