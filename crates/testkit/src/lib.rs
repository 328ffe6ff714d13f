//! Test support: one case, two implementations.
//!
//! A [`Case`] is a function over a [`World`]: a fresh home folder in which the names `ssh-agent`,
//! `ssh-add` and `ssh-keygen` mean either OpenSSH's installed programs or ours. [`harness::run`]
//! makes two trials of each case, so that what we claim of OpenSSH is proved by OpenSSH first.
//!
//! This crate imports none of keyfob's own: messages, key blobs and signatures are built and
//! checked here by other means (`ssh-keygen`, OpenSSH's own agent), so that a fault in `keys` or
//! `protocol` cannot hide itself. It panics with the whole story of the failed step, because
//! every caller is a test.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "test support: a failed step is a failed test"
)]

mod agent;
mod askpass;
mod authority;
mod binding;
pub mod case;
mod client;
mod destination;
mod fixture;
pub mod harness;
mod implementation;
mod key_file;
mod leftovers;
mod output;
mod run;
mod signature;
mod store;
mod terminal;
pub mod user;
pub mod wire;
mod world;

pub use agent::{Announcement, RunningAgent};
pub use askpass::{Answer, Askpass, Call};
pub use authority::{Authority, CertificateKind, CertificateRequest};
pub use binding::{Host, Notary, SessionBind, userauth};
pub use case::{Case, Divergence};
pub use client::{RawClient, Reply};
pub use destination::{Destination, Hop};
pub use fixture::KeyType;
pub use implementation::{Implementation, Version, another_agent, keyfob_binary};
pub use key_file::KeyFile;
pub use output::Output;
pub use run::{Run, Running};
pub use signature::Signature;
pub use store::KeyStore;
pub use terminal::Terminal;
pub use wire::{Fields, Message};
pub use world::World;
