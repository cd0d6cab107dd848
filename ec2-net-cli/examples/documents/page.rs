//! The man page of a command or of a verb, in section 8.

use std::io;

use clap::builder::Str;
use clap::{Arg, ArgAction, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, italic, roman};

use crate::words;

/// A verb as a command of its own, without the options of its parent, which are on the parent's page.
pub(crate) fn verb(parent: &Command, verb: &Command) -> Command {
    let name = format!("{}-{}", parent.get_name(), verb.get_name());
    let usage = format!("{} {}", parent.get_name(), verb.get_name());
    verb.clone().display_name(name).bin_name(usage)
}

/// The name of a page.
pub(crate) fn name(command: &Command) -> &str {
    command.get_display_name().unwrap_or(command.get_name())
}

/// The page, in ROFF.
pub(crate) fn render(command: &Command) -> io::Result<Vec<u8>> {
    let mut command = command.clone();
    command.build();
    let name = name(&command).to_owned();
    let command = without_repetition(command).subcommand_help_heading("COMMANDS");
    let after = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();

    let man = man(command.clone()).section("8");
    let mut page = Vec::new();
    head(&man, &mut page)?;
    synopsis(&command).to_writer(&mut page)?;
    man.render_description_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    man.render_options_section(&mut page)?;
    let mut rest = Roff::new();
    if is_verb(&command) {
        section(&mut rest, "GLOBAL OPTIONS", words::GLOBAL_OPTIONS);
    }
    if name == "ec2-net" {
        list(&mut rest, "WHAT AN ENI GETS", &words::ENI);
    }
    help_sections(&mut rest, &after);
    let files: Vec<_> = words::files(&name).collect();
    list(&mut rest, "FILES", &files);
    see_also(&mut rest, &name);
    rest.to_writer(&mut page)?;
    Ok(page)
}

/// The frame of all pages. There is no date: pages of one version are the same whenever they are made.
pub(crate) fn man(command: Command) -> Man {
    let source = concat!("ec2-net ", env!("CARGO_PKG_VERSION"));
    // An empty date would not be quoted, and what follows it would take its place.
    Man::new(command).date("\"\"").source(source).manual("ec2-net")
}

/// Begins a page. Nothing is hyphenated, since most words are names.
pub(crate) fn head(man: &Man, page: &mut Vec<u8>) -> io::Result<()> {
    man.render_title(page)?;
    let mut roff = Roff::new();
    roff.control("nh", []).control("ad", ["l"]);
    roff.to_writer(page)?;
    man.render_name_section(page)
}

/// Appends a section of a paragraph.
pub(crate) fn section(page: &mut Roff, title: &str, text: &str) {
    page.control("SH", [title]);
    page.text([roman(text)]);
}

/// Appends a section of terms and what each is.
pub(crate) fn list(page: &mut Roff, title: &str, entries: &[(&str, &str)]) {
    if !entries.is_empty() {
        page.control("SH", [title]);
    }
    for (term, text) in entries {
        page.control("TP", []);
        page.text([bold(*term)]);
        page.text([roman(*text)]);
    }
}

/// Appends the references of a page to all others.
pub(crate) fn see_also(page: &mut Roff, own: &str) {
    let commands = ec2_net_cli::commands();
    let mut pages: Vec<(String, u8)> = Vec::new();
    for command in &commands {
        pages.push((command.get_name().to_owned(), 8));
        pages.extend(command.get_subcommands().map(|each| (name(&verb(command, each)).to_owned(), 8)));
    }
    pages.push(("ec2-net-config".to_owned(), 5));
    pages.retain(|(page, _)| page != own);
    pages.extend(words::SEE_ALSO.map(|(page, section)| (page.to_owned(), section)));
    page.control("SH", ["SEE ALSO"]);
    let last = pages.len() - 1;
    for (number, (name, section)) in pages.into_iter().enumerate() {
        let comma = if number == last { "" } else { "," };
        page.text([bold(name), roman(format!("({section}){comma}"))]);
    }
}

fn is_verb(command: &Command) -> bool {
    command.get_bin_name().is_some_and(|name| name.contains(' '))
}

/// The long help begins with the short one, which a page has in NAME already.
fn without_repetition(command: Command) -> Command {
    let long = command.get_long_about().map(ToString::to_string).unwrap_or_default();
    match long.split_once("\n\n") {
        Some((_, rest)) => command.long_about(rest.to_owned()),
        None => command,
    }
}

/// Every option with its value; clap's usage has none of them, and a global one is better looked up.
fn synopsis(command: &Command) -> Roff {
    let mut line = vec![bold(command.get_bin_name().unwrap_or_else(|| command.get_name()))];
    let section = if command.has_subcommands() || is_verb(command) { "GLOBAL OPTIONS" } else { "OPTIONS" };
    line.extend([roman(" ["), italic(section), roman("]")]);
    let is_own = |arg: &&Arg| {
        !arg.is_global_set()
            && !matches!(arg.get_action(), ArgAction::Help | ArgAction::HelpLong | ArgAction::Version)
    };
    for argument in command.get_opts().chain(command.get_positionals()).filter(|argument| is_own(argument)) {
        line.extend(usage(argument));
    }
    if command.has_subcommands() {
        line.extend([roman(" "), italic("COMMAND"), roman(" ["), italic("ARGUMENT"), roman("...]")]);
    }
    let mut page = Roff::new();
    page.control("SH", ["SYNOPSIS"]);
    page.text(line);
    page
}

fn usage(argument: &Arg) -> Vec<Inline> {
    let mut usage = Vec::new();
    if let Some(long) = argument.get_long() {
        usage.push(bold(format!("--{long}")));
    }
    if argument.get_action().takes_values() {
        let names = argument.get_value_names().unwrap_or_default().iter().map(Str::as_str);
        let space = if usage.is_empty() { "" } else { " " };
        usage.extend([roman(space), italic(names.collect::<Vec<_>>().join(" "))]);
    }
    if matches!(argument.get_action(), ArgAction::Append) {
        usage.push(roman("..."));
    }
    let (before, after) = if argument.is_required_set() { (" ", "") } else { (" [", "]") };
    usage.insert(0, roman(before));
    usage.push(roman(after));
    usage
}

/// What ends the help: sections that begin with `Title:`, of lines with two spaces before and after a term.
fn help_sections(page: &mut Roff, help: &str) {
    for text in help.split("\n\n") {
        let (title, lines) = text.split_once(":\n").unwrap_or((text, ""));
        let entries: Vec<_> = lines.lines().filter_map(|line| line.trim().split_once("  ")).collect();
        list(page, &title.to_uppercase(), &entries);
    }
}
