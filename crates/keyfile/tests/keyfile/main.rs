//! What people's key files must become, and what hostile ones must not do.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests read files and run programs, and say where they fail"
)]

mod container;
mod damage;
mod der;
mod elements;
mod expensive;
mod fixture;
mod folders;
mod fresh;
mod inspection;
mod oracle;
mod ppk;
mod public;
mod several;
mod strangers;
mod variants;
