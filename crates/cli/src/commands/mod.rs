//! One file for each command: a struct of what was asked for, and `run`.
//!
//! They are filled by the `keyfob` command line and by the drop-in names
//! alike, and know nothing of flags.

pub(crate) mod account;
pub(crate) mod add;
pub(crate) mod agent;
pub(crate) mod backup;
pub(crate) mod check;
pub(crate) mod comment;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod convert;
pub(crate) mod copy_id;
pub(crate) mod delete;
pub(crate) mod doctor;
pub(crate) mod env;
pub(crate) mod explain;
pub(crate) mod export;
pub(crate) mod extensions;
pub(crate) mod generate;
pub(crate) mod hardware;
pub(crate) mod help;
pub(crate) mod hosts;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod inspect;
pub(crate) mod install;
pub(crate) mod linked;
pub(crate) mod list;
pub(crate) mod lock;
pub(crate) mod log;
pub(crate) mod man;
#[cfg(windows)]
pub(crate) mod pageant_window;
pub(crate) mod passphrase;
pub(crate) mod person;
pub(crate) mod public;
pub(crate) mod recovery;
pub(crate) mod rekey;
pub(crate) mod relay;
pub(crate) mod remove;
pub(crate) mod rename;
pub(crate) mod restore;
pub(crate) mod set;
pub(crate) mod setup;
pub(crate) mod status;
pub(crate) mod store_passphrase;
pub(crate) mod test;
pub(crate) mod uninstall;
#[cfg(feature = "watch")]
pub(crate) mod watch;
#[cfg(any(feature = "desktop", windows))]
pub(crate) mod watch_desktop;
pub(crate) mod why;
