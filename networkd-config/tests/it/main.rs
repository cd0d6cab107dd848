//! Whole files, by the public interface.

mod parse;
mod raw;
mod render;
