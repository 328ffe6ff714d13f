//! Through `pinentry`, or at a terminal of somebody else.

use keyfob_config::env::Environment;
use keyfob_daemon::ways::{Answer, Asked, Kind, Request, Through};
use keyfob_prompt::Error;
use keyfob_prompt::terminal::Guest;

use super::pinentry;

/// A session of its own: no controlling terminal, so that no terminal stops who reads it out of
/// turn; and a group that is ended as one, with all that was started.
pub(super) fn lead() {
    let _ = rustix::process::setsid();
}

pub(super) fn ask(request: &Request, environment: &Environment) -> Answer {
    match request.through {
        Through::Pinentry => pinentry::ask(request, environment),
        Through::Terminal => on_terminal(request),
        Through::Dialog => Answer::Unreachable("keyfob has no dialog of its own here".to_owned()),
    }
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
