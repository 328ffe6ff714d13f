//! What is written here must be read by the programs people have, as what it was.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests write files and run programs, and say where they fail"
)]

mod keys;
mod private;
mod programs;
mod properties;
mod public;
mod same;
