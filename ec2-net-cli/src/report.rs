//! The plan as a document: for machines as JSON, for people as text.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde::Serialize;

use crate::decision::Decision;
use crate::error::Error;
use crate::link::Link;
use crate::tree::{self, Content};

/// What `plan --json` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Document<'a> {
    pub(crate) interfaces: Vec<Interface>,
    pub(crate) files: Vec<File<'a>>,
    /// What changes in the kernel, a line for each change.
    pub(crate) kernel: Vec<String>,
    /// Whether networkd has to read its files.
    pub(crate) reload: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct Interface {
    pub(crate) name: String,
    pub(crate) mac: String,
    /// Nothing below is known of an interface that is left as it is.
    #[serde(flatten)]
    pub(crate) plan: Option<Plan>,
    /// `complete`, or `left` as it is.
    pub(crate) state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Plan {
    pub(crate) eni: String,
    pub(crate) primary: bool,
    pub(crate) card: u16,
    pub(crate) device: u16,
    pub(crate) table: u32,
    pub(crate) metric: u32,
    pub(crate) addresses: Vec<String>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) routes: Vec<Route>,
    pub(crate) altnames: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Rule {
    pub(crate) from: String,
    pub(crate) priority: u32,
    pub(crate) table: u32,
}

#[derive(Debug, Serialize)]
pub(crate) struct Route {
    pub(crate) destination: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) gateway: Option<String>,
    pub(crate) table: u32,
}

#[derive(Debug, Serialize)]
pub(crate) struct File<'a> {
    pub(crate) path: String,
    /// `create`, `update` or `remove`.
    pub(crate) change: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content: Option<&'a str>,
    /// Where a symbolic link leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) target: Option<String>,
}

/// Makes the document of a decision.
pub(crate) fn document<'a>(decision: &Decision, files: Vec<File<'a>>) -> Document<'a> {
    let planned = decision.enis.iter().map(|eni| interface(&eni.link, Some(plan(eni)), None));
    let left = decision.left.iter().map(|left| interface(&left.link, None, Some(left.reason.to_string())));
    Document {
        interfaces: planned.chain(left).collect(),
        files,
        kernel: Vec::new(),
        reload: decision.enis.iter().any(|eni| eni.needs_reload),
    }
}

fn interface(link: &Link, plan: Option<Plan>, reason: Option<String>) -> Interface {
    let state = if reason.is_some() { "left" } else { "complete" };
    Interface { name: link.name.to_string(), mac: link.mac.to_string(), plan, state, reason }
}

fn plan(eni: &crate::decision::Decided) -> Plan {
    let plan = &eni.plan;
    let table = plan.slot.table().get();
    let rule = |rule: &policy_routing::Rule| Rule {
        from: rule.from.to_string(),
        priority: rule.priority.get(),
        table: rule.table.get(),
    };
    let route = |route: &policy_routing::Route| match route {
        policy_routing::Route::Default(gateway) => {
            Route { destination: "default".to_owned(), gateway: Some(gateway.to_string()), table }
        }
        policy_routing::Route::OnLink(block) => {
            Route { destination: block.to_string(), gateway: None, table }
        }
    };
    Plan {
        eni: plan.id.to_string(),
        primary: plan.primary,
        card: plan.slot.card().get(),
        device: plan.slot.device().get(),
        table,
        metric: plan.slot.metric().get(),
        addresses: plan.addresses.iter().map(ToString::to_string).collect(),
        rules: plan.rules.iter().map(rule).collect(),
        routes: plan.routes.iter().map(route).collect(),
        altnames: plan.altnames.to_vec(),
    }
}

/// Describes a change of a file in a directory.
pub(crate) fn file<'a>(directory: &Path, change: &tree::Change<'a>) -> File<'a> {
    let (content, target) = match change.after {
        Some(Content::Text(text)) => (Some(text.as_str()), None),
        Some(Content::Link(target)) => (None, Some(target.display().to_string())),
        _ => (None, None),
    };
    let kind = match (change.before, change.after) {
        (_, None) => "remove",
        (None, _) => "create",
        _ => "update",
    };
    File { path: directory.join(change.path).display().to_string(), change: kind, content, target }
}

pub(crate) fn print_json(document: &impl Serialize) -> Result<(), Error> {
    let mut out = BufWriter::new(io::stdout().lock());
    let result = serde_json::to_writer_pretty(&mut out, document).map_err(io::Error::from);
    finish(result.and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()))
}

pub(crate) fn print(text: &str) -> Result<(), Error> {
    finish(io::stdout().write_all(text.as_bytes()))
}

/// A reader that has gone away, such as `head`, is no failure.
fn finish(result: io::Result<()>) -> Result<(), Error> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::while_doing("cannot write to stdout", error))
        }
        _ => Ok(()),
    }
}
