//! `keyfob`'s commands, run as a person runs them.
//!
//! The drop-in names are compared with OpenSSH's programs in
//! `tests/compliance`; here they appear where the installed OpenSSH is older
//! than the release keyfob follows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod add;
mod agent;
mod comment;
mod config;
mod convert;
#[cfg(all(target_os = "linux", feature = "desktop"))]
mod desktop;
mod doctor;
mod env;
mod generate;
mod generate_profiles;
mod generate_terminal;
mod help;
mod hosts;
mod idle;
mod inspect;
mod install;
#[cfg(target_os = "linux")]
mod install_systemd;
mod json;
#[cfg(target_os = "linux")]
mod linked;
mod list;
mod lock;
mod log;
mod log_end;
mod log_full_disk;
mod openssh_10;
mod packaging;
mod passphrase;
mod public;
mod recipes;
mod reload;
mod remove;
mod saving;
mod screens;
mod security;
mod setup;
mod status;
mod stopped_terminal;
mod store_add;
mod store_agent;
mod store_backup;
mod store_changes;
mod store_copy_id;
mod store_export;
mod store_generate;
mod store_import;
mod store_init;
mod store_list;
mod store_questions;
mod store_repair;
mod store_tending;
mod store_upkeep;
mod support;
mod test;
mod tree;
#[cfg(target_os = "linux")]
mod user_manager;
