//! Starts programs for a process that may not start any itself.
//!
//! Whoever holds keys gives up starting programs, and what a program started by it would inherit
//! (a filter of system calls, a Landlock) is not for a dialog on somebody's screen. So a second
//! process is made before the first secret arrives. It holds a [menu](Recipe) that was written
//! then, starts what is on it and nothing else, and looks at other processes where the kernel
//! would not let the first one (`looking`). It gets no secret: pipes of a helper lead from
//! the one to the other and are only handed through.
//!
//! It ends when the process it works for does, and ends what it started before.
//!
//! Windows has neither `fork` nor a box to start programs out of: whoever wants one starts it there.

#[cfg(all(unix, any(test, fuzzing)))]
pub(crate) mod fuzzing;
#[cfg(unix)]
#[cfg_attr(
    not(target_os = "linux"),
    allow(dead_code, reason = "only who is in a box asks more than to start")
)]
mod message;
#[cfg(unix)]
mod server;
#[cfg_attr(unix, path = "starter/apart.rs")]
#[cfg_attr(windows, path = "starter/direct.rs")]
mod system;
#[cfg(unix)]
pub(crate) mod wire;

use std::ffi::OsString;
use std::path::PathBuf;

#[cfg(unix)]
pub use server::{ENDED, KILL, STARTED};
#[cfg(unix)]
pub use system::Started;
pub use system::Starter;

/// A program that may be started, and what a request may add.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// The program: a path, or a name that is looked for as usual.
    pub program: PathBuf,
    /// What it is told that it is called, where that is something else.
    pub name: Option<&'static str>,
    /// The arguments it always gets.
    pub arguments: Vec<OsString>,
    /// What a request may add to them.
    pub words: Words,
    /// Its environment; `None` is our own.
    pub environment: Option<Vec<(OsString, OsString)>>,
    /// The variables that a request may set or take away.
    pub variables: Vec<&'static str>,
    /// In which folder, and who hears its errors.
    pub manner: Manner,
}

/// What a request may add to the arguments.
#[derive(Clone, Debug)]
pub enum Words {
    /// Any of these.
    Of(Vec<OsString>),
    /// One text, whatever it says.
    Text,
}

/// How a program runs and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// It reads from us; in `/`, its errors are not heard, and it is killed with its group.
    Helper,
    /// The same, but it is asked to end first: it may have a terminal to put right.
    HelperWithTerminal,
    /// It reads nothing, in our folder, and our errors are where its own go; it leads a group,
    /// which is killed with it.
    Dialog,
}

/// What is to be started: one of the menu, and what is added.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// Which, counted from 0.
    pub recipe: usize,
    /// More arguments.
    pub words: Vec<OsString>,
    /// Variables that are set, or taken away.
    pub variables: Vec<(&'static str, Option<OsString>)>,
}
