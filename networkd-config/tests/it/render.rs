//! The text of files, with every key that there is.

use networkd_config::{
    Address, Comment, Dhcp, DhcpV4, DhcpV6, DhcpV6Client, DuplicateAddressDetection, Gateway, Ipv6AcceptRa,
    KeepConfiguration, Link, LinkLocalAddressing, Match, Network, NetworkFile, Route, RouteScope, RouteType,
    RoutingPolicyRule, RuleFamily, RuleType, Section, UseDomains, WithoutRa,
};

#[track_caller]
fn check(section: impl Into<Section>, expected: &str) {
    let file = NetworkFile { comments: vec![], sections: vec![section.into()] };
    assert_eq!(file.to_string(), expected);
    assert_eq!(expected.parse(), Ok(file));
}

#[test]
fn match_section() {
    check(Match::default(), "[Match]\n");
    check(
        Match {
            mac_address: vec![[2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 0xff]],
            driver: vec!["ena".parse().unwrap(), "virtio_*".parse().unwrap()],
            name: vec!["ens*".parse().unwrap()],
        },
        "[Match]\nMACAddress=02:00:00:00:00:01 02:00:00:00:00:ff\nDriver=ena virtio_*\nName=ens*\n",
    );
}

#[test]
fn link_section() {
    check(
        Link {
            mtu_bytes: Some(9001),
            group: Some(7),
            unmanaged: Some(false),
            required_for_online: Some(true),
        },
        "[Link]\nMTUBytes=9001\nGroup=7\nUnmanaged=no\nRequiredForOnline=yes\n",
    );
}

#[test]
fn network_section() {
    check(
        Network {
            dhcp: Some(Dhcp::Ipv4),
            link_local_addressing: Some(LinkLocalAddressing::Ipv6),
            ipv6_accept_ra: Some(true),
            ipv6_duplicate_address_detection: Some(0),
            configure_without_carrier: Some(true),
            ignore_carrier_loss: Some(false),
            keep_configuration: Some(KeepConfiguration::DhcpOnStop),
        },
        "[Network]\nDHCP=ipv4\nLinkLocalAddressing=ipv6\nIPv6AcceptRA=yes\nIPv6DuplicateAddressDetection=0\n\
         ConfigureWithoutCarrier=yes\nIgnoreCarrierLoss=no\nKeepConfiguration=dhcp-on-stop\n",
    );
}

#[test]
fn address_section() {
    check(Address::new("10.0.0.9/24".parse().unwrap()), "[Address]\nAddress=10.0.0.9/24\n");
    check(
        Address {
            add_prefix_route: Some(false),
            route_metric: Some(512),
            duplicate_address_detection: Some(DuplicateAddressDetection::None),
            ..Address::new("2001:db8::9/128".parse().unwrap())
        },
        "[Address]\nAddress=2001:db8::9/128\nAddPrefixRoute=no\nRouteMetric=512\nDuplicateAddressDetection=none\n",
    );
}

#[test]
fn route_section() {
    check(
        Route { gateway: Some(Gateway::Dhcp4), table: Some(10001), ..Route::default() },
        "[Route]\nGateway=_dhcp4\nTable=10001\n",
    );
    check(Route { gateway: Some(Gateway::Ipv6Ra), ..Route::default() }, "[Route]\nGateway=_ipv6ra\n");
    check(
        Route {
            destination: Some("192.0.2.0/24".parse().unwrap()),
            gateway: Some(Gateway::Address("10.0.0.1".parse().unwrap())),
            gateway_on_link: Some(true),
            preferred_source: Some("10.0.0.9".parse().unwrap()),
            scope: Some(RouteScope::Global),
            route_type: Some(RouteType::Unicast),
            metric: Some(512),
            table: Some(u32::MAX),
        },
        "[Route]\nDestination=192.0.2.0/24\nGateway=10.0.0.1\nGatewayOnLink=yes\nPreferredSource=10.0.0.9\n\
         Scope=global\nType=unicast\nMetric=512\nTable=4294967295\n",
    );
}

#[test]
fn routing_policy_rule_section() {
    check(
        RoutingPolicyRule {
            from: Some("10.0.0.9/32".parse().unwrap()),
            to: Some("0.0.0.0/0".parse().unwrap()),
            firewall_mark: Some(7),
            incoming_interface: Some("lo".parse().unwrap()),
            outgoing_interface: Some("ens5".parse().unwrap()),
            invert_rule: Some(false),
            family: Some(RuleFamily::Ipv4),
            priority: Some(10001),
            rule_type: Some(RuleType::Prohibit),
            table: Some(10001),
            suppress_prefix_length: Some(0),
            suppress_interface_group: Some(7),
        },
        "[RoutingPolicyRule]\nFrom=10.0.0.9/32\nTo=0.0.0.0/0\nFirewallMark=7\nIncomingInterface=lo\n\
         OutgoingInterface=ens5\nInvertRule=no\nFamily=ipv4\nPriority=10001\nType=prohibit\nTable=10001\n\
         SuppressPrefixLength=0\nSuppressInterfaceGroup=7\n",
    );
}

#[test]
fn dhcp_v4_section() {
    check(
        DhcpV4 {
            send_hostname: Some(true),
            send_release: Some(false),
            use_dns: Some(true),
            routes_to_dns: Some(false),
            use_ntp: Some(true),
            routes_to_ntp: Some(false),
            use_domains: Some(UseDomains::Route),
            use_hostname: Some(false),
            use_mtu: Some(true),
            use_routes: Some(true),
            use_gateway: Some(true),
            use_timezone: Some(false),
            route_metric: Some(512),
            route_table: Some(254),
        },
        "[DHCPv4]\nSendHostname=yes\nSendRelease=no\nUseDNS=yes\nRoutesToDNS=no\nUseNTP=yes\nRoutesToNTP=no\n\
         UseDomains=route\nUseHostname=no\nUseMTU=yes\nUseRoutes=yes\nUseGateway=yes\nUseTimezone=no\n\
         RouteMetric=512\nRouteTable=254\n",
    );
}

#[test]
fn dhcp_v6_section() {
    check(
        DhcpV6 {
            without_ra: Some(WithoutRa::Solicit),
            rapid_commit: Some(true),
            use_address: Some(true),
            use_delegated_prefix: Some(false),
            use_dns: Some(true),
            use_ntp: Some(true),
            use_domains: Some(UseDomains::Yes),
            use_hostname: Some(false),
        },
        "[DHCPv6]\nWithoutRA=solicit\nRapidCommit=yes\nUseAddress=yes\nUseDelegatedPrefix=no\nUseDNS=yes\n\
         UseNTP=yes\nUseDomains=yes\nUseHostname=no\n",
    );
}

#[test]
fn ipv6_accept_ra_section() {
    check(
        Ipv6AcceptRa {
            use_dns: Some(true),
            use_domains: Some(UseDomains::No),
            use_mtu: Some(true),
            use_gateway: Some(true),
            use_route_prefix: Some(true),
            use_autonomous_prefix: Some(false),
            use_on_link_prefix: Some(true),
            dhcpv6_client: Some(DhcpV6Client::Always),
            route_metric: Some(512),
            route_table: Some(254),
        },
        "[IPv6AcceptRA]\nUseDNS=yes\nUseDomains=no\nUseMTU=yes\nUseGateway=yes\nUseRoutePrefix=yes\n\
         UseAutonomousPrefix=no\nUseOnLinkPrefix=yes\nDHCPv6Client=always\nRouteMetric=512\nRouteTable=254\n",
    );
}

#[test]
fn comments_and_blank_lines() {
    let sections = vec![Match::default().into(), Link::default().into()];
    let comments = vec![Comment::new("made by a program"), Comment::new(""), Comment::new("do not\nedit")];
    let text = |comments: &[Comment], sections: &[Section]| {
        NetworkFile { comments: comments.to_vec(), sections: sections.to_vec() }.to_string()
    };
    assert_eq!(text(&comments, &sections), "# made by a program\n#\n# do not edit\n\n[Match]\n\n[Link]\n");
    assert_eq!(text(&[], &sections), "[Match]\n\n[Link]\n");
    assert_eq!(text(&comments[..1], &[]), "# made by a program\n");
    assert_eq!(text(&[], &[]), "");
}
