//! The testbed itself, with network files written by hand.

mod fixture;
mod isolation;
mod networkd;
mod vpc;
