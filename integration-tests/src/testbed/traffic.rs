//! Traffic from the world outside to addresses of an instance, and what became of it.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::host::Host;
use super::machine::Machine;
use super::ping::{Pinger, Tally};
use super::process::Daemon;
use super::vpc::Vpc;
use super::wait::wait_until;
use crate::program;

/// The port at which an instance echoes.
const PORT: u16 = 7000;

/// Echo requests and a TCP connection to each of some addresses.
pub struct Traffic {
    streams: Vec<Stream>,
    echo: Daemon,
}

struct Stream {
    address: IpAddr,
    pinger: Pinger,
    flow: Daemon,
}

/// What became of the traffic to one address.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The address.
    pub address: IpAddr,
    /// The echo requests.
    pub tally: Tally,
    /// The longest time that the connection was silent; nothing if it has broken.
    pub pause: Option<Duration>,
}

impl Traffic {
    /// Starts traffic to these addresses, which answer.
    #[track_caller]
    pub fn start(vpc: &Vpc, machine: &Machine, addresses: impl IntoIterator<Item = IpAddr>) -> Self {
        let program = program::tcp_flow();
        let program = program.to_str().unwrap_or_default();
        let log = |name: String| vpc.directory().join(format!("{name}-{}.log", vpc.next_number()));
        let mut listen = machine.beside(program);
        listen.args(["listen", &PORT.to_string()]);
        let echo = Daemon::start(&listen, "KILL", &log("echo".to_owned()));
        let connect = |address: IpAddr| {
            let mut connect = vpc.peer().command(program);
            connect.args(["connect", &SocketAddr::new(address, PORT).to_string()]);
            let flow = Daemon::start(&connect, "KILL", &log(format!("flow-{address}")));
            Stream { address, pinger: vpc.peer().pinger(address), flow }
        };
        // The listener may need a moment, and a connection is refused before.
        wait_until(Duration::from_secs(5), "the echo", || {
            machine.text(&["ss", "-Hlnt", &format!("sport = :{PORT}")]).contains(&PORT.to_string())
        });
        let streams: Vec<Stream> = addresses.into_iter().map(connect).collect();
        for stream in &streams {
            wait_until(Duration::from_secs(5), &format!("a connection to {}", stream.address), || {
                !stream.flow.log().is_empty()
            });
        }
        Self { streams, echo }
    }

    /// Stops it all.
    #[track_caller]
    pub fn stop(self) -> Vec<Outcome> {
        let outcomes = self.streams.into_iter().map(|Stream { address, pinger, flow }| {
            let tally = pinger.stop();
            Outcome { address, tally, pause: pause(&flow.log()) }
        });
        let outcomes = outcomes.collect();
        drop(self.echo);
        outcomes
    }
}

/// The longest pause that a connection has printed.
fn pause(log: &str) -> Option<Duration> {
    log.lines().last()?.parse().ok().map(Duration::from_millis)
}
