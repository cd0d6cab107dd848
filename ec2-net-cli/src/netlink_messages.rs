//! Between rtnetlink's messages and the types of [`crate::kernel`].

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnetwork::IpNetwork;
use netlink_packet_route::address::{AddressAttribute, AddressFlags, AddressMessage, AddressScope};
use netlink_packet_route::link::{LinkAttribute, LinkFlags, LinkInfo, LinkMessage, Prop};
use netlink_packet_route::route::{
    RouteAddress, RouteAttribute, RouteMessage, RouteProtocol, RouteScope, RouteType,
};
use netlink_packet_route::rule::{RuleAction, RuleAttribute, RuleMessage};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use policy_routing::{MacAddr, Rule};

use crate::kernel::{Action, Change, KernelAddress, KernelRoute, KernelRule};
use crate::link::Link;
use crate::netlink::KernelLink;

/// What to ask of the kernel.
pub(crate) enum Request {
    Add(RouteNetlinkMessage),
    /// Changes what is there.
    Replace(RouteNetlinkMessage),
    Remove(RouteNetlinkMessage),
}

/// A link with a MAC address and a name that can name files.
pub(crate) fn link(message: &LinkMessage) -> Option<KernelLink> {
    let mut name = None;
    let mut mac = None;
    let mut altnames = Vec::new();
    let mut kind = None;
    for attribute in &message.attributes {
        match attribute {
            LinkAttribute::IfName(text) => name = text.parse().ok(),
            LinkAttribute::Address(octets) => mac = octets.as_slice().try_into().ok().map(MacAddr),
            LinkAttribute::PropList(properties) => {
                altnames.extend(properties.iter().filter_map(|property| match property {
                    Prop::AltIfName(name) => Some(name.clone()),
                    _ => None,
                }));
            }
            LinkAttribute::LinkInfo(infos) => {
                kind = infos.iter().find_map(|info| match info {
                    LinkInfo::Kind(kind) => Some(kind.to_string()),
                    _ => None,
                });
            }
            _ => {}
        }
    }
    let is_up = message.header.flags.contains(LinkFlags::Up);
    let link = Link { name: name?, mac: mac?, index: message.header.index, altnames, is_up };
    Some(KernelLink { link, kind })
}

pub(crate) fn address(message: &AddressMessage) -> Option<KernelAddress> {
    // A peer address is in IFA_ADDRESS, and the own one in IFA_LOCAL, which IPv6 has only then.
    let mut local = None;
    let mut address = None;
    let mut is_permanent = false;
    for attribute in &message.attributes {
        match attribute {
            AddressAttribute::Local(ip) => local = Some(*ip),
            AddressAttribute::Address(ip) => address = Some(*ip),
            AddressAttribute::Flags(flags) => is_permanent = flags.contains(AddressFlags::Permanent),
            _ => {}
        }
    }
    let network = IpNetwork::new(local.or(address)?, message.header.prefix_len).ok()?;
    Some(KernelAddress { link: message.header.index, network, is_permanent })
}

/// A rule that has a source, a table and a priority, and nothing else, and is of protocol static: one of another
/// protocol is another rule to the kernel.
pub(crate) fn rule(message: &RuleMessage) -> Option<KernelRule> {
    let header = &message.header;
    if header.action != RuleAction::ToTable
        || header.dst_len != 0
        || header.tos != 0
        || !header.flags.is_empty()
    {
        return None;
    }
    let mut from = None;
    let mut priority = None;
    let mut table = u32::from(header.table);
    for attribute in &message.attributes {
        match attribute {
            RuleAttribute::Source(ip) => from = IpNetwork::new(*ip, header.src_len).ok(),
            RuleAttribute::Priority(number) => priority = Some(*number),
            RuleAttribute::Table(number) => table = *number,
            // The kernel prints this one for "suppress nothing".
            RuleAttribute::SuppressPrefixLen(u32::MAX) | RuleAttribute::Protocol(RouteProtocol::Static) => {}
            _ => return None,
        }
    }
    Some(KernelRule { from: from?, priority: priority?, table })
}

/// A unicast route, once for each of its next hops: IPv6 prints routes of equal metric as one.
pub(crate) fn routes(message: &RouteMessage) -> Vec<KernelRoute> {
    let header = &message.header;
    if header.kind != RouteType::Unicast || header.source_prefix_length != 0 {
        return Vec::new();
    }
    let any = match header.address_family {
        AddressFamily::Inet => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        _ => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    let mut destination = any;
    let mut table = u32::from(header.table);
    let mut metric = 0;
    let mut source = None;
    let mut hop = (None, None);
    let mut hops = Vec::new();
    for attribute in &message.attributes {
        match attribute {
            RouteAttribute::Destination(address) => destination = ip(address).unwrap_or(any),
            RouteAttribute::Table(number) => table = *number,
            RouteAttribute::Priority(number) => metric = *number,
            RouteAttribute::Gateway(address) => hop.1 = ip(address),
            RouteAttribute::PrefSource(address) => source = ip(address),
            RouteAttribute::Oif(index) => hop.0 = Some(*index),
            RouteAttribute::MultiPath(several) => {
                hops.extend(
                    several.iter().map(|next| (Some(next.interface_index), gateway(&next.attributes))),
                );
            }
            _ => {}
        }
    }
    hops.push(hop);
    let Ok(destination) = IpNetwork::new(destination, header.destination_prefix_length) else {
        return Vec::new();
    };
    let protocol = header.protocol.into();
    let route = |(link, gateway): (Option<u32>, _)| {
        Some(KernelRoute { table, destination, gateway, link: link?, metric, protocol, source })
    };
    hops.into_iter().filter_map(route).collect()
}

/// The question how to reach a destination.
pub(crate) fn question(destination: Ipv4Addr) -> RouteMessage {
    let mut message = RouteMessage::default();
    message.header.address_family = AddressFamily::Inet;
    message.header.destination_prefix_length = 32;
    message.attributes = vec![RouteAttribute::Destination(RouteAddress::Inet(destination))];
    message
}

/// The link by which a route leads.
pub(crate) fn link_of(message: &RouteMessage) -> Option<u32> {
    message.attributes.iter().find_map(|attribute| match attribute {
        RouteAttribute::Oif(index) => Some(*index),
        _ => None,
    })
}

/// The request that makes a change.
pub(crate) fn request(change: &Change) -> Request {
    match &change.action {
        Action::AddAltname(name) => {
            Request::Add(RouteNetlinkMessage::NewLinkProp(altname(change.link, name)))
        }
        Action::RemoveAltname(name) => {
            Request::Remove(RouteNetlinkMessage::DelLinkProp(altname(change.link, name)))
        }
        Action::AddLinkLocal(address) => {
            Request::Add(RouteNetlinkMessage::NewAddress(link_local_address(change.link, *address)))
        }
        Action::AddAddress(network) => {
            Request::Add(RouteNetlinkMessage::NewAddress(host_address(change.link, *network)))
        }
        Action::RemoveAddress(network) => {
            Request::Remove(RouteNetlinkMessage::DelAddress(host_address(change.link, *network)))
        }
        Action::SetMetric(network, metric) => Request::Replace(RouteNetlinkMessage::NewAddress(
            address_with_metric(change.link, *network, metric.get()),
        )),
        Action::AddRule(rule) => Request::Add(RouteNetlinkMessage::NewRule(source_rule(rule))),
        Action::RemoveRule(rule) => Request::Remove(RouteNetlinkMessage::DelRule(source_rule(rule))),
        Action::AddRoute(route) => Request::Add(RouteNetlinkMessage::NewRoute(unicast_route(route))),
        Action::RemoveRoute(route) => Request::Remove(RouteNetlinkMessage::DelRoute(unicast_route(route))),
    }
}

fn altname(link: u32, name: &str) -> LinkMessage {
    let mut message = LinkMessage::default();
    message.header.index = link;
    message.attributes = vec![LinkAttribute::PropList(vec![Prop::AltIfName(name.to_owned())])];
    message
}

/// An address as networkd makes it for `AddPrefixRoute=no` and, for IPv6, `DuplicateAddressDetection=none`.
fn host_address(link: u32, network: IpNetwork) -> AddressMessage {
    let mut message = AddressMessage::default();
    message.header.family = family(&network);
    message.header.prefix_len = network.prefix();
    message.header.scope = AddressScope::Universe;
    message.header.index = link;
    let detection = if network.is_ipv6() { AddressFlags::Nodad } else { AddressFlags::empty() };
    message.attributes = vec![
        AddressAttribute::Local(network.ip()),
        AddressAttribute::Address(network.ip()),
        AddressAttribute::Flags(AddressFlags::Noprefixroute | AddressFlags::Permanent | detection),
    ];
    message
}

fn link_local_address(link: u32, address: Ipv6Addr) -> AddressMessage {
    let mut message = AddressMessage::default();
    message.header.family = AddressFamily::Inet6;
    message.header.prefix_len = 64;
    message.header.scope = AddressScope::Link;
    message.header.index = link;
    message.attributes = vec![
        AddressAttribute::Local(address.into()),
        AddressAttribute::Address(address.into()),
        AddressAttribute::Flags(AddressFlags::Permanent | AddressFlags::Nodad),
    ];
    message
}

/// A leased address with another metric for the route to its subnet. The lifetime is what `KeepConfiguration=dhcp` gives
/// it: endless.
fn address_with_metric(link: u32, network: IpNetwork, metric: u32) -> AddressMessage {
    let mut message = AddressMessage::default();
    message.header.family = family(&network);
    message.header.prefix_len = network.prefix();
    message.header.scope = AddressScope::Universe;
    message.header.index = link;
    message.attributes = vec![
        AddressAttribute::Local(network.ip()),
        AddressAttribute::Address(network.ip()),
        AddressAttribute::Flags(AddressFlags::Permanent),
        AddressAttribute::RoutePriority(metric),
    ];
    message
}

/// A rule as networkd makes it, protocol static and all, so that it takes it for its own when it reads the files.
fn source_rule(rule: &Rule) -> RuleMessage {
    let mut message = RuleMessage::default();
    message.header.family = family(&rule.from);
    message.header.src_len = rule.from.prefix();
    message.header.action = RuleAction::ToTable;
    message.attributes = vec![
        RuleAttribute::Source(rule.from.ip()),
        RuleAttribute::Priority(rule.priority.get()),
        RuleAttribute::Table(rule.table.get()),
        RuleAttribute::Protocol(RouteProtocol::Static),
    ];
    message
}

fn unicast_route(route: &KernelRoute) -> RouteMessage {
    let mut message = RouteMessage::default();
    message.header.address_family = family(&route.destination);
    message.header.destination_prefix_length = route.destination.prefix();
    message.header.protocol = route.protocol.into();
    message.header.kind = RouteType::Unicast;
    // IPv6 routes have no scope; the kernel ignores it.
    message.header.scope = if route.gateway.is_some() { RouteScope::Universe } else { RouteScope::Link };
    message.attributes = vec![RouteAttribute::Table(route.table), RouteAttribute::Oif(route.link)];
    if route.destination.prefix() > 0 {
        message.attributes.push(RouteAttribute::Destination(route.destination.ip().into()));
    }
    if let Some(gateway) = route.gateway {
        message.attributes.push(RouteAttribute::Gateway(gateway.into()));
    }
    if let Some(source) = route.source {
        message.attributes.push(RouteAttribute::PrefSource(source.into()));
    }
    if route.metric > 0 {
        message.attributes.push(RouteAttribute::Priority(route.metric));
    }
    message
}

fn family(network: &IpNetwork) -> AddressFamily {
    if network.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 }
}

fn gateway(attributes: &[RouteAttribute]) -> Option<IpAddr> {
    attributes.iter().find_map(|attribute| match attribute {
        RouteAttribute::Gateway(address) => ip(address),
        _ => None,
    })
}

fn ip(address: &RouteAddress) -> Option<IpAddr> {
    match address {
        RouteAddress::Inet(ip) => Some(IpAddr::V4(*ip)),
        RouteAddress::Inet6(ip) => Some(IpAddr::V6(*ip)),
        _ => None,
    }
}
