//! The sockets between the starter and whom it works for, on each system.
//!
//! On Linux a message is one piece and the end of either side is seen by the other. macOS has no such
//! sockets. Datagrams are in one piece too, but nobody is told of their end: there both sides are
//! threads of one process ([`Starter::local`](super::Starter::local)), which end together.

use std::io;
use std::os::fd::OwnedFd;

use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, socketpair};

/// Whether the end of either side is seen by the other.
pub(super) const ENDS_ARE_SEEN: bool = cfg!(not(target_vendor = "apple"));

/// Sends without the signal that would end this process when nobody is there.
#[cfg(not(target_vendor = "apple"))]
pub(crate) const QUIETLY: SendFlags = SendFlags::NOSIGNAL;
/// Here [`pair`] has asked for that already.
#[cfg(target_vendor = "apple")]
pub(crate) const QUIETLY: SendFlags = SendFlags::empty();

/// Descriptors that come along are no children's.
#[cfg(not(target_vendor = "apple"))]
pub(super) const CLOSED_ON_EXEC: RecvFlags = RecvFlags::CMSG_CLOEXEC;
/// Here [`keep_from_children`] says so afterwards.
#[cfg(target_vendor = "apple")]
pub(super) const CLOSED_ON_EXEC: RecvFlags = RecvFlags::empty();

/// Two ends that children do not inherit.
#[cfg(not(target_vendor = "apple"))]
pub(super) fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?)
}

/// Two ends that children do not inherit.
#[cfg(target_vendor = "apple")]
pub(super) fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    use rustix::net::sockopt::{
        set_socket_nosigpipe, set_socket_recv_buffer_size, set_socket_send_buffer_size,
    };

    let (one, other) =
        socketpair(AddressFamily::UNIX, SocketType::DGRAM, SocketFlags::empty(), None)?;
    for end in [&one, &other] {
        keep_from_children(end)?;
        set_socket_nosigpipe(end, true)?;
        // A datagram is not taken apart, and the usual room is for two KiB.
        set_socket_send_buffer_size(end, super::message::MAX_MESSAGE)?;
        set_socket_recv_buffer_size(end, 2 * super::message::MAX_MESSAGE)?;
    }
    Ok((one, other))
}

/// What [`CLOSED_ON_EXEC`] could not ask for when it came.
pub(super) fn keep_from_children(descriptor: &OwnedFd) -> io::Result<()> {
    if cfg!(target_vendor = "apple") {
        rustix::io::fcntl_setfd(descriptor, rustix::io::FdFlags::CLOEXEC)?;
    }
    Ok(())
}
