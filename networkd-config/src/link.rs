//! Which links a file is for, and what it does to the link itself.

use crate::field::section;
use crate::pattern::Pattern;

section! {
    /// The `[Match]` section: which links the file is for.
    ///
    /// A link must satisfy every key that is set; of a key's list, one item is enough. The first file that matches,
    /// by order of file names, is the link's only one. **With nothing set, it matches every link.**
    ///
    /// Source: systemd.network(5), "\[MATCH\] SECTION OPTIONS".
    #[derive(Default)]
    pub struct Match {
        /// The link's current hardware address is one of these. Defaults to any address.
        pub mac_address: Vec<[u8; 6]> = "MACAddress",
        /// The link's driver, udev's `ID_NET_DRIVER`, matches one of these. Defaults to any driver.
        pub driver: Vec<Pattern> = "Driver",
        /// The link's name, or one of its alternative names, matches one of these. Defaults to any name.
        pub name: Vec<Pattern> = "Name",
    }
}

section! {
    /// The `[Link]` section: what is set on the link itself.
    ///
    /// Source: systemd.network(5), "\[LINK\] SECTION OPTIONS".
    #[derive(Default)]
    pub struct Link {
        /// The maximum transmission unit, in bytes; with IPv6 at least 1280. Defaults to the kernel's, or to what
        /// [`DhcpV4::use_mtu`](crate::DhcpV4::use_mtu) gives.
        pub mtu_bytes: Option<u32> = "MTUBytes",
        /// The link's group, which rules can refer to: at most 2147483647, or networkd ignores it. Defaults to the
        /// group that the link is in.
        pub group: Option<u32> = "Group",
        /// Whether networkd leaves the link alone, as if no file matched. Defaults to no.
        pub unmanaged: Option<bool> = "Unmanaged",
        /// Whether the system counts as online only when this link is. Defaults to yes.
        pub required_for_online: Option<bool> = "RequiredForOnline",
    }
}
