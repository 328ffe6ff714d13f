//! OpenSSH's pipe, or one of keyfob's own where another agent has that name (W1): the system's service
//! for instance, which only an administrator can stop (W2).

use std::path::{Path, PathBuf};

use keyfob_config::directories::Directories;
use keyfob_config::env::Environment;
use keyfob_sys::user;
use keyfob_sys::windows::account::Account;
use keyfob_transport::pipe::{self, Owner};
use keyfob_transport::{cygwin, wsl};

use crate::shell::Shell;

/// The usual pipe, unless another agent serves it, or nobody does and ours is at its own alone.
pub(super) fn own(usual: PathBuf) -> PathBuf {
    let Some(own) = own_pipe() else { return usual };
    let is_at_its_own = || pipe::owner(&usual).is_none() && pipe::owner(&own).is_some();
    if foreign(&usual).is_some() || is_at_its_own() { own } else { usual }
}

/// Where another agent may be that is better than none.
pub(super) fn elsewhere() -> Option<PathBuf> {
    Some(PathBuf::from(keyfob_config::directories::OPENSSH_PIPE))
}

/// Whose this pipe is, if it is no keyfob's; `Some(None)` when that cannot be known.
pub(crate) fn foreign(path: &Path) -> Option<Option<Owner>> {
    let owner = pipe::owner(path)?;
    let program = owner.as_ref().and_then(|owner| owner.program.as_deref());
    let is_keyfob = |program: &Path| {
        let own = std::env::current_exe().ok();
        own.as_deref() == Some(program)
            || program.file_stem().is_some_and(|name| {
                // The second is the one without a console.
                name.eq_ignore_ascii_case("keyfob") || name.eq_ignore_ascii_case("keyfobw")
            })
    };
    (!program.is_some_and(is_keyfob)).then_some(owner)
}

/// The file by which programs of Cygwin and MSYS2 find the agent, git's own ssh among them.
pub(crate) fn cygwin_socket(environment: &Environment) -> Option<PathBuf> {
    Some(Directories::new(environment, user::effective_uid()).ok()?.cygwin_socket())
}

/// The socket by which programs of WSL 1 find it.
pub(crate) fn wsl_socket(environment: &Environment) -> Option<PathBuf> {
    Some(Directories::new(environment, user::effective_uid()).ok()?.wsl_socket())
}

/// Takes away the files of sockets that lead nowhere any more: an agent that is ended takes none with
/// it.
pub(crate) fn tidy_sockets(environment: &Environment) {
    wsl_socket(environment).as_deref().map(wsl::tidy);
    cygwin_socket(environment).as_deref().map(cygwin::tidy);
}

/// How this shell's programs name it: those of Cygwin and MSYS2, whose shells are Unix's, open no
/// pipe.
pub(super) fn for_shell(shell: Shell, socket: PathBuf, environment: &Environment) -> PathBuf {
    let is_unix = matches!(shell, Shell::Sh | Shell::Csh | Shell::Fish);
    let there = cygwin_socket(environment).filter(|path| is_unix && path.exists());
    // As both take it in a variable.
    there.map_or(socket, |path| path.to_string_lossy().replace('\\', "/").into())
}

/// The pipe that keyfob has in any case. Whoever has this name, a client of ours talks to no other
/// account's agent.
pub(crate) fn own_pipe() -> Option<PathBuf> {
    let account = Account::own().ok()?;
    Some(PathBuf::from(format!(r"\\.\pipe\keyfob-{account}")))
}
