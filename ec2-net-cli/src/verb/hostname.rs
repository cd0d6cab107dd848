use std::fmt;
use std::fs;
use std::io;
use std::str::FromStr;

use clap::Args;

use crate::context::Context;
use crate::error::{Error, Exit};
use crate::report;
use crate::verb::reconcile::PATIENCE;

/// The key; it may have several names.
const KEY: &str = "local-hostname";
/// The kernel's hostname, `proc_sys_kernel(5)`.
const KERNEL_HOSTNAME: &str = "/proc/sys/kernel/hostname";

/// Print the hostname from the metadata
///
/// The hostname is the first name of the metadata's local-hostname, without the dot at its end. What --set sets lasts
/// until the next boot: /etc/hostname is read, and never written.
#[derive(Debug, Args)]
#[command(after_long_help = Exit::help(&Self::STATUSES))]
pub(crate) struct Hostname {
    /// Make it the hostname of the running system, unless /etc/hostname has one
    #[arg(long)]
    pub(crate) set: bool,
}

impl Hostname {
    pub(crate) const STATUSES: [Exit; 4] = [Exit::Done, Exit::Failed, Exit::Usage, Exit::Unreachable];

    pub(crate) fn run(&self, context: &Context) -> Result<Exit, Error> {
        if self.set && has_static_hostname(context)? {
            log::debug!("`{}` has a hostname, which stays", context.paths.hostname().display());
            return Ok(Exit::Done);
        }
        let names = context.host_metadata(PATIENCE).text(KEY)?.value();
        let names = names.ok_or_else(|| Error::new(format!("the metadata has no `{KEY}`")))?;
        let first = names.split_ascii_whitespace().next().unwrap_or_default();
        let name: HostName = first
            .parse()
            .map_err(|error| Error::while_doing(format!("cannot use the metadata's `{KEY}`"), error))?;
        if !self.set {
            report::print(&format!("{name}\n"))?;
        } else if context.paths.is_live() {
            set(&name)?;
        }
        Ok(Exit::Done)
    }
}

/// Whether the administrator has given the system a name, hostname(5).
fn has_static_hostname(context: &Context) -> Result<bool, Error> {
    let path = context.paths.hostname();
    match fs::read_to_string(&path) {
        Ok(text) => Ok(text.lines().map(str::trim).any(|line| !line.is_empty() && !line.starts_with('#'))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Error::while_doing(format!("cannot read `{}`", path.display()), error)),
    }
}

fn set(name: &HostName) -> Result<(), Error> {
    if rustix::system::uname().nodename().to_bytes() == name.0.as_bytes() {
        return Ok(());
    }
    // sethostname(2) would need CAP_SYS_ADMIN; root may write this file without any capability.
    fs::write(KERNEL_HOSTNAME, &name.0)
        .map_err(|error| Error::while_doing(format!("cannot set the hostname to `{name}`"), error))?;
    log::info!("hostname set to {name}");
    Ok(())
}

/// A host name: labels of letters, digits and hyphens. Source: RFC 1123, section 2.1; its length is the kernel's.
#[derive(Clone, Debug, PartialEq, Eq)]
struct HostName(String);

/// A text that is not a host name.
#[derive(Clone, Debug, PartialEq, Eq)]
struct InvalidHostName(String);

impl FromStr for HostName {
    type Err = InvalidHostName;

    fn from_str(text: &str) -> Result<Self, InvalidHostName> {
        let name = text.strip_suffix('.').unwrap_or(text);
        let is_label = |label: &str| {
            let plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            plain && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
        };
        if name.len() <= 64 && name.split('.').all(is_label) {
            Ok(Self(name.to_owned()))
        } else {
            Err(InvalidHostName(text.to_owned()))
        }
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for InvalidHostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a host name of at most 64 characters", self.0.escape_debug())
    }
}

impl std::error::Error for InvalidHostName {}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(text.parse::<HostName>().ok().map(|name| name.0).as_deref(), expected);
    }

    #[test]
    fn a_host_name_loses_its_dot_and_nothing_else() {
        check("ip-10-0-0-20.us-west-2.compute.internal", Some("ip-10-0-0-20.us-west-2.compute.internal"));
        check("host.example.com.", Some("host.example.com"));
        for text in ["", ".", "a..b", "-a", "a-", "a_b", "a b", "<html>", &"a".repeat(64), &"a.".repeat(40)] {
            check(text, None);
        }
    }
}
