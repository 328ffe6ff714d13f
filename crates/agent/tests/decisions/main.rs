//! What the agent decides, from outside: requests in, steps out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod destinations;
mod kit;
mod lifetimes;
mod listings;
mod proved;
mod questions;
mod sealed;
mod states;
mod stored;
mod stored_states;
mod stored_time;
