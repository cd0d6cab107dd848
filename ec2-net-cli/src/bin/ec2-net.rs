//! See `ec2-net --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    ec2_net_cli::ec2_net()
}
