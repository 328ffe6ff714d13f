//! A store on the disk, through its public door.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod changes;
mod crash;
mod flips;
mod full;
mod golden;
mod memory;
mod moved;
mod recovery;
mod repair;
mod snapshots;
mod soak;
mod speed;
mod support;
