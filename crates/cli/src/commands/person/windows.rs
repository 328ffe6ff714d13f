//! Neither way is there yet. What is no answer is a "no".

use keyfob_config::env::Environment;
use keyfob_daemon::ways::{Answer, Request, Through};

/// What is started here has no console, and starts nothing itself.
pub(super) fn lead() {}

pub(super) fn ask(request: &Request, _environment: &Environment) -> Answer {
    let why = match request.through {
        Through::Pinentry => "pinentry is not asked on Windows yet",
        Through::Terminal => "another program's console cannot be asked on",
    };
    Answer::Unreachable(why.to_owned())
}
