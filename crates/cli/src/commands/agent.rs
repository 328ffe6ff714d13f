//! Starts an agent, ends one, and tidies up after those that died.
//!
//! What an agent does is `daemon`'s part; here is everything around it:
//! where it listens, which process becomes it and what the caller is told.

mod kill;
mod logging;
mod place;
mod profiles;
mod rules;
mod start;
mod tidy;

pub(crate) use kill::Kill;
pub(crate) use place::Place;
pub(crate) use profiles::socket as profile_socket;
pub(crate) use start::{Start, Stay};
pub(crate) use tidy::Tidy;
