//! A fake EC2 instance metadata service: the program.

use std::fs;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;

use clap::Parser;
use integration_tests::fake_imds::{Control, ControlAddress, FakeImds, Settings};

/// A fake EC2 instance metadata service for tests. It serves a tree of metadata, demands tokens as IMDSv2 does,
/// and fails on demand.
///
/// It prints one line `listening on http://ADDRESS` for each address as soon as it answers there, and runs
/// until it is killed.
#[derive(Parser)]
#[command(after_long_help = CONTROL)]
struct Args {
    /// The tree under /latest/meta-data/, as a JSON file: a string is a value, a list of strings is a value of
    /// several lines, an object is a directory. The keys `source` and `timeline` at the top are no part of it
    #[arg(long, value_name = "FILE")]
    tree: PathBuf,

    /// Where to listen; repeatable. An IPv6 address stands in brackets, port 0 is any free port
    #[arg(long, value_name = "ADDRESS:PORT", required = true, num_args = 1..)]
    listen: Vec<SocketAddr>,

    /// Where to take orders: 127.0.0.1:PORT or unix:PATH
    #[arg(long, value_name = "ADDRESS")]
    control: Option<ControlAddress>,

    /// Serve more than one request on a connection
    #[arg(long)]
    keep_alive: bool,

    /// Answer as HTTP/1.0
    #[arg(long)]
    http10: bool,

    /// Answer without a Content-Length: the end of the connection is the end of the body
    #[arg(long)]
    no_content_length: bool,
}

const CONTROL: &str = "\
Control:
  GET /counters             what was asked: requests by path, in total, connections, tokens
  DELETE /counters          set them to zero
  PUT /tree                 serve another tree
  PUT /meta-data/PATH       set a path to a JSON value
  DELETE /meta-data/PATH    remove a path
  PUT /fault/PATH           make a path fail; PATH may be `latest/api/token` or end with `*`
                            {\"status\": 503}, {\"drop\": true}, {\"hang\": true}, {\"truncate\": true},
                            {\"oversize\": 1048576}, {\"body\": \"text\"}, {\"bytes\": [255]};
                            with each: \"delay_ms\" (also alone) and \"times\"
  DELETE /faults            remove all faults
  POST /timeline            start the tree's timeline, at 0 or at {\"at_ms\": 1500}
  POST /expire-tokens       make all tokens issued so far invalid
  PUT /settings             {\"keep_alive\": false, \"http10\": false, \"content_length\": true,
                            \"throttle\": 1, \"throttled\": \"drop\" or \"hang\"}; what is left out is as here

For example: curl --unix-socket PATH -X PUT -d '{\"status\": 503, \"times\": 2}' http://x/fault/mac";

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(never) => match never {},
        Err(error) => {
            eprintln!("fake-imds: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> io::Result<std::convert::Infallible> {
    let path = args.tree.display();
    let text = fs::read(&args.tree)
        .map_err(|error| io::Error::new(error.kind(), format!("cannot read `{path}`: {error}")))?;
    let tree =
        serde_json::from_slice(&text).map_err(|error| io::Error::other(format!("`{path}`: {error}")))?;
    let imds = FakeImds::listen(tree, &args.listen)?;
    imds.settings(Settings {
        keep_alive: args.keep_alive,
        http10: args.http10,
        content_length: !args.no_content_length,
        ..Settings::default()
    });
    let control = args.control.as_ref().map(|address| Control::listen(imds.clone(), address)).transpose()?;
    if let Some(address) = control.as_ref().and_then(Control::addr) {
        eprintln!("fake-imds: control on http://{address}");
    }
    let mut stdout = io::stdout().lock();
    for address in imds.addrs() {
        writeln!(stdout, "listening on http://{address}")?;
    }
    stdout.flush()?;
    drop(stdout);
    loop {
        thread::park();
    }
}
