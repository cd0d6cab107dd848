//! The log, on stderr.

use std::env;
use std::io::Write;

use log::{Level, LevelFilter};

/// The variable that sets the log's level and filter, in the syntax of `env_logger`.
const FILTER: &str = "EC2_NET_LOG";

/// The environment, as a section of `--help`.
pub(crate) const HELP: &str = "Environment:
  EC2_NET_LOG  What is logged, instead of what -v asks for: off, error, warn, info, debug or trace, or a filter \
in the syntax of env_logger, such as imds_client=trace";

/// Starts the log. `verbose` counts the `-v` options; the variable `EC2_NET_LOG` overrides them.
pub(crate) fn start(verbose: u8) {
    let level = match verbose {
        0 => LevelFilter::Info,
        1 => LevelFilter::Debug,
        _ => LevelFilter::Trace,
    };
    // systemd sets it where stderr is the journal, which then reads priorities, sd-daemon(3).
    let to_journal = env::var_os("JOURNAL_STREAM").is_some();
    let mut builder = env_logger::Builder::new();
    builder.filter_level(LevelFilter::Warn);
    match env::var(FILTER) {
        Ok(filter) => builder.parse_filters(&filter),
        Err(_) => builder.filter_module("ec2_net_cli", level).filter_module("imds_client", level),
    };
    builder.format(move |out, record| {
        let (priority, name) = match record.level() {
            Level::Error => (3, "error: "),
            Level::Warn => (4, "warning: "),
            // The system was changed: sd-daemon(3) calls that a notice.
            Level::Info => (5, ""),
            Level::Debug => (7, "debug: "),
            Level::Trace => (7, "trace: "),
        };
        for (number, line) in record.args().to_string().lines().enumerate() {
            match number {
                _ if to_journal => writeln!(out, "<{priority}>{line}")?,
                0 => writeln!(out, "{name}{line}")?,
                _ => writeln!(out, "{line}")?,
            }
        }
        Ok(())
    });
    // A second start, in a test, keeps the first log.
    let _ = builder.try_init();
}
