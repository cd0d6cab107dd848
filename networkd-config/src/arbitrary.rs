//! Any value of any type of this crate, for the properties.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::slice;

use ipnetwork::IpNetwork;

use crate::comment::Comment;
use crate::file::NetworkFile;
use crate::interface_name::InterfaceName;
use crate::pattern::Pattern;
use crate::route::Gateway;

/// The bytes that a value is made of; zeros when they run out, which make the smallest value.
pub(crate) struct Source<'a>(slice::Iter<'a, u8>);

impl<'a> Source<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes.iter())
    }

    pub(crate) fn choose<T: Copy>(&mut self, items: &[T]) -> T {
        items[usize::from(u8::draw(self)) % items.len()]
    }

    fn bytes<const LENGTH: usize>(&mut self) -> [u8; LENGTH] {
        std::array::from_fn(|_| u8::draw(self))
    }
}

pub(crate) trait Arbitrary: Sized {
    fn draw(source: &mut Source<'_>) -> Self;
}

impl Arbitrary for u8 {
    fn draw(source: &mut Source<'_>) -> Self {
        source.0.next().copied().unwrap_or_default()
    }
}

impl Arbitrary for bool {
    fn draw(source: &mut Source<'_>) -> Self {
        u8::draw(source) % 2 == 1
    }
}

impl Arbitrary for u32 {
    fn draw(source: &mut Source<'_>) -> Self {
        Self::from_be_bytes(source.bytes())
    }
}

impl Arbitrary for [u8; 6] {
    fn draw(source: &mut Source<'_>) -> Self {
        source.bytes()
    }
}

impl Arbitrary for IpAddr {
    fn draw(source: &mut Source<'_>) -> Self {
        if bool::draw(source) {
            Ipv6Addr::from(source.bytes::<16>()).into()
        } else {
            Ipv4Addr::from(source.bytes::<4>()).into()
        }
    }
}

impl Arbitrary for IpNetwork {
    fn draw(source: &mut Source<'_>) -> Self {
        let address = IpAddr::draw(source);
        let lengths = if address.is_ipv4() { 33 } else { 129 };
        Self::new(address, u8::draw(source) % lengths).unwrap()
    }
}

impl Arbitrary for Gateway {
    fn draw(source: &mut Source<'_>) -> Self {
        match u8::draw(source) % 3 {
            0 => Self::Dhcp4,
            1 => Self::Ipv6Ra,
            _ => Self::Address(IpAddr::draw(source)),
        }
    }
}

impl<T: Arbitrary> Arbitrary for Option<T> {
    fn draw(source: &mut Source<'_>) -> Self {
        bool::draw(source).then(|| T::draw(source))
    }
}

impl<T: Arbitrary> Arbitrary for Vec<T> {
    fn draw(source: &mut Source<'_>) -> Self {
        (0..u8::draw(source) % 4).map(|_| T::draw(source)).collect()
    }
}

/// What the type refuses is made again, until it takes it or the bytes run out.
impl Arbitrary for InterfaceName {
    fn draw(source: &mut Source<'_>) -> Self {
        loop {
            let length = u8::draw(source) % 16;
            let text: String = (0..length).map(|_| char::from(u8::draw(source) % 0x80)).collect();
            if let Ok(name) = text.parse() {
                return name;
            }
            if source.0.len() == 0 {
                return Self::draw(&mut Source::new(b"\x04eth0"));
            }
        }
    }
}

impl Arbitrary for Pattern {
    fn draw(source: &mut Source<'_>) -> Self {
        let name = InterfaceName::draw(source);
        format!("{name}{}", source.choose(&["", "*", "?", "[!0-9]*"])).parse().unwrap()
    }
}

impl Arbitrary for Comment {
    fn draw(source: &mut Source<'_>) -> Self {
        let text: Vec<char> =
            Vec::<u32>::draw(source).into_iter().filter_map(|c| char::from_u32(c % 0x400)).collect();
        Self::new(&text.into_iter().collect::<String>())
    }
}

impl Arbitrary for NetworkFile {
    fn draw(source: &mut Source<'_>) -> Self {
        Self { comments: Arbitrary::draw(source), sections: Arbitrary::draw(source) }
    }
}
