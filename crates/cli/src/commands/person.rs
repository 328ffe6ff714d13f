//! The helper's side of questions: asks a person one of them for the daemon, and ends.
//!
//! Not a command for people, so it is in no table: no help, no manual page, no completion. What
//! it is told and what it answers stands in `keyfob_daemon::ways`. It knows no keys and decides
//! nothing; whatever goes wrong here is no answer, and that is a "no".

mod pinentry;

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal as _};
use std::os::fd::AsFd as _;

use keyfob_config::env::Environment;
use keyfob_daemon::ways::{Answer, Asked, COMMAND, Kind, Request, Through};
use keyfob_prompt::Error;
use keyfob_prompt::terminal::Guest;
use keyfob_sys::{hardening, locked, process};

use crate::exit::Exit;
use crate::{files, output};

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
    // A session of its own: no controlling terminal, so that no terminal stops who reads it out of
    // turn; and a group that is ended as one, with all that was started.
    let _ = rustix::process::setsid();
    match answer(environment) {
        Ok(()) => Exit::Success,
        Err(error) => {
            output::fact(format!("{COMMAND}: {}", files::reason(&error)));
            Exit::Failure
        }
    }
}

fn answer(environment: &Environment) -> io::Result<()> {
    let mut pipe = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let request = Request::read(&mut pipe)?;
    match process::end_with(pipe.as_fd()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => return Err(error),
        // Where this does not exist, the daemon ends what nobody waits for.
        Ok(()) | Err(_) => {}
    }
    let answer = match request.through {
        Through::Pinentry => pinentry::ask(&request, environment),
        Through::Terminal => on_terminal(&request),
    };
    output::unbuffered(&answer.encode())
}

fn on_terminal(request: &Request) -> Answer {
    let Some(terminal) = &request.terminal else {
        return Answer::Unreachable("no terminal was named".to_owned());
    };
    let asked = Guest::open(&terminal.path, terminal.device).and_then(|guest| match request.kind {
        Kind::Confirm(offered) => guest.choose(&request.text, offered).map(Asked::Choice),
        Kind::Passphrase => guest.passphrase(&request.text).map(Asked::Passphrase),
    });
    match asked {
        Ok(asked) => Answer::Asked(asked),
        Err(Error::Cancelled) => Answer::Cancelled,
        Err(error) => Answer::Unreachable(error.to_string()),
    }
}
