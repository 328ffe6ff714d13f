//! A named pipe that this account and the system may open, and nobody from another machine.

use std::ffi::OsStr;
use std::io;
use std::os::windows::io::AsHandle;

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

/// Whether a pipe that was opened is this account's, or the system's, by its owner: nobody else may
/// make one that says so. Who made it says less: a process may be gone, and its number another's.
///
/// # Errors
/// The system's refusal to tell.
pub fn is_trusted(pipe: impl AsHandle) -> io::Result<bool> {
    let owner = Descriptor::of_kernel_object(pipe.as_handle())?.owner()?;
    Ok(owner.may_everything() || owner == Account::own()?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::fs::File;
    use std::os::windows::io::{FromRawHandle as _, OwnedHandle};

    use windows_sys::Win32::Foundation::INVALID_HANDLE_VALUE;
    use windows_sys::Win32::Storage::FileSystem::PIPE_ACCESS_DUPLEX;
    use windows_sys::Win32::System::Pipes::{CreateNamedPipeW, PIPE_TYPE_BYTE};

    use super::*;
    use crate::windows::wide;

    /// A pipe with this owner, and the client's end of it. Windows lets nobody name another one; Wine does.
    fn owned_by(owner: &str) -> (OwnedHandle, File) {
        let name = format!(r"\\.\pipe\keyfob-owned-{}-{owner}", std::process::id());
        let descriptor = Descriptor::of(&format!("O:{owner}D:(A;;GA;;;WD)")).unwrap();
        let attributes = SECURITY_ATTRIBUTES {
            nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
            lpSecurityDescriptor: descriptor.as_ptr(),
            bInheritHandle: 0,
        };
        let text = wide::ended(&name);
        // SAFETY: the name has an end; the structure and its descriptor live until the call is over.
        let raw = unsafe {
            CreateNamedPipeW(
                text.as_ptr(),
                PIPE_ACCESS_DUPLEX,
                PIPE_TYPE_BYTE,
                1,
                512,
                512,
                0,
                &raw const attributes,
            )
        };
        assert_ne!(raw, INVALID_HANDLE_VALUE);
        // SAFETY: just made for us; nothing else owns it.
        let server = unsafe { OwnedHandle::from_raw_handle(raw) };
        (server, File::options().read(true).write(true).open(name).unwrap())
    }

    /// Lost otherwise: another account takes the name while no agent runs, and is sent passphrases and keys.
    #[test]
    fn a_pipe_of_another_account_is_not_trusted() {
        let (_ours, client) = owned_by(&Account::own().unwrap().to_string());
        assert!(is_trusted(&client).unwrap());
        let (_systems, client) = owned_by("SY");
        assert!(is_trusted(&client).unwrap());
        let (_others, client) = owned_by("S-1-5-21-1-2-3-1001");
        assert!(!is_trusted(&client).unwrap());
    }
}
