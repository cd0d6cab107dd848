//! See `setup-policy-routes --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    ec2_net_cli::setup_policy_routes()
}
