//! What can go wrong at the door to the operating system.

use std::io;

/// A system call that did not do what was asked, and for what.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No address space or memory for secrets.
    #[error("cannot map {bytes} bytes for secrets: {source}")]
    Memory {
        /// How much was asked for.
        bytes: usize,
        /// The system's answer.
        source: io::Error,
    },
    /// The kernel did not say who is at the other end of a socket.
    #[error("cannot identify the process at the other end: {0}")]
    Peer(io::Error),
    /// No second process could be made.
    #[error("cannot fork: {0}")]
    Fork(Box<dyn std::error::Error + Send + Sync>),
    /// The second process did not get ready.
    #[error("the agent did not start: {0}")]
    Start(String),
    /// Socket activation was announced, but not as promised.
    #[error("socket activation: {0}")]
    Activation(String),
    /// A file below `/proc` could not be read or understood.
    #[error("cannot read the identity of process {pid}: {source}")]
    Process {
        /// The process asked about.
        pid: u32,
        /// The system's answer.
        source: io::Error,
    },
}
