//! By a dialog of this process.

use keyfob_config::env::Environment;
use keyfob_daemon::ways::{Answer, Asked, Kind, Request, Through};
use keyfob_prompt::{Error, dialog};

/// What is started here has no console, and starts nothing itself.
pub(super) fn lead() {}

pub(super) fn ask(request: &Request, _environment: &Environment) -> Answer {
    match request.through {
        Through::Dialog => by_dialog(request),
        Through::Pinentry => Answer::Unreachable("pinentry is not asked on Windows".to_owned()),
        Through::Terminal => {
            Answer::Unreachable("another program's console cannot be asked on".to_owned())
        }
    }
}

fn by_dialog(request: &Request) -> Answer {
    let asked = match request.kind {
        Kind::Confirm(offered) => dialog::choose(&request.text, offered).map(Asked::Choice),
        Kind::Passphrase => dialog::passphrase(&request.text).map(Asked::Passphrase),
    };
    match asked {
        Ok(asked) => Answer::Asked(asked),
        Err(Error::Cancelled) => Answer::Cancelled,
        Err(error) => Answer::Unreachable(error.to_string()),
    }
}
