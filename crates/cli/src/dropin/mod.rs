//! The drop-in names: OpenSSH's flags, turned into keyfob's commands.
//!
//! Parsing only. What a flag does stands in `commands`, what is printed in `voice`.

mod getopt;
pub(crate) mod ssh_add;
pub(crate) mod ssh_agent;
