//! The kernel's side of routing, by rtnetlink(7): one blocking socket.

use std::collections::BTreeSet;
use std::io;
use std::net::Ipv4Addr;

use netlink_packet_core::{
    NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_EXCL, NLM_F_REPLACE, NLM_F_REQUEST,
    NetlinkHeader, NetlinkMessage, NetlinkPayload,
};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::{
    AddressFamily, address::AddressMessage, link::LinkMessage, route::RouteMessage, rule::RuleMessage,
};
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_ROUTE};
use rustix::io::Errno;

use crate::kernel::{Action, Change, Kernel};
use crate::link::Link;
use crate::netlink_messages::{self as messages, Request};

/// Tries to list objects that change while they are listed.
const DUMPS: usize = 5;

/// A connection to the kernel.
pub(crate) struct Netlink {
    socket: Socket,
    sequence: u32,
}

/// A link of any kind, with the kind that the kernel names for a virtual one.
#[derive(Clone, Debug)]
pub(crate) struct KernelLink {
    pub(crate) link: Link,
    pub(crate) kind: Option<String>,
}

impl Netlink {
    pub(crate) fn open() -> io::Result<Self> {
        let mut socket = Socket::new(NETLINK_ROUTE)?;
        socket.bind_auto()?;
        socket.connect(&SocketAddr::new(0, 0))?;
        Ok(Self { socket, sequence: 0 })
    }

    /// All links with a MAC address. A link that is not among them does not exist.
    pub(crate) fn links(&mut self) -> io::Result<Vec<KernelLink>> {
        let messages =
            self.dump(&RouteNetlinkMessage::GetLink(LinkMessage::default()), Unreadable::IsAnError)?;
        Ok(messages
            .iter()
            .filter_map(|message| match message {
                RouteNetlinkMessage::NewLink(link) => messages::link(link),
                _ => None,
            })
            .collect())
    }

    /// Addresses, rules and routes.
    pub(crate) fn state(&mut self) -> io::Result<Kernel> {
        let mut requests = vec![RouteNetlinkMessage::GetAddress(AddressMessage::default())];
        for family in [AddressFamily::Inet, AddressFamily::Inet6] {
            let mut rules = RuleMessage::default();
            rules.header.family = family;
            let mut routes = RouteMessage::default();
            routes.header.address_family = family;
            requests.extend([RouteNetlinkMessage::GetRule(rules), RouteNetlinkMessage::GetRoute(routes)]);
        }
        let mut kernel = Kernel::default();
        for request in requests {
            let answers = match self.dump(&request, Unreadable::IsNotOurs) {
                // A kernel without IPv6 has none of it.
                Err(error) if has_code(&error, &[Errno::AFNOSUPPORT, Errno::OPNOTSUPP]) => continue,
                answers => answers?,
            };
            for answer in answers {
                match answer {
                    RouteNetlinkMessage::NewAddress(address) => {
                        kernel.addresses.extend(messages::address(&address));
                    }
                    RouteNetlinkMessage::NewRule(rule) => kernel.rules.extend(messages::rule(&rule)),
                    RouteNetlinkMessage::NewRoute(route) => kernel.routes.extend(messages::routes(&route)),
                    _ => {}
                }
            }
        }
        Ok(kernel)
    }

    /// The numbers of the links that have an IPv4 address.
    pub(crate) fn ipv4_links(&mut self) -> io::Result<BTreeSet<u32>> {
        let mut addresses = AddressMessage::default();
        addresses.header.family = AddressFamily::Inet;
        let messages = self.dump(&RouteNetlinkMessage::GetAddress(addresses), Unreadable::IsNotOurs)?;
        Ok(messages
            .iter()
            .filter_map(|message| match message {
                RouteNetlinkMessage::NewAddress(address) => Some(address.header.index),
                _ => None,
            })
            .collect())
    }

    /// The number of the link by which a packet to `destination` would leave, if there is a route.
    pub(crate) fn link_to(&mut self, destination: Ipv4Addr) -> io::Result<Option<u32>> {
        let question = RouteNetlinkMessage::GetRoute(messages::question(destination));
        match self.request(&question, NLM_F_ACK, Unreadable::IsNotOurs) {
            Ok(answers) => Ok(answers.iter().find_map(|answer| match answer {
                RouteNetlinkMessage::NewRoute(route) => messages::link_of(route),
                _ => None,
            })),
            Err(error) if has_code(&error, &[Errno::NETUNREACH, Errno::HOSTUNREACH]) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes a change. What is there already, or gone already, is done; so is anything on a link that is gone.
    pub(crate) fn apply(&mut self, change: &Change) -> io::Result<()> {
        let (message, flags, done): (_, _, &[Errno]) = match (messages::request(change), &change.action) {
            // A name that exists may be another link's. A link without IPv6 answers EACCES.
            (Request::Add(message), Action::AddAltname(_)) => {
                (message, NLM_F_CREATE | NLM_F_EXCL, &[Errno::NODEV])
            }
            (Request::Add(message), _) => {
                (message, NLM_F_CREATE | NLM_F_EXCL, &[Errno::EXIST, Errno::NODEV, Errno::ACCESS])
            }
            (Request::Replace(message), _) => (message, NLM_F_REPLACE, &[Errno::NODEV]),
            (Request::Remove(message), _) => {
                (message, 0, &[Errno::SRCH, Errno::NOENT, Errno::ADDRNOTAVAIL, Errno::NODEV])
            }
        };
        match self.request(&message, flags | NLM_F_ACK, Unreadable::IsNotOurs) {
            Err(error) if has_code(&error, done) => {
                log::debug!("{change}: {error}");
                Ok(())
            }
            result => result.map(drop),
        }
    }

    /// Reads all objects of a kind. The kernel says when they have changed meanwhile.
    fn dump(
        &mut self,
        message: &RouteNetlinkMessage,
        unreadable: Unreadable,
    ) -> io::Result<Vec<RouteNetlinkMessage>> {
        for _ in 1..DUMPS {
            match self.request(message, NLM_F_DUMP, unreadable) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
        self.request(message, NLM_F_DUMP, unreadable)
    }

    /// Sends a request and reads its answers up to the last one.
    fn request(
        &mut self,
        message: &RouteNetlinkMessage,
        flags: u16,
        unreadable: Unreadable,
    ) -> io::Result<Vec<RouteNetlinkMessage>> {
        self.sequence += 1;
        let mut header = NetlinkHeader::default();
        header.flags = NLM_F_REQUEST | flags;
        header.sequence_number = self.sequence;
        let mut request = NetlinkMessage::new(header, NetlinkPayload::from(message.clone()));
        request.finalize();
        let mut bytes = vec![0; request.buffer_len()];
        request.serialize(&mut bytes);
        self.socket.send(&bytes, 0)?;
        let mut answers =
            Answers { sequence: self.sequence, unreadable, messages: Vec::new(), is_torn: false };
        loop {
            let (datagram, _) = self.socket.recv_from_full()?;
            if answers.read(&datagram)? {
                break;
            }
        }
        if answers.is_torn { Err(io::ErrorKind::Interrupted.into()) } else { Ok(answers.messages) }
    }
}

/// What a message that cannot be read means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unreadable {
    /// An object with an attribute of a later kernel: one that we did not make.
    IsNotOurs,
    /// The list would not be whole.
    IsAnError,
}

/// The answers to one request.
struct Answers {
    sequence: u32,
    unreadable: Unreadable,
    messages: Vec<RouteNetlinkMessage>,
    /// Whether the objects changed while they were listed.
    is_torn: bool,
}

impl Answers {
    /// Reads the messages of one datagram; true after the last answer.
    fn read(&mut self, datagram: &[u8]) -> io::Result<bool> {
        let mut rest = datagram;
        while let Some(length) = rest.first_chunk().map(|length| u32::from_ne_bytes(*length) as usize) {
            let Some(bytes) = rest.get(..length).filter(|_| length > 0) else { break };
            rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
            let message = match NetlinkMessage::<RouteNetlinkMessage>::deserialize(bytes) {
                Ok(message) => message,
                Err(error) if self.unreadable == Unreadable::IsNotOurs => {
                    log::debug!("skipping a netlink message: {error}");
                    continue;
                }
                Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error.to_string())),
            };
            if message.header.sequence_number != self.sequence {
                continue;
            }
            self.is_torn |= message.header.flags & NLM_F_DUMP_INTR != 0;
            match message.payload {
                NetlinkPayload::InnerMessage(inner) => self.messages.push(inner),
                NetlinkPayload::Done(done) if done.code < 0 => {
                    return Err(io::Error::from_raw_os_error(-done.code));
                }
                NetlinkPayload::Done(_) => return Ok(true),
                NetlinkPayload::Error(error) => {
                    return error.code.map_or(Ok(true), |_| Err(error.to_io()));
                }
                _ => {}
            }
        }
        Ok(false)
    }
}

fn has_code(error: &io::Error, codes: &[Errno]) -> bool {
    error.raw_os_error().is_some_and(|code| codes.contains(&Errno::from_raw_os_error(code)))
}
