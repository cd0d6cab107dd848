//! The command line.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgAction, Args, Command, CommandFactory, Parser, Subcommand, ValueEnum, ValueHint};
use imds_client::Endpoint;
use networkd_config::InterfaceName;

use crate::config::Config;
use crate::context::Context;
use crate::error::{Error, Exit};
use crate::link::Link;
use crate::logging;
use crate::paths::Paths;
use crate::verb::heal::Heal;
use crate::verb::hostname::Hostname;
use crate::verb::plan::Plan;
use crate::verb::reconcile::Reconcile;
use crate::verb::remove::Remove;
use crate::verb::snapshot::Snapshot;
use crate::verb::thaw::Thaw;

/// Configure systemd-networkd from the EC2 instance metadata
///
/// An EC2 instance has network interfaces (ENIs), each with addresses and delegated prefixes that come and go while
/// it runs. The VPC drops every packet that leaves by an ENI which does not own its source address. ec2-net reads the
/// instance metadata service (IMDS) and gives each ENI a route table, rules, its secondary addresses and alternative
/// names, so that everything leaves by the ENI that owns its source address.
///
/// What an administrator configured is respected. An ENI about which the metadata gives no complete answer stays as
/// it is, and the others go on.
#[derive(Debug, Parser)]
#[command(name = "ec2-net", version, disable_help_subcommand = true)]
#[command(after_long_help = after_help(&Exit::ALL))]
struct Ec2Net {
    #[command(flatten, next_help_heading = "Global options")]
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
    Heal(Heal),
    Thaw(Thaw),
}

/// Configure one ENI: the command of amazon-ec2-net-utils, by means of ec2-net
///
/// setup-policy-routes serves units and scripts that were made for amazon-ec2-net-utils. What start and refresh do is
/// done by ec2-net reconcile for the interface, with and without --initial; what remove does, by ec2-net remove.
#[derive(Debug, Parser)]
#[command(name = "setup-policy-routes", version)]
#[command(after_long_help = after_help(&Reconcile::STATUSES))]
struct SetupPolicyRoutes {
    #[command(flatten)]
    global: Global,
    /// The interface
    #[arg(value_name = "IFACE", value_hint = ValueHint::Other)]
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
    /// Do nothing, as it is not needed any more
    Stop,
    /// Do nothing, as it is not needed any more
    Cleanup,
}

/// Set the hostname from the EC2 instance metadata, unless /etc/hostname has one
///
/// set-hostname-imds does what ec2-net hostname --set does, under the name that it has in amazon-ec2-net-utils.
#[derive(Debug, Parser)]
#[command(name = "set-hostname-imds", version)]
#[command(after_long_help = after_help(&Hostname::STATUSES))]
struct SetHostnameImds {
    #[command(flatten)]
    global: Global,
}

#[derive(Debug, Args)]
struct Global {
    /// Read and write below this directory; other than /, neither kernel nor networkd is touched
    #[arg(long, global = true, value_name = "DIR", default_value = "/", value_hint = ValueHint::DirPath)]
    root: PathBuf,
    /// Read the metadata from a JSON tree, such as snapshot prints, instead of the service
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    metadata: Option<PathBuf>,
    /// Use this link instead of the host's (repeatable)
    #[arg(long, global = true, value_name = "NAME=MAC", value_hint = ValueHint::Other)]
    link: Vec<Link>,
    /// Ask this endpoint, http:// and a host, instead of the well-known ones (repeatable)
    #[arg(long, global = true, value_name = "URL", value_hint = ValueHint::Url)]
    imds: Vec<Endpoint>,
    /// Print JSON for machines
    #[arg(long, global = true)]
    json: bool,
    /// Log more (repeatable)
    #[arg(short, long, global = true, action = ArgAction::Count)]
    verbose: u8,
}

/// What ends the help of a command: its exit statuses, and the environment.
fn after_help(statuses: &[Exit]) -> String {
    format!("{}\n\n{}", Exit::help(statuses), logging::HELP)
}

/// The command lines of all commands, from which man pages and completions are made.
#[must_use]
pub fn commands() -> Vec<Command> {
    vec![Ec2Net::command(), SetupPolicyRoutes::command(), SetHostnameImds::command()]
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
        Verb::Heal(_) => Heal::run(context),
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
