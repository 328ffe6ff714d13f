//! What only Windows has: accounts by their SID, the registry, and texts of 16-bit units.

pub mod access;
pub mod account;
pub mod console;
pub(crate) mod descriptor;
pub mod dialog;
pub mod job;
pub mod notification;
pub mod obscured;
pub mod pageant;
pub mod pipe;
pub mod port;
pub mod private_file;
pub(crate) mod process;
pub mod registry;
pub mod session;
pub mod unix_socket;
pub mod variables;
pub(crate) mod wide;
pub(crate) mod window;
