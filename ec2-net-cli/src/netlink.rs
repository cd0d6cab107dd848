//! The kernel's side of routing, by rtnetlink(7): one blocking socket.

use std::io;

use netlink_packet_core::{
    NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage,
    NetlinkPayload,
};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::{
    AddressFamily, address::AddressMessage, link::LinkMessage, route::RouteMessage, rule::RuleMessage,
};
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_ROUTE};

use crate::kernel::{Change, Kernel};
use crate::link::Link;
use crate::netlink_messages::{self as messages, Request};

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

    /// All links with a MAC address.
    pub(crate) fn links(&mut self) -> io::Result<Vec<KernelLink>> {
        let mut links = Vec::new();
        self.dump(RouteNetlinkMessage::GetLink(LinkMessage::default()), |message| {
            if let RouteNetlinkMessage::NewLink(link) = message {
                links.extend(messages::link(&link));
            }
        })?;
        Ok(links)
    }

    /// Addresses, rules and routes.
    pub(crate) fn state(&mut self) -> io::Result<Kernel> {
        let mut kernel = Kernel::default();
        self.dump(RouteNetlinkMessage::GetAddress(AddressMessage::default()), |message| {
            if let RouteNetlinkMessage::NewAddress(address) = message {
                kernel.addresses.extend(messages::address(&address));
            }
        })?;
        for family in [AddressFamily::Inet, AddressFamily::Inet6] {
            let mut request = RuleMessage::default();
            request.header.family = family;
            self.dump(RouteNetlinkMessage::GetRule(request), |message| {
                if let RouteNetlinkMessage::NewRule(rule) = message {
                    kernel.rules.extend(messages::rule(&rule));
                }
            })?;
            let mut request = RouteMessage::default();
            request.header.address_family = family;
            self.dump(RouteNetlinkMessage::GetRoute(request), |message| {
                if let RouteNetlinkMessage::NewRoute(route) = message {
                    kernel.routes.extend(messages::routes(&route));
                }
            })?;
        }
        Ok(kernel)
    }

    /// Makes a change. What is there already, or gone already, is done.
    pub(crate) fn apply(&mut self, change: &Change) -> io::Result<()> {
        let (message, flags) = match messages::request(change) {
            Request::Add(message) => (message, NLM_F_CREATE | NLM_F_EXCL),
            Request::Remove(message) => (message, 0),
        };
        let adds = flags != 0;
        match self.request(message, flags | NLM_F_ACK, |_| {}) {
            Err(error) if adds && error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) if !adds && is_gone(&error) => Ok(()),
            result => result,
        }
    }

    fn dump(
        &mut self,
        message: RouteNetlinkMessage,
        each: impl FnMut(RouteNetlinkMessage),
    ) -> io::Result<()> {
        self.request(message, NLM_F_DUMP, each)
    }

    /// Sends a request and reads its answers up to the last one.
    fn request(
        &mut self,
        message: RouteNetlinkMessage,
        flags: u16,
        mut each: impl FnMut(RouteNetlinkMessage),
    ) -> io::Result<()> {
        self.sequence += 1;
        let mut header = NetlinkHeader::default();
        header.flags = NLM_F_REQUEST | flags;
        header.sequence_number = self.sequence;
        let mut request = NetlinkMessage::new(header, NetlinkPayload::from(message));
        request.finalize();
        let mut bytes = vec![0; request.buffer_len()];
        request.serialize(&mut bytes);
        self.socket.send(&bytes, 0)?;
        loop {
            let (datagram, _) = self.socket.recv_from_full()?;
            if self.read_datagram(&datagram, &mut each)? {
                return Ok(());
            }
        }
    }

    /// Reads the messages of one datagram; true after the last answer.
    fn read_datagram(&self, datagram: &[u8], each: &mut impl FnMut(RouteNetlinkMessage)) -> io::Result<bool> {
        let mut rest = datagram;
        while let Some(length) = rest.first_chunk().map(|length| u32::from_ne_bytes(*length) as usize) {
            let Some(bytes) = rest.get(..length).filter(|_| length > 0) else { break };
            rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
            let message = match NetlinkMessage::<RouteNetlinkMessage>::deserialize(bytes) {
                Ok(message) => message,
                // An attribute of a later kernel: the object is one that we did not make.
                Err(error) => {
                    log::debug!("skipping a netlink message: {error}");
                    continue;
                }
            };
            if message.header.sequence_number != self.sequence {
                continue;
            }
            match message.payload {
                NetlinkPayload::InnerMessage(inner) => each(inner),
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

/// `ESRCH`, `ENOENT`, `EADDRNOTAVAIL` and `ENODEV` are how the kernel says that there is nothing to delete.
fn is_gone(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let gone = [Errno::SRCH, Errno::NOENT, Errno::ADDRNOTAVAIL, Errno::NODEV];
    error.raw_os_error().is_some_and(|code| gone.contains(&Errno::from_raw_os_error(code)))
}
