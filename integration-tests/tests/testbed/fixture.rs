//! What several tests begin with.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use integration_tests::testbed::{Eni, Guest, Host, Instance, Subnet, Vpc};

pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
pub(crate) const PEER_IPV4: IpAddr = IpAddr::V4(Vpc::PEER_IPV4);
pub(crate) const PEER_IPV6: IpAddr = IpAddr::V6(Vpc::PEER_IPV6);
pub(crate) const IMDS_IPV4: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);
pub(crate) const IMDS_IPV6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

pub(crate) fn subnet() -> Subnet {
    Subnet::dual_stack("10.0.1.0/24", "2001:db8:0:1::/64")
}

pub(crate) fn primary() -> Eni {
    Eni::new("02:00:00:00:01:05", 0).with_ipv4("10.0.1.10").with_ipv6("2001:db8:0:1::10")
}

pub(crate) fn secondary() -> Eni {
    Eni::new("02:00:00:00:01:06", 0).with_ipv4("10.0.1.20").with_ipv6("2001:db8:0:1::20")
}

/// A VPC with an instance that has its primary ENI, configured.
pub(crate) fn running(subnet: Subnet, eni: &Eni) -> (Vpc, Instance) {
    let vpc = Vpc::new(&[subnet]);
    vpc.assign(eni);
    let mut instance = Instance::new(&vpc);
    instance.start_networkd();
    instance.attach("ens5", eni);
    instance.wait_for_lease("ens5", eni);
    (vpc, instance)
}

/// Those of the addresses that answer, asked all at once.
pub(crate) fn answering(from: &(impl Host + Sync), addresses: &[IpAddr]) -> Vec<IpAddr> {
    std::thread::scope(|scope| {
        let ask = |address: IpAddr| scope.spawn(move || from.ping(address).then_some(address));
        let asked: Vec<_> = addresses.iter().copied().map(ask).collect();
        asked.into_iter().filter_map(|answer| answer.join().ok().flatten()).collect()
    })
}

pub(crate) fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}
