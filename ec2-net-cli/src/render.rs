//! From the plan of an ENI to its network files. Pure.

use std::path::PathBuf;

use ipnetwork::IpNetwork;
use networkd_config::{
    Address, Comment, DhcpV4, DhcpV6, DuplicateAddressDetection, Gateway, InterfaceName, Ipv6AcceptRa, Match,
    NetworkFile, Route, RoutingPolicyRule, Section, UseDomains,
};
use policy_routing::EniPlan;

use crate::base::Base;
use crate::record::OWNER;
use crate::tree::{BASE_DROP_IN, Content, Files, drop_in_path, main_path};

/// Renders the files of an ENI: a link to the base file, and drop-ins for what differs.
pub(crate) fn files(interface: &InterfaceName, plan: &EniPlan, base: &Base) -> Files {
    let (ipv4, ipv6): (Vec<Section>, Vec<Section>) = (rules(plan, false), rules(plan, true));
    let drop_ins = [
        ("eni.conf", eni(plan)),
        ("ec2net_alias.conf", plan.addresses.iter().map(|network| address(*network)).collect()),
        ("ec2net_policy_4.conf", ipv4),
        ("ec2net_policy_6.conf", ipv6),
    ];
    let mut files = Files::from([(main_path(interface), Content::Link(base.file.clone()))]);
    let base_drop_in = |(name, target): (&String, &PathBuf)| {
        (drop_in_path(interface, &format!("{BASE_DROP_IN}{name}")), Content::Link(target.clone()))
    };
    files.extend(base.drop_ins.iter().map(base_drop_in));
    for (name, sections) in drop_ins.into_iter().filter(|(_, sections)| !sections.is_empty()) {
        let file = NetworkFile { comments: comments(interface, plan), sections };
        files.insert(drop_in_path(interface, name), Content::Text(file.to_string()));
    }
    files
}

fn comments(interface: &InterfaceName, plan: &EniPlan) -> Vec<Comment> {
    vec![
        Comment::new(&format!("{OWNER}{}", plan.mac)),
        Comment::new(&format!("{}, {}. ec2-net overwrites this file; put changes into", plan.id, plan.slot)),
        Comment::new(&format!("/etc/systemd/network/{}.d/.", main_path(interface).display())),
    ]
}

/// The match, the metrics, and the routes of the table.
fn eni(plan: &EniPlan) -> Vec<Section> {
    let metric = Some(plan.slot.metric().get());
    let mut dhcp_v4 = DhcpV4 { route_metric: metric, ..DhcpV4::default() };
    let mut dhcp_v6 = DhcpV6::default();
    let mut router = Ipv6AcceptRa { route_metric: metric, ..Ipv6AcceptRa::default() };
    if !plan.primary {
        // Every ENI hears of the same servers; from each of them they would fill resolv.conf.
        dhcp_v4.use_dns = Some(false);
        dhcp_v4.use_ntp = Some(false);
        dhcp_v4.use_domains = Some(UseDomains::No);
        dhcp_v4.use_hostname = Some(false);
        dhcp_v6.use_dns = Some(false);
        dhcp_v6.use_ntp = Some(false);
        dhcp_v6.use_domains = Some(UseDomains::No);
        dhcp_v6.use_hostname = Some(false);
        router.use_dns = Some(false);
        router.use_domains = Some(UseDomains::No);
    }
    let mut sections =
        vec![Match { mac_address: vec![plan.mac.0], ..Match::default() }.into(), dhcp_v4.into()];
    if dhcp_v6 != DhcpV6::default() {
        sections.push(dhcp_v6.into());
    }
    sections.push(router.into());
    sections.extend(plan.routes.iter().map(|planned| route(plan, *planned)));
    sections
}

fn route(plan: &EniPlan, route: policy_routing::Route) -> Section {
    let table = Some(plan.slot.table().get());
    match route {
        policy_routing::Route::Default(gateway) => {
            let gateway = match gateway {
                policy_routing::Gateway::Dhcp4 => Gateway::Dhcp4,
                policy_routing::Gateway::Ipv6Ra => Gateway::Ipv6Ra,
            };
            Route { gateway: Some(gateway), table, ..Route::default() }.into()
        }
        policy_routing::Route::OnLink(block) => {
            Route { destination: Some(block), table, ..Route::default() }.into()
        }
    }
}

/// A secondary address. The VPC knows that nobody else has it, so IPv6 need not ask before it is used.
fn address(network: IpNetwork) -> Section {
    let detection = network.is_ipv6().then_some(DuplicateAddressDetection::None);
    Address { add_prefix_route: Some(false), duplicate_address_detection: detection, ..Address::new(network) }
        .into()
}

fn rules(plan: &EniPlan, ipv6: bool) -> Vec<Section> {
    let rules = plan.rules.iter().filter(|rule| rule.from.is_ipv6() == ipv6);
    let rule = |rule: &policy_routing::Rule| RoutingPolicyRule {
        from: Some(rule.from),
        priority: Some(rule.priority.get()),
        table: Some(rule.table.get()),
        ..RoutingPolicyRule::default()
    };
    rules.map(|planned| rule(planned).into()).collect()
}
