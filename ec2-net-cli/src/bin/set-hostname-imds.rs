//! See `set-hostname-imds --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    ec2_net_cli::set_hostname_imds()
}
