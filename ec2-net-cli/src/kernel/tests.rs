#![cfg(test)]

use super::*;

const LINK: u32 = 7;

fn link(altnames: &[&str]) -> Link {
    Link {
        name: "ens6".parse().unwrap(),
        mac: "02:00:00:00:00:01".parse().unwrap(),
        index: LINK,
        altnames: altnames.iter().map(|name| (*name).to_owned()).collect(),
        is_up: true,
    }
}

fn slot() -> Slot {
    Slot::new(0.into(), 1.into()).unwrap()
}

fn rule(from: &str) -> Rule {
    Rule { from: from.parse().unwrap(), priority: slot().priority(), table: slot().table() }
}

fn wanted(addresses: &[&str], rules: &[&str], blocks: &[&str]) -> Wanted {
    let blocks = blocks.iter().map(|block| Route::OnLink(block.parse().unwrap()));
    Wanted {
        addresses: addresses.iter().map(|address| address.parse().unwrap()).collect(),
        rules: rules.iter().map(|from| rule(from)).collect(),
        routes: blocks.chain([Route::Default(Gateway::Dhcp4)]).collect(),
        slot: Some(slot()),
    }
}

fn route(table: u32, destination: &str, gateway: Option<&str>) -> KernelRoute {
    KernelRoute {
        table,
        destination: destination.parse().unwrap(),
        gateway: gateway.map(|gateway| gateway.parse().unwrap()),
        link: LINK,
        metric: if gateway.is_some() { 513 } else { 0 },
        protocol: if gateway.is_some() { 16 } else { 4 },
        source: None,
    }
}

/// The kernel when all is in place.
fn kernel(wanted: &Wanted) -> Kernel {
    let address = |network: &IpNetwork| KernelAddress { link: LINK, network: *network, is_permanent: true };
    let rule =
        |rule: &Rule| KernelRule { from: rule.from, priority: rule.priority.get(), table: rule.table.get() };
    let blocks = wanted.routes.iter().filter_map(|planned| match planned {
        Route::OnLink(block) => Some(route(10_001, &block.to_string(), None)),
        Route::Default(_) => None,
    });
    let defaults = [route(254, "0.0.0.0/0", Some("10.0.0.1")), route(10_001, "0.0.0.0/0", Some("10.0.0.1"))];
    Kernel {
        addresses: wanted.addresses.iter().map(address).collect(),
        rules: wanted.rules.iter().map(rule).collect(),
        routes: blocks.chain(defaults).collect(),
    }
}

#[track_caller]
fn check(wanted: &Wanted, owned: &Wanted, kernel: &Kernel, expected: &[&str]) {
    let changes = difference(&link(&[]), wanted, owned, kernel);
    let changes: Vec<String> = changes.iter().map(|change| change.action.to_string()).collect();
    assert_eq!(changes, expected);
}

#[test]
fn what_is_in_place_stays() {
    let all = wanted(&["10.0.0.11/32"], &["10.0.0.10/32", "10.0.0.11/32"], &["10.0.0.0/24"]);
    check(&all, &all, &kernel(&all), &[]);
}

/// Report C3: what is lost in the kernel is put back, whatever the files say.
#[test]
fn c3_what_is_lost_is_put_back() {
    let all = wanted(&["10.0.0.11/32"], &["10.0.0.11/32"], &["10.0.0.0/24"]);
    let lost = Kernel { routes: vec![route(254, "0.0.0.0/0", Some("10.0.0.1"))], ..Kernel::default() };
    let expected = [
        "add address 10.0.0.11/32",
        "add route default via 10.0.0.1 table 10001",
        "add route 10.0.0.0/24 table 10001",
        "add rule 10001: from 10.0.0.11/32 lookup 10001",
    ];
    check(&all, &all, &lost, &expected);
}

#[test]
fn nothing_is_added_to_a_link_that_is_down() {
    let all = wanted(&["10.0.0.11/32"], &["10.0.0.11/32"], &["10.0.0.0/24"]);
    let down = Link { is_up: false, ..link(&[]) };
    assert_eq!(difference(&down, &all, &all, &Kernel::default()), []);
    assert_eq!(
        difference(&down, &Wanted { slot: all.slot, ..Wanted::default() }, &all, &kernel(&all)).len(),
        4
    );
}

/// What networkd brings back beside what was put back for it.
#[test]
fn a_route_that_is_there_twice_goes_once() {
    let all = wanted(&[], &[], &["10.0.0.0/24"]);
    let mut twice = kernel(&all);
    twice.routes.push(route(10_001, "0.0.0.0/0", Some("10.0.0.1")));
    check(&all, &all, &twice, &["remove route default via 10.0.0.1 table 10001"]);
}

#[test]
fn the_primary_is_preferred_before_it_is_configured() {
    let base = KernelRoute { metric: 32768, ..route(254, "0.0.0.0/0", Some("10.0.0.1")) };
    let mut kernel = Kernel { routes: vec![base, route(254, "10.0.0.1/32", None)], ..Kernel::default() };
    let changes = preference(&link(&[]), &kernel);
    let texts: Vec<String> = changes.iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["ens6: add route default via 10.0.0.1 table 254 metric 512"]);
    kernel.routes.push(KernelRoute { metric: 512, ..base });
    assert_eq!(preference(&link(&[]), &kernel), []);
}

#[test]
fn a_flushed_link_needs_its_link_local_address_first() {
    let leased = "10.0.0.10".parse().unwrap();
    let changes = bereft(&link(&[]), leased, &Kernel::default()).unwrap();
    let texts: Vec<String> = changes.iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["ens6: add address fe80::ff:fe00:1/64"]);
    let address =
        |text: &str| KernelAddress { link: LINK, network: text.parse().unwrap(), is_permanent: true };
    let mut kernel = Kernel { addresses: vec![address("fe80::ff:fe00:1/64")], ..Kernel::default() };
    assert_eq!(bereft(&link(&[]), leased, &kernel), Some(Vec::new()));
    kernel.addresses.push(address("10.0.0.10/24"));
    assert_eq!(bereft(&link(&[]), leased, &kernel), None);
}

#[test]
fn only_what_is_owned_goes() {
    let before = wanted(&["10.0.0.11/32"], &["10.0.0.11/32"], &["10.0.0.0/24", "10.0.4.0/24"]);
    let after = wanted(&[], &[], &["10.0.0.0/24"]);
    let expected = [
        "remove rule 10001: from 10.0.0.11/32 lookup 10001",
        "remove route 10.0.4.0/24 table 10001",
        "remove address 10.0.0.11/32",
    ];
    check(&after, &before, &kernel(&before), &expected);
    check(&after, &after, &kernel(&before), &[]);
}

#[test]
fn a_leased_address_is_not_ours_to_remove() {
    let before = wanted(&["2001:db8::b/128"], &[], &[]);
    let mut kernel = kernel(&before);
    kernel.addresses[0].is_permanent = false;
    check(&wanted(&[], &[], &[]), &before, &kernel, &[]);
    check(&before, &before, &kernel, &[]);
}

#[test]
fn a_default_route_waits_for_its_gateway() {
    let all = wanted(&[], &[], &[]);
    check(&all, &all, &Kernel::default(), &[]);
}

#[test]
fn stale_alternative_names_are_corrected() {
    let names = ["eni-1".to_owned(), "device-number-1.0".to_owned()];
    let changes = altnames(&link(&["eni-0", "enp0s6", "device-number-1.0"]), &names);
    let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
    assert_eq!(changes, ["ens6: remove alternative name eni-0", "ens6: add alternative name eni-1"]);
}

#[test]
fn the_rules_of_a_gone_link_go_unless_another_wants_them() {
    let gone = wanted(&[], &["10.0.0.11/32", "10.0.0.12/32"], &[]);
    let kept = wanted(&[], &["10.0.0.12/32"], &[]);
    let changes = leftovers(&"ens6".parse().unwrap(), &gone, &[kept], &kernel(&gone));
    let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
    assert_eq!(changes, ["ens6: remove rule 10001: from 10.0.0.11/32 lookup 10001"]);
}

/// What DHCP gave with the metric of the base file goes, when the same is there with the ENI's own.
#[test]
fn routes_of_the_metric_before_go_when_their_successors_are_there() {
    let all = wanted(&[], &[], &[]);
    let base = |route: KernelRoute| KernelRoute { metric: 512, ..route };
    let source = Some("10.0.0.10".parse().unwrap());
    let default = KernelRoute { source, ..route(254, "0.0.0.0/0", Some("10.0.0.1")) };
    let gateway = KernelRoute { metric: 513, protocol: 16, ..route(254, "10.0.0.1/32", None) };
    let subnet = KernelRoute { metric: 512, protocol: 2, ..route(254, "10.0.0.0/24", None) };
    let lease = KernelAddress { link: LINK, network: "10.0.0.10/24".parse().unwrap(), is_permanent: true };
    let table = route(10_001, "0.0.0.0/0", Some("10.0.0.1"));
    let mut kernel = Kernel { addresses: vec![lease], ..Kernel::default() };

    kernel.routes = vec![base(default), base(gateway), subnet, table];
    check(&all, &all, &kernel, &[]);
    assert!(!is_adopted(&link(&[]), &all, &kernel));

    kernel.routes.extend([default, gateway]);
    let expected = [
        "set metric 513 of the subnet of 10.0.0.10/24",
        "remove route default via 10.0.0.1 table 254 metric 512",
        "remove route 10.0.0.1/32 table 254 metric 512",
    ];
    check(&all, &all, &kernel, &expected);
    assert!(is_adopted(&link(&[]), &all, &kernel));

    kernel.routes = vec![default, gateway, KernelRoute { metric: 513, ..subnet }, table];
    check(&all, &all, &kernel, &[]);

    kernel.routes = vec![default, gateway, table];
    let another = "192.0.2.1/24".parse().unwrap();
    kernel.addresses.push(KernelAddress { network: another, ..lease });
    check(&all, &all, &kernel, &["add route 10.0.0.0/24 table 254 metric 513"]);
}
