//! The man page of the configuration file, in section 5.

use std::io;

use clap::Command;
use clap_mangen::roff::{Roff, bold, italic, roman};
use ec2_net_cli::{KEYS, Key};

use crate::{page, words};

const NAME: &str = "ec2-net-config";

/// The page, in ROFF.
pub(crate) fn render() -> io::Result<Vec<u8>> {
    let command = Command::new(NAME).about("The configuration of ec2-net");
    let man = page::man(command).section("5");
    let mut text = Vec::new();
    page::head(&man, &mut text)?;

    let mut page = Roff::new();
    page.control("SH", ["SYNOPSIS"]);
    page.text([italic("/etc/ec2-net/config.toml")]);
    page::section(&mut page, "DESCRIPTION", words::CONFIG[0]);
    page.control("PP", []);
    page.text([roman(words::CONFIG[1])]);
    page.control("SH", ["KEYS"]);
    for key in KEYS {
        append(&mut page, key);
    }
    page.control("SH", ["EXAMPLE"]);
    page.text([roman("The file with every key at its default:")]);
    page.control("PP", []);
    page.control("RS", ["4"]);
    page.control("nf", []);
    for key in KEYS {
        page.text([roman(format!("{} = {}", key.name, key.default))]);
    }
    page.control("fi", []);
    page.control("RE", []);
    page::see_also(&mut page, NAME);
    page.to_writer(&mut text)?;
    Ok(text)
}

fn append(page: &mut Roff, key: &Key) {
    page.control("TP", []);
    page.text([bold(key.name), roman(format!(" ({})", key.kind))]);
    page.text([roman(format!("{} Defaults to {}.", key.description, key.default))]);
}
