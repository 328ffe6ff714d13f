//! Programs that run, as far as the system tells of them.

#[cfg_attr(unix, path = "processes/unix.rs")]
#[cfg_attr(windows, path = "processes/windows.rs")]
mod system;

use std::path::Path;

use keyfob_sys::os_text;
use keyfob_sys::peer;

pub(super) use system::*;

/// What a process is called: by its program, or by its first word where it hides that.
pub(super) fn program(pid: u32) -> Option<String> {
    let of_path = |path: &Path| Some(path.file_name()?.to_string_lossy().into_owned());
    let program = peer::executable(pid).ok().and_then(|path| of_path(&path));
    program.map(|name| name.trim_end_matches(" (deleted)").to_owned()).or_else(|| {
        let words = peer::command_line(pid).ok()?;
        let first = words.first().filter(|word| !word.is_empty())?;
        of_path(&os_text::path(first))
    })
}
