//! Echo requests: one, or a stream whose losses are counted.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::NamedTempFile;

use super::process::Daemon;
use super::wait::wait_until;

/// Runs the ping that `command` is, for a second at most; true at the first reply.
pub(crate) fn answers(mut command: Command, source: Option<IpAddr>, destination: IpAddr) -> bool {
    command.args(["-n", "-q", "-c", "1", "-w", "1", "-i", "0.1"]);
    if let Some(source) = source {
        command.args(["-I", &source.to_string()]);
    }
    command.arg(destination.to_string()).stdin(Stdio::null());
    command.output().is_ok_and(|output| output.status.success())
}

/// A stream of echo requests, 200 a second.
pub struct Pinger {
    destination: IpAddr,
    ping: Daemon,
    log: NamedTempFile,
}

/// What became of a stream, from the first request on that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// How many requests were sent.
    pub sent: u64,
    /// How many of them were answered.
    pub received: u64,
    /// How many were not answered, without the one that may be under way when the stream is
    /// stopped.
    pub lost: u64,
}

impl Pinger {
    /// Starts the ping that `command` is, and waits for the first reply.
    #[track_caller]
    pub(crate) fn start(command: Command, destination: IpAddr) -> Self {
        let pinger = Self::begin(command, destination);
        wait_until(Duration::from_secs(2), &format!("the first reply from {destination}"), || {
            !pinger.replies().is_empty()
        });
        pinger
    }

    /// Starts the ping that `command` is.
    #[track_caller]
    pub(crate) fn begin(mut command: Command, destination: IpAddr) -> Self {
        command.args(["-n", "-i", "0.005", &destination.to_string()]);
        let log = match NamedTempFile::new() {
            Ok(file) => file,
            Err(error) => panic!("no temporary file: {error}"),
        };
        // On SIGINT ping prints its statistics.
        Self { destination, ping: Daemon::start(&command, "INT", log.path()), log }
    }

    /// Whether there was a reply.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        !self.replies().is_empty()
    }

    /// Stops the stream and counts.
    #[track_caller]
    pub fn stop(self) -> Tally {
        let Self { destination, ping, log } = self;
        drop(ping);
        let text = super::process::read_lossy(log.path());
        tally(&text).unwrap_or_else(|| panic!("no statistics of the pings to {destination}:\n{text}"))
    }

    /// The sequence numbers that were answered so far.
    fn replies(&self) -> BTreeSet<u64> {
        replies(&self.ping.log())
    }
}

/// Reads what ping has printed.
fn tally(text: &str) -> Option<Tally> {
    let all: u64 = text.lines().find_map(|line| line.split_once(" packets transmitted"))?.0.parse().ok()?;
    let replies = replies(text);
    let sent = all - replies.first().map_or(0, |first| first - 1);
    let received = replies.len() as u64;
    let under_way = u64::from(replies.last().is_some_and(|last| last + 1 == all));
    Some(Tally { sent, received, lost: sent - received - under_way })
}

/// The sequence numbers of the replies. An error ("From .. Unreachable") has one too, but no time.
fn replies(text: &str) -> BTreeSet<u64> {
    text.lines()
        .filter(|line| line.contains(" time="))
        .filter_map(|line| line.split_once("icmp_seq=")?.1.split(' ').next()?.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(replies: &[u64], all: u64, lost: u64) {
        let line = |number| format!("64 bytes from 10.0.1.10: icmp_seq={number} ttl=63 time=0.05 ms\n");
        let answered: String = replies.iter().map(line).collect();
        let received = replies.len() as u64;
        let text = format!(
            "{answered}From 10.0.1.1 icmp_seq=3 Destination Host Unreachable\n\n\
             {all} packets transmitted, {received} received, 0% packet loss, time 10ms\n"
        );
        let sent = all + 1 - replies[0];
        assert_eq!(tally(&text), Some(Tally { sent, received, lost }));
    }

    #[test]
    fn gaps_are_lost() {
        check(&[1, 2, 4], 4, 1);
        check(&[1, 2], 5, 3);
    }

    #[test]
    fn what_is_sent_before_the_first_reply_does_not_count() {
        check(&[3, 5], 5, 1);
    }

    #[test]
    fn the_request_under_way_is_not_lost() {
        check(&[1, 2, 3], 4, 0);
    }

    #[test]
    fn a_ping_that_never_ran_has_no_tally() {
        assert_eq!(tally("ping: connect: Network is unreachable\n"), None);
    }
}
