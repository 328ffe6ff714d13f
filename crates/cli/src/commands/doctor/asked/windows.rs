//! No window for what is started. What that starts itself is not ended with it.

use std::os::windows::process::CommandExt as _;
use std::process::{Child, Command};

/// `CREATE_NO_WINDOW`.
const NO_WINDOW: u32 = 0x0800_0000;

pub(super) fn apart(command: &mut Command) {
    command.creation_flags(NO_WINDOW);
}

pub(super) fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}
