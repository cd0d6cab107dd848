//! What must be true of an instance when nothing happens to it.

use std::collections::BTreeSet;
use std::time::Duration;

use integration_tests::cloud::Cloud;
use integration_tests::fixture::{primary, secondaries, subnets};
use integration_tests::testbed::{Guest, Host, Image, Machine, wait_until};

/// The longest wait for units to do their work.
const PATIENCE: Duration = Duration::from_secs(60);

/// Boots an instance with the package, the primary ENI and some secondary ones.
#[track_caller]
pub(crate) fn boot(secondary_enis: usize) -> Cloud<Machine> {
    let enis = [vec![primary()], secondaries(secondary_enis)].concat();
    let cloud = Cloud::boot(&Image::installed(), &subnets(), &enis);
    settled(&cloud);
    cloud
}

/// Waits until no unit works, and asserts that each ENI has what it should have and answers, that no packet has left
/// by the wrong ENI, that nothing has failed, and that nothing is there for an ENI that is not.
#[track_caller]
pub(crate) fn settled(cloud: &Cloud<Machine>) {
    idle(cloud);
    cloud.check();
    assert_eq!(failed(cloud), "", "{}", cloud.instance.journal(&[]));
    let mut units = ["heal-policy-routes.path", "refresh-policy-routes.timer"].map(str::to_owned).to_vec();
    units.extend(cloud.enis().iter().map(|eni| format!("policy-routes@{}.service", eni.interface)));
    units.sort();
    // A change of a link starts the restoration for a moment.
    wait_until(PATIENCE, "only what is to be active", || active(cloud) == units);
    let attached: BTreeSet<String> = cloud.enis().iter().map(|eni| eni.interface.to_owned()).collect();
    for directory in ["/run/ec2-net/network", "/run/systemd/network"] {
        assert_eq!(with_files(cloud, directory), attached, "in `{directory}`");
    }
    wait_until(PATIENCE, "our processes to end", || processes(cloud).is_empty());
}

/// Waits until systemd has nothing to do.
#[track_caller]
pub(crate) fn idle(cloud: &Cloud<Machine>) {
    wait_until(PATIENCE, "systemd to be idle", || {
        cloud.instance.text(&["systemctl", "list-jobs", "--no-legend", "--no-pager"]).is_empty()
    });
}

/// The units that have failed.
#[track_caller]
pub(crate) fn failed(cloud: &Cloud<Machine>) -> String {
    cloud.instance.text(&["systemctl", "list-units", "--failed", "--no-legend", "--no-pager", "--plain"])
}

/// Our units that are active, whatever they are for.
#[track_caller]
fn active(cloud: &Cloud<Machine>) -> Vec<String> {
    let list =
        ["systemctl", "list-units", "--all", "--no-legend", "--no-pager", "--plain", "*policy-routes*"];
    let text = cloud.instance.text(&list);
    let states = text.lines().map(|line| line.split_ascii_whitespace().collect::<Vec<_>>());
    let mut units: Vec<String> =
        states.filter(|words| words.get(2) != Some(&"inactive")).map(|words| words[0].to_owned()).collect();
    units.sort();
    units
}

/// The interfaces that a directory has files for.
fn with_files(cloud: &Cloud<Machine>, directory: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(cloud.instance.path(directory)).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names
        .filter_map(|name| {
            let name = name.strip_suffix(".d").unwrap_or(&name);
            Some(name.strip_prefix("70-")?.strip_suffix(".network")?.to_owned())
        })
        .collect()
}

/// Our processes.
fn processes(cloud: &Cloud<Machine>) -> String {
    let mut pgrep = cloud.instance.command("pgrep");
    let output = pgrep.args(["-a", "ec2-net|setup-policy"]).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
}

/// What must not grow: loaded units, timers, files of ours and of udev, and the memory of systemd's daemons in KiB.
#[derive(Debug)]
pub(crate) struct Census {
    counts: Vec<(&'static str, usize)>,
    memory: usize,
}

impl Census {
    #[track_caller]
    pub(crate) fn take(cloud: &Cloud<Machine>) -> Self {
        let count = |script: &str| {
            let text = cloud.instance.text(&["sh", "-c", script]);
            text.trim().parse().unwrap_or_else(|_| panic!("`{script}` printed {text}"))
        };
        let counts = vec![
            (
                "loaded units of ours",
                count("systemctl list-units --all --no-legend '*policy-routes*' | wc -l"),
            ),
            ("timers", count("systemctl list-timers --all --no-legend | wc -l")),
            ("files", count("find /run/ec2-net /run/systemd/network /run/udev | wc -l")),
            ("processes", count("pgrep -c 'systemd-network|systemd-udevd|ec2-net' || true")),
            ("alternative names", count("ip link | grep -c altname || true")),
        ];
        let memory = count(
            "for pid in 1 $(pgrep -o -x systemd-network) $(pgrep -o -x systemd-udevd); do grep VmRSS /proc/$pid/status; \
             done | awk '{sum += $2} END {print sum}'",
        );
        Self { counts, memory }
    }

    /// Asserts that now is as before.
    #[track_caller]
    pub(crate) fn assert_same(&self, cloud: &Cloud<Machine>) {
        let now = Self::take(cloud);
        println!("before: {self:?}\nafter:  {now:?}");
        assert_eq!(self.counts, now.counts);
        let growth = now.memory.saturating_sub(self.memory);
        assert!(growth < 4096, "systemd has grown by {growth} KiB");
    }
}
