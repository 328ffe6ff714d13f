//! Settings file, environment names, directories.
//!
//! Every name this project reads from the environment, every path it makes up and every
//! setting a person can write is in this crate once. It reads, it never writes, and it knows
//! nothing about what the settings do.

pub mod directories;
pub mod duration;
pub mod env;
mod nearest;
pub mod settings;

pub use directories::Directories;
pub use env::{Environment, Name};
pub use nearest::nearest;
pub use settings::Settings;
