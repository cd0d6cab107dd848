//! What only the man pages say.

/// Of each verb.
pub(crate) const GLOBAL_OPTIONS: &str = "The options that every command takes, such as --root, --metadata and \
                                         --json, and the environment are described in ec2-net(8).";

/// What becomes of an ENI.
pub(crate) const ENI: [(&str, &str); 5] = [
    (
        "Route table",
        "Its number is 10000 + 100 * C + D for the ENI with device number D on network card C. It has the default \
         routes by DHCPv4's gateway and by the IPv6 router, and the subnet's blocks.",
    ),
    (
        "Rules",
        "From each address and each delegated prefix to the table, with the table's number as priority. The primary \
         ENI has none, so that containers on the host reach its addresses.",
    ),
    (
        "Metric",
        "512 + 100 * C + D for its routes in the main table, so that the primary ENI (512) is preferred.",
    ),
    ("Addresses", "The secondary ones, IPv4 as /32 and IPv6 as /128."),
    ("Alternative names", "The ENI's id, and device-number-D.C."),
];

/// A file, what it is, and the names of the pages on which it is told of, beside that of ec2-net.
type File = (&'static str, &'static str, &'static [&'static str]);

/// The pages of what makes and removes network files.
const NETWORK: &[&str] = &[
    "ec2-net-reconcile",
    "ec2-net-plan",
    "ec2-net-remove",
    "ec2-net-heal",
    "ec2-net-thaw",
    "setup-policy-routes",
];
const PLAN: &[&str] = &["ec2-net-reconcile", "ec2-net-plan", "setup-policy-routes"];
const HOSTNAME: &[&str] = &["ec2-net-hostname", "set-hostname-imds"];

const FILES: [File; 13] = [
    ("/etc/ec2-net/config.toml", "The configuration, ec2-net-config(5).", PLAN),
    ("/etc/hostname", "A host name in it is never overridden.", HOSTNAME),
    (
        "/etc/systemd/network/70-IFACE.network.d/",
        "An administrator's own drop-ins for an ENI. They are never written.",
        PLAN,
    ),
    (
        "/usr/lib/systemd/network/80-ec2.network",
        "The base file, which applies to every ENI. One of the same name in /etc/systemd/network or \
         /run/systemd/network replaces it.",
        PLAN,
    ),
    ("/run/systemd/network/70-IFACE.network", "An ENI's file, a link to the base file.", NETWORK),
    (
        "/run/systemd/network/70-IFACE.network.d/eni.conf",
        "Its drop-in for the match by MAC address, DHCP, the metrics and the routes of its table.",
        NETWORK,
    ),
    ("/run/systemd/network/70-IFACE.network.d/ec2net_alias.conf", "Its secondary addresses.", NETWORK),
    ("/run/systemd/network/70-IFACE.network.d/ec2net_policy_4.conf", "Its rules for IPv4.", NETWORK),
    ("/run/systemd/network/70-IFACE.network.d/ec2net_policy_6.conf", "Its rules for IPv6.", NETWORK),
    (
        "/run/ec2-net/network/",
        "The same files as the last run made them: what is wanted, and the record of what is owned. Those in \
         /run/systemd/network are what networkd has read.",
        NETWORK,
    ),
    (
        "/run/ec2-net/metadata.json",
        "What is remembered of the metadata, so that less has to be asked. It may be removed at any time.",
        PLAN,
    ),
    ("/run/ec2-net/lock", "Locked while files and kernel are changed.", NETWORK),
    ("/run/ec2-net/turn", "Locked while the metadata is read, for runs that come at once.", PLAN),
];

/// The files of a page.
pub(crate) fn files(page: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let is_told = move |(_, _, pages): &&File| page == "ec2-net" || pages.contains(&page);
    FILES.iter().filter(is_told).map(|(path, text, _)| (*path, *text)).collect::<Vec<_>>().into_iter()
}

/// Pages of others.
pub(crate) const SEE_ALSO: [(&str, u8); 3] =
    [("networkctl", 1), ("systemd.network", 5), ("systemd-networkd.service", 8)];

/// What the page of the configuration file says before and after its keys.
pub(crate) const CONFIG: [&str; 2] = [
    "The file is TOML and need not exist; neither need any of its keys. It is read anew by each run.",
    "A file that cannot be used, be it for a typing error or an unknown key, takes no instance off the network: the \
     log says what is wrong, and all of the defaults are used.",
];
