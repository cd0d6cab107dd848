use std::fmt;

use crate::{DeviceNumber, MacAddr, NetworkCard, Slot};

/// Why an ENI gets no plan. What is configured for it stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// Occurs when the slot's numbers would collide with those of another card or of the main table.
    NoNumbers {
        /// The card it claims.
        card: NetworkCard,
        /// The device number it claims.
        device: DeviceNumber,
    },
    /// Occurs when an ENI other than the primary claims card 0, device 0: its device number has not propagated.
    NotPrimary,
    /// Occurs when the primary ENI claims a slot other than card 0, device 0.
    PrimaryElsewhere(Slot),
    /// Occurs when other ENIs claim the same slot.
    SlotShared {
        /// The slot they claim.
        slot: Slot,
        /// The others.
        with: Vec<MacAddr>,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoNumbers { card, device } => {
                write!(f, "device {device} of card {card} is beyond the numbering (100 devices a card)")
            }
            Self::NotPrimary => {
                write!(f, "claims {}, which is the primary's; it has not propagated yet", Slot::PRIMARY)
            }
            Self::PrimaryElsewhere(slot) => {
                write!(f, "is the primary, but claims {slot} rather than {}", Slot::PRIMARY)
            }
            Self::SlotShared { slot, with } => {
                write!(f, "claims {slot}, as does")?;
                with.iter().try_for_each(|mac| write!(f, " {mac}"))
            }
        }
    }
}
