use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

/// First route table of the ENIs, and priority of their first rule.
const FIRST_TABLE: u32 = 10_000;
/// Route metric of the primary ENI: better than networkd's default of 1024, so that the primary is preferred.
const FIRST_METRIC: u32 = 512;
/// Device numbers a card has room for in the numbering.
const DEVICES_PER_CARD: u32 = 100;
/// Priority of the kernel's own rule for the main table, `ip-rule(8)`. A rule from there on is never asked.
const MAIN_RULE_PRIORITY: u32 = 32_766;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($inner);

        impl $name {
            /// The plain number.
            #[must_use]
            pub fn get(self) -> $inner {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number! {
    /// The metadata's `network-card`: which card of the instance an ENI is on. Zero on types with one card.
    NetworkCard(u16)
}
number! {
    /// The metadata's `device-number`: the index of an ENI, unique only within its card.
    DeviceNumber(u16)
}
number! {
    /// A route table, `ip-route(8)`.
    TableId(u32)
}
number! {
    /// The priority of a routing rule, `ip-rule(8)`: lower is asked first.
    RulePriority(u32)
}
number! {
    /// The metric of a route: lower is preferred.
    RouteMetric(u32)
}

macro_rules! read_number {
    ($name:ident) => {
        impl From<u16> for $name {
            fn from(number: u16) -> Self {
                Self(number)
            }
        }

        impl FromStr for $name {
            type Err = ParseIntError;

            fn from_str(text: &str) -> Result<Self, ParseIntError> {
                // `parse` alone would take "+2"; a lone sign is what it refuses with the fitting error.
                let digits = if text.starts_with('+') { "+" } else { text };
                digits.parse().map(Self)
            }
        }
    };
}

read_number!(NetworkCard);
read_number!(DeviceNumber);

/// Where an ENI is attached: card and device. Everything numbered about an ENI comes from its slot.
///
/// A slot exists only where the numbers do not collide: the device is below 100, and the rule's priority is
/// below that of the main table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    card: NetworkCard,
    device: DeviceNumber,
}

impl Slot {
    /// The slot of the primary ENI, card 0 and device 0. No other ENI can be there.
    pub const PRIMARY: Self = Self { card: NetworkCard(0), device: DeviceNumber(0) };

    /// The slot of `device` on `card`, if it has numbers of its own.
    #[must_use]
    pub fn new(card: NetworkCard, device: DeviceNumber) -> Option<Self> {
        let slot = Self { card, device };
        let fits = u32::from(device.0) < DEVICES_PER_CARD && FIRST_TABLE + slot.offset() < MAIN_RULE_PRIORITY;
        fits.then_some(slot)
    }

    /// The slot whose table has this number, to read back what was once planned.
    #[must_use]
    pub fn with_table(table: u32) -> Option<Self> {
        let offset = table.checked_sub(FIRST_TABLE)?;
        let card = u16::try_from(offset / DEVICES_PER_CARD).ok()?;
        let device = u16::try_from(offset % DEVICES_PER_CARD).ok()?;
        Self::new(card.into(), device.into())
    }

    /// The card.
    #[must_use]
    pub fn card(self) -> NetworkCard {
        self.card
    }

    /// The device number on that card.
    #[must_use]
    pub fn device(self) -> DeviceNumber {
        self.device
    }

    /// The ENI's route table, `10000 + 100 * card + device`.
    #[must_use]
    pub fn table(self) -> TableId {
        TableId(FIRST_TABLE + self.offset())
    }

    /// The priority of the ENI's rules: the number of its table.
    #[must_use]
    pub fn priority(self) -> RulePriority {
        RulePriority(self.table().0)
    }

    /// The metric of the ENI's routes in the main table, `512 + 100 * card + device`.
    #[must_use]
    pub fn metric(self) -> RouteMetric {
        RouteMetric(FIRST_METRIC + self.offset())
    }

    fn offset(self) -> u32 {
        DEVICES_PER_CARD * u32::from(self.card.0) + u32::from(self.device.0)
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "device {} of card {}", self.device, self.card)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(card: u16, device: u16, expected: Option<(u32, u32)>) {
        let slot = Slot::new(card.into(), device.into());
        assert_eq!(slot.map(|slot| (slot.table().get(), slot.metric().get())), expected);
    }

    #[test]
    fn numbers_come_from_card_and_device() {
        check(0, 0, Some((10_000, 512)));
        check(0, 1, Some((10_001, 513)));
        check(1, 0, Some((10_100, 612)));
        check(31, 1, Some((13_101, 3613)));
        check(0, 99, Some((10_099, 611)));
    }

    #[test]
    fn numbers_that_would_collide_have_no_slot() {
        check(0, 100, None);
        check(227, 65, Some((32_765, 23_277)));
        check(227, 66, None);
        check(u16::MAX, u16::MAX, None);
    }

    #[test]
    fn a_slot_is_found_by_its_table() {
        let slot = Slot::new(31.into(), 1.into());
        assert_eq!(Slot::with_table(13_101), slot);
        assert_eq!(Slot::with_table(9_999), None);
        assert_eq!(Slot::with_table(32_766), None);
        assert_eq!(Slot::with_table(u32::MAX), None);
    }

    #[test]
    fn reads_decimal_digits_only() {
        assert_eq!("7".parse(), Ok(DeviceNumber(7)));
        for text in ["", "+7", "-1", "7 ", "65536", "0x1"] {
            assert!(text.parse::<DeviceNumber>().is_err(), "{text}");
        }
    }
}
