//! The helper's side of questions: asks a person one of them for the daemon, and ends.
//!
//! Not a command for people, so it is in no table: no help, no manual page, no completion. What
//! it is told and what it answers stands in `keyfob_daemon::ways`. It knows no keys and decides
//! nothing; whatever goes wrong here is no answer, and that is a "no".

#[cfg(unix)]
mod pinentry;
#[cfg_attr(unix, path = "person/unix.rs")]
#[cfg_attr(windows, path = "person/windows.rs")]
mod system;

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal as _};

use keyfob_config::env::Environment;
use keyfob_daemon::ways::{COMMAND, Request};
use keyfob_sys::{hardening, locked};

use crate::exit::Exit;
use crate::lent::lent;
use crate::{files, leash, output};

/// Whether the daemon has started us for it.
pub(crate) fn is_meant(arguments: &[OsString]) -> bool {
    matches!(arguments, [_, command] if command == OsStr::new(COMMAND))
}

/// Asks what is wanted at the other end of the standard streams.
pub(crate) fn run(environment: &Environment) -> Exit {
    // Incomplete protection is the daemon's to tell: it has the same.
    let _ = hardening::protect_process();
    locked::use_secret_memory(false);
    if io::stdin().is_terminal() {
        output::fact(format!(
            "{COMMAND} is how the agent asks a person: it is told through a pipe, and there is \
             nothing to type here"
        ));
        return Exit::Failure;
    }
    system::lead();
    match answer(environment) {
        Ok(()) => Exit::Success,
        Err(error) => {
            output::fact(format!("{COMMAND}: {}", files::reason(&error)));
            Exit::Failure
        }
    }
}

fn answer(environment: &Environment) -> io::Result<()> {
    let mut pipe = File::from(lent(&io::stdin()).try_clone_to_owned()?);
    let request = Request::read(&mut pipe)?;
    match leash::end_with(&pipe) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => return Err(error),
        // Where this does not exist, the daemon ends what nobody waits for.
        Ok(()) | Err(_) => {}
    }
    let answer = system::ask(&request, environment);
    output::unbuffered(&answer.encode())
}
