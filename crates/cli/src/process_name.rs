//! What processes are called.

use std::path::Path;

use keyfob_sys::os_text;
use keyfob_sys::peer;

/// By its program, or by its first word where it hides that.
pub(crate) fn of(pid: u32) -> Option<String> {
    let of_path = |path: &Path| Some(path.file_name()?.to_string_lossy().into_owned());
    let program = peer::executable(pid).ok().and_then(|path| of_path(&path));
    program.map(|name| name.trim_end_matches(" (deleted)").to_owned()).or_else(|| {
        let words = peer::command_line(pid).ok()?;
        let first = words.first().filter(|word| !word.is_empty())?;
        of_path(&os_text::path(first))
    })
}

/// Whether it is keyfob, by its own name or as the agent that it stands for.
pub(crate) fn is_keyfob(pid: u32) -> bool {
    let name = of(pid);
    let stem = name.as_deref().map(|name| name.trim_end_matches(".exe"));
    stem.is_some_and(|stem| ["keyfob", "keyfobw", "ssh-agent"].contains(&stem))
}

/// Whether it makes sockets for others, and starts them when somebody connects.
pub(crate) fn is_service_manager(pid: u32) -> bool {
    pid == 1 || of(pid).is_some_and(|name| ["systemd", "launchd"].contains(&name.as_str()))
}
