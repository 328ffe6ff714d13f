//! What the agent decides, from outside: requests in, steps out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod consents;
mod consents_model;
mod destinations;
mod destinations_proved;
mod hosts;
mod idle;
mod kept;
mod kit;
mod lifetimes;
mod listings;
mod proved;
mod questions;
mod remembered;
mod sealed;
mod states;
mod stored;
mod stored_states;
mod stored_time;
mod watching;
