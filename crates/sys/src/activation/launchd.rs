//! `launch_activate_socket(3)`.

use std::ffi::CString;
use std::os::fd::{AsFd as _, FromRawFd as _, OwnedFd};

use super::check_socket;

unsafe extern "C" {
    /// Of the system's own library. Gives an error's number, and descriptors in memory of `malloc`.
    fn launch_activate_socket(
        name: *const libc::c_char,
        descriptors: *mut *mut libc::c_int,
        count: *mut libc::size_t,
    ) -> libc::c_int;
}

pub(super) fn take(name: &str) -> Result<Option<OwnedFd>, String> {
    let name = CString::new(name).map_err(|error| error.to_string())?;
    let mut descriptors = std::ptr::null_mut();
    let mut count = 0;
    // SAFETY: the name has an end; both answers go to variables of ours.
    let answer =
        unsafe { launch_activate_socket(name.as_ptr(), &raw mut descriptors, &raw mut count) };
    match answer {
        0 => {}
        // No job of launchd, or one that has no socket of this name.
        libc::ESRCH | libc::ENOENT => return Ok(None),
        error => {
            let why = std::io::Error::from_raw_os_error(error);
            return Err(format!("launchd does not give its socket: {why}"));
        }
    }
    let mut sockets: Vec<OwnedFd> = (0..count)
        .map(|at| {
            // SAFETY: it has given `count` of them.
            let descriptor = unsafe { descriptors.add(at) };
            // SAFETY: one of these, and nothing else looks at them.
            let descriptor = unsafe { *descriptor };
            // SAFETY: opened by that call for us; there is no other owner.
            unsafe { OwnedFd::from_raw_fd(descriptor) }
        })
        .collect();
    // SAFETY: allocated for us by that call, and not used any more.
    unsafe { libc::free(descriptors.cast()) };
    let (Some(socket), true) = (sockets.pop(), sockets.is_empty()) else {
        return Err(format!("launchd gives {count} sockets, expected 1"));
    };
    check_socket(socket.as_fd()).map_err(|is| format!("what launchd gives is {is}"))?;
    rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::CLOEXEC)
        .map_err(|errno| format!("launchd's socket cannot be kept from children: {errno}"))?;
    Ok(Some(socket))
}
