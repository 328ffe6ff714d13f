//! What known hosts files say (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): the keys of a host for
//! `ssh-add -h`, and, the other way round, the names of a host key that was proved. And what the
//! settings of a client (ssh_config(5)) call hosts, because names in known hosts files may be hashed.
//!
//! Takes the bytes of the files; who calls it reads them. It never asks the network, never
//! resolves a name, and does not judge what a key or a name may be used for.

mod configured;
mod host_key;
mod index;
pub mod limits;
mod line;
mod names;

pub use configured::Configured;
pub use host_key::{Complaint, HostKey, keys_of};
pub use index::{Index, Search};
