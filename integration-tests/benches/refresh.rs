//! What a run costs: requests, connections, tokens, CPU, wall time and peak memory for 1, 15 and 80 ENIs, at the
//! first run and when nothing has changed, beside the floor: `curl` sending as many requests in one process.
//!
//! Run as root: `cargo bench -p integration-tests`. Times are of whole processes, the median of several runs; quote
//! the ratios.
#![allow(clippy::panic, clippy::unwrap_used)]

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use integration_tests::cloud::{Attached, Cloud};
use integration_tests::program;
use integration_tests::testbed::{Eni, Host, Subnet, require_root, run};

/// Runs of which the median counts.
const RUNS: usize = 11;

/// A run of a program, in milliseconds and KiB.
struct Cost {
    cpu: f64,
    wall: f64,
    memory: u64,
}

fn main() {
    if !require_root("the benchmark") {
        return;
    }
    println!("ENIs  run        requests  connections  tokens   CPU ms   wall ms  peak KiB");
    for count in [1, 15, 80] {
        refresh(count);
    }
    plan();
}

fn refresh(count: u16) {
    let subnet = Subnet::dual_stack("10.0.0.0/16", "2001:db8:0:1::/64");
    let names: Vec<&'static str> = (0..count).map(|device| &*format!("ens{}", 5 + device).leak()).collect();
    let enis: Vec<Attached> = names.iter().zip(0..).map(|(name, number)| attached(name, number)).collect();
    let cloud = Cloud::new(&[subnet], &enis);

    cloud.imds().reset_counters().unwrap();
    let first = measure(&cloud.instance, &program::ec2_net(), &["reconcile".to_owned()], 1);
    row(count, "first", &cloud, 1, &first);
    cloud.check_kernel();
    cloud.reconcile();

    cloud.imds().reset_counters().unwrap();
    let unchanged = measure(&cloud.instance, &program::ec2_net(), &["reconcile".to_owned()], RUNS);
    row(count, "unchanged", &cloud, RUNS + 1, &unchanged);

    let requests = cloud.imds().counters().unwrap().total / (RUNS as u64 + 1);
    cloud.imds().reset_counters().unwrap();
    let token = "http://169.254.169.254/latest/meta-data/mac".to_owned();
    let take = cloud.instance.text(&[
        "curl",
        "-sX",
        "PUT",
        "-H",
        "X-aws-ec2-metadata-token-ttl-seconds: 300",
        "http://169.254.169.254/latest/api/token",
    ]);
    let mut arguments = vec!["-s".to_owned(), "-H".to_owned(), format!("X-aws-ec2-metadata-token: {take}")];
    for _ in 0..requests {
        arguments.extend(["-o".to_owned(), "/dev/null".to_owned(), token.clone()]);
    }
    cloud.imds().reset_counters().unwrap();
    let floor = measure(&cloud.instance, Path::new("curl"), &arguments, RUNS);
    row(count, "curl", &cloud, RUNS + 1, &floor);
    println!(
        "      unchanged / curl: CPU {:.2}, wall {:.2}",
        unchanged.cpu / floor.cpu,
        unchanged.wall / floor.wall
    );
}

/// The plan of the largest instance type, which reads its metadata from a file.
fn plan() {
    let scenario =
        concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/16-trn1n-32xlarge-80eni-50ip/metadata.json");
    let arguments = ["plan", "--metadata", scenario, "--json"].map(str::to_owned);
    let Cost { cpu, wall, memory } = measure(&Here, &program::ec2_net(), &arguments, RUNS);
    println!("plan of 80 ENIs with 50 addresses: CPU {cpu:.1} ms, wall {wall:.1} ms, peak {memory} KiB");
    let size = std::fs::metadata(program::ec2_net()).unwrap().len();
    println!("size of ec2-net: {} KiB", size / 1024);
}

/// This machine itself.
struct Here;

impl Host for Here {
    fn command(&self, program: &str) -> Command {
        Command::new(program)
    }
}

fn attached(name: &'static str, number: u16) -> Attached {
    let [high, low] = (number + 256).to_be_bytes();
    let eni = Eni::new(&format!("02:00:00:00:{high:02x}:{low:02x}"), 0)
        .with_ipv4(&format!("10.0.{high}.{low}"))
        .with_ipv4(&format!("10.0.{}.{low}", high + 1))
        .with_ipv6(&format!("2001:db8:0:1::1:{number}"))
        .with_ipv6(&format!("2001:db8:0:1::2:{number}"));
    Attached::new(name, number, eni)
}

fn row(count: u16, what: &str, cloud: &Cloud, runs: usize, cost: &Cost) {
    let counters = cloud.imds().counters().unwrap();
    let each = |total: u64| total / runs as u64;
    println!(
        "{count:>4}  {what:<9}  {:>8}  {:>11}  {:>6}  {:>7.1}  {:>8.1}  {:>8}",
        each(counters.total),
        each(counters.connections),
        each(counters.tokens),
        cost.cpu,
        cost.wall,
        cost.memory
    );
}

/// Runs a program several times in a place. One more run tells the peak memory, unless there is to be but one run.
fn measure(host: &impl Host, program: &Path, arguments: &[String], runs: usize) -> Cost {
    let mut script = String::from("TIMEFORMAT='%3R %3U %3S'; ");
    for run in 0..runs {
        let memory = if runs == 1 && run == 0 { "/usr/bin/time -f 'peak %M' " } else { "" };
        let _ = write!(script, "time {memory}\"$@\" >/dev/null; ");
    }
    if runs > 1 {
        script.push_str("/usr/bin/time -f 'peak %M' \"$@\" >/dev/null");
    }
    let mut command = host.command("bash");
    command.args(["-c", &script, "bash"]).arg(program).args(arguments);
    let output = String::from_utf8(run(&mut command).stderr).unwrap();
    let mut times: Vec<(f64, f64)> = Vec::new();
    let mut memory = 0;
    for line in output.lines() {
        if let Some(peak) = line.strip_prefix("peak ") {
            memory = peak.parse().unwrap();
        } else if let [wall, user, system] =
            line.split(' ').map(str::parse).collect::<Result<Vec<f64>, _>>().unwrap_or_default()[..]
        {
            times.push(((user + system) * 1000.0, wall * 1000.0));
        }
    }
    assert_eq!(times.len(), runs, "{output}");
    Cost {
        cpu: median(times.iter().map(|time| time.0)),
        wall: median(times.iter().map(|time| time.1)),
        memory,
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
