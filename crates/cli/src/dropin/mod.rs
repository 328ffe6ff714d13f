//! The drop-in names: OpenSSH's flags, turned into keyfob's commands.
//!
//! Parsing only. What a flag does stands in `commands`, what is printed in `voice`. Of
//! `ssh-keygen` that holds for generation; its other modes have no command they could fill.

mod getopt;
pub(crate) mod ssh_add;
pub(crate) mod ssh_agent;
pub(crate) mod ssh_keygen;
