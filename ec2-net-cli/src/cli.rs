//! The command line.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use imds_client::Endpoint;
use networkd_config::InterfaceName;

use crate::config::Config;
use crate::context::Context;
use crate::error::{Error, Exit};
use crate::link::Link;
use crate::logging;
use crate::paths::Paths;
use crate::verb::hostname::Hostname;
use crate::verb::plan::Plan;
use crate::verb::reconcile::Reconcile;
use crate::verb::remove::Remove;
use crate::verb::snapshot::Snapshot;
use crate::verb::thaw::Thaw;

/// Configure systemd-networkd from the EC2 instance metadata
///
/// Each network interface (ENI) of the instance gets a route table and rules, so that what it owns leaves by it,
/// and its secondary addresses.
///
/// Exit status: 0 done or nothing to do; 1 failed; 2 wrong usage; 3 metadata unreachable; 4 partly done, some ENI
/// left as it was; 5 with plan --exit-code, there is something to change.
#[derive(Debug, Parser)]
#[command(name = "ec2-net", version, disable_help_subcommand = true)]
struct Ec2Net {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Reconcile(Reconcile),
    Plan(Plan),
    Snapshot(Snapshot),
    Hostname(Hostname),
    Remove(Remove),
    Thaw(Thaw),
}

/// Configure one ENI: the command of amazon-ec2-net-utils, by means of ec2-net
#[derive(Debug, Parser)]
#[command(name = "setup-policy-routes", version)]
struct SetupPolicyRoutes {
    #[command(flatten)]
    global: Global,
    /// The interface
    #[arg(value_name = "IFACE")]
    interface: InterfaceName,
    /// What to do with it
    action: Action,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Action {
    /// Configure it, waiting until its metadata is complete
    Start,
    /// Configure what has changed
    Refresh,
    /// Remove its configuration
    Remove,
    /// Do nothing
    Stop,
    /// Do nothing
    Cleanup,
}

/// Set the hostname from the EC2 instance metadata, unless /etc/hostname has one
#[derive(Debug, Parser)]
#[command(name = "set-hostname-imds", version)]
struct SetHostnameImds {
    #[command(flatten)]
    global: Global,
}

#[derive(Debug, Args)]
struct Global {
    /// Read and write below this directory; other than /, neither kernel nor networkd is touched
    #[arg(long, global = true, value_name = "DIR", default_value = "/")]
    root: PathBuf,
    /// Read the metadata from a JSON tree instead of the service
    #[arg(long, global = true, value_name = "FILE")]
    metadata: Option<PathBuf>,
    /// Use this link instead of the host's (repeatable)
    #[arg(long, global = true, value_name = "NAME=MAC")]
    link: Vec<Link>,
    /// Ask this endpoint instead of the well-known ones (repeatable)
    #[arg(long, global = true, value_name = "URL")]
    imds: Vec<Endpoint>,
    /// Print JSON for machines
    #[arg(long, global = true)]
    json: bool,
    /// Log more (repeatable)
    #[arg(short, long, global = true, action = ArgAction::Count)]
    verbose: u8,
}

/// Runs `ec2-net`.
#[must_use]
pub fn ec2_net() -> ExitCode {
    let arguments = Ec2Net::parse();
    finish(arguments.global, |context| match &arguments.verb {
        Verb::Reconcile(verb) => verb.run(context),
        Verb::Plan(verb) => verb.run(context),
        Verb::Snapshot(_) => Snapshot::run(context),
        Verb::Hostname(verb) => verb.run(context),
        Verb::Remove(verb) => verb.run(context),
        Verb::Thaw(_) => Thaw::run(context),
    })
}

/// Runs `setup-policy-routes`.
#[must_use]
pub fn setup_policy_routes() -> ExitCode {
    let SetupPolicyRoutes { global, interface, action } = SetupPolicyRoutes::parse();
    finish(global, |context| match action {
        Action::Start => Reconcile::of(interface, true).run(context),
        Action::Refresh => Reconcile::of(interface, false).run(context),
        Action::Remove => Remove { interface: Some(interface), gone: false }.run(context),
        Action::Stop | Action::Cleanup => Ok(Exit::Done),
    })
}

/// Runs `set-hostname-imds`.
#[must_use]
pub fn set_hostname_imds() -> ExitCode {
    let arguments = SetHostnameImds::parse();
    finish(arguments.global, |context| Hostname { set: true }.run(context))
}

fn finish(global: Global, run: impl FnOnce(&Context) -> Result<Exit, Error>) -> ExitCode {
    logging::start(global.verbose);
    let exit = context(global).and_then(|context| run(&context)).unwrap_or_else(|error| {
        log::error!("{error}");
        error.exit()
    });
    exit.into()
}

fn context(global: Global) -> Result<Context, Error> {
    let root = std::path::absolute(&global.root)
        .map_err(|error| Error::usage(format!("cannot use `{}` as root: {error}", global.root.display())))?;
    let paths = Paths::new(root);
    for (position, link) in global.link.iter().enumerate() {
        if global.link[..position].iter().any(|other| other.name == link.name || other.mac == link.mac) {
            return Err(Error::usage(format!(
                "`--link {}={}` contradicts another --link",
                link.name, link.mac
            )));
        }
    }
    Ok(Context {
        config: Config::read(&paths.config()),
        tree: global.metadata.as_deref().map(Context::read_tree).transpose()?,
        links: global.link,
        endpoints: global.imds,
        json: global.json,
        paths,
    })
}
