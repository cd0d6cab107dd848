#![doc = include_str!("../README.md")]

mod eni;
mod mac;
mod plan;
mod refusal;
mod route;
mod slot;

pub use eni::{Eni, EniId, Instance, InvalidEniId};
pub use mac::{InvalidMacAddr, MacAddr};
pub use plan::{EniPlan, InstancePlan, plan};
pub use refusal::Refusal;
pub use route::{Gateway, Route, Rule};
pub use slot::{DeviceNumber, NetworkCard, RouteMetric, RulePriority, Slot, TableId};
