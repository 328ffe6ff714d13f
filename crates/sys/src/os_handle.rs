//! What the system gives for something that is open: a descriptor, or a handle on Windows.

#[cfg(unix)]
pub use std::os::fd::{AsFd as AsOpen, BorrowedFd as Borrowed, OwnedFd as Owned};

#[cfg(windows)]
pub use std::os::windows::io::{
    AsHandle as AsOpen, BorrowedHandle as Borrowed, OwnedHandle as Owned,
};
