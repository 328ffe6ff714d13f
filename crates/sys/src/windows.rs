//! What only Windows has: accounts by their SID, and texts of 16-bit units.

pub mod account;
pub mod console;
pub(crate) mod descriptor;
pub mod pipe;
pub(crate) mod process;
pub(crate) mod wide;
