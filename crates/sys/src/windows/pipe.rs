//! A named pipe that this account and the system may open, and nobody from another machine.

use std::ffi::OsStr;
use std::io;

use tokio::net::windows::named_pipe::{NamedPipeServer, ServerOptions};
use windows_sys::Win32::Security::SECURITY_ATTRIBUTES;

use super::account::Account;
use super::descriptor::Descriptor;

/// Makes an instance of it: one client can connect to each. Call it inside the runtime.
///
/// Without a descriptor everybody on the machine could read what goes through a pipe.
///
/// # Errors
/// `PermissionDenied` when the first one is asked for and somebody has the name; else the system's
/// refusal.
pub fn instance(name: &OsStr, first: bool) -> io::Result<NamedPipeServer> {
    let own = Account::own()?;
    // The owner, whom clients look at; a list that takes nothing over from elsewhere: we, the system,
    // and nobody who comes by the network.
    let descriptor = Descriptor::of(&format!("O:{own}D:P(D;;GA;;;NU)(A;;GA;;;{own})(A;;GA;;;SY)"))?;
    let mut attributes = SECURITY_ATTRIBUTES {
        nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
        lpSecurityDescriptor: descriptor.as_ptr(),
        bInheritHandle: 0,
    };
    let mut options = ServerOptions::new();
    options.first_pipe_instance(first).reject_remote_clients(true);
    // SAFETY: a structure of the right kind, whose descriptor lives until the end of this function.
    unsafe { options.create_with_security_attributes_raw(name, (&raw mut attributes).cast()) }
}
