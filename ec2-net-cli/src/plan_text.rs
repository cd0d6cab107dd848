//! The plan for people. Pure.

use std::fmt::Write;

use crate::report::{Document, File, Interface, Plan};

/// Entries of a list that are shown before the rest is counted.
const SHOWN: usize = 3;

/// Where the truth is, and where networkd reads.
const RECORDS: &str = "/run/ec2-net/network/";
const READ: &str = "/run/systemd/network/";

/// Renders a plan, a paragraph for each interface.
#[must_use]
pub(crate) fn text(document: &Document) -> String {
    let mut text = String::new();
    for interface in &document.interfaces {
        paragraph(&mut text, interface);
    }
    changes(&mut text, document);
    text
}

fn paragraph(text: &mut String, interface: &Interface) {
    let Interface { name, mac, plan, reason, .. } = interface;
    if let Some(plan) = plan {
        let role = if plan.primary { ", primary" } else { "" };
        line(
            text,
            &format!("{name}  {}  {mac}  device {} of card {}{role}", plan.eni, plan.device, plan.card),
        );
        entries(text, plan);
    } else {
        line(text, &format!("{name}  {mac}"));
        line(text, &format!("  left as it is: {}", reason.as_deref().unwrap_or_default()));
    }
    line(text, "");
}

fn entries(text: &mut String, plan: &Plan) {
    let routes: Vec<String> = plan
        .routes
        .iter()
        .map(|route| match &route.gateway {
            Some(gateway) => format!("{} via {gateway}", route.destination),
            None => route.destination.clone(),
        })
        .collect();
    let rules: Vec<String> = plan.rules.iter().map(|rule| rule.from.clone()).collect();
    entry(text, "table", &format!("{}, metric {} in main", plan.table, plan.metric));
    entry(text, "routes", &list(&routes, "none"));
    entry(text, "rules", &list(&rules, "none: what the primary sends follows the main table"));
    entry(text, "addresses", &list(&plan.addresses, "no secondary ones"));
    entry(text, "names", &plan.altnames.join(", "));
}

fn changes(text: &mut String, document: &Document) {
    let shown: Vec<&File> = document.files.iter().filter(|file| !is_record(file, document)).collect();
    let count = |change: &str| shown.iter().filter(|file| file.change == change).count();
    for File { path, change, target, .. } in &shown {
        let target = target.as_ref().map(|target| format!(" -> {target}")).unwrap_or_default();
        line(text, &format!("{change}  {path}{target}"));
    }
    for change in &document.kernel {
        line(text, &format!("kernel  {change}"));
    }
    let reload = if document.reload { ", one reload of networkd" } else { "" };
    if document.files.is_empty() && document.kernel.is_empty() {
        line(text, "Nothing to change.");
    } else {
        let [create, update, remove] = ["create", "update", "remove"].map(count);
        let kernel = document.kernel.len();
        line(text, "");
        line(
            text,
            &format!(
                "Files: {create} to create, {update} to update, {remove} to remove. Kernel: {kernel} changes{reload}."
            ),
        );
    }
}

/// Whether a file is the record of one that networkd reads and that changes alike.
fn is_record(file: &File, document: &Document) -> bool {
    let copy = file.path.replace(RECORDS, READ);
    copy != file.path && document.files.iter().any(|other| other.path == copy && other.change == file.change)
}

fn list(items: &[String], none: &str) -> String {
    match items.len().checked_sub(SHOWN + 1) {
        _ if items.is_empty() => none.to_owned(),
        None => items.join(", "),
        Some(rest) => format!("{} and {} more", items[..SHOWN].join(", "), rest + 1),
    }
}

fn entry(text: &mut String, name: &str, value: &str) {
    line(text, &format!("  {name:<10} {value}"));
}

fn line(text: &mut String, line: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{line}");
}
