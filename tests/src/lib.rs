//! Our own sources, for the checks of the house rules (`layers.rs`, `sizes.rs`, `doors.rs`).

pub mod named;
pub mod source;
