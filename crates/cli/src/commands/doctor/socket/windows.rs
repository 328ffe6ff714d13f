//! Without the variable programs look at OpenSSH's pipe.

use std::path::Path;

use keyfob_config::directories::OPENSSH_PIPE;

use super::super::agents::another;
use super::super::finding::Finding;
use super::super::place::Place;
use super::{CHECK, configured};
use crate::voice::doctor as words;

pub(super) fn unset(place: &Place, own_answers: bool) -> Finding {
    let usual = Path::new(OPENSSH_PIPE);
    let answers = own_answers.then_some(place.own.as_deref()).flatten();
    match (answers, another(usual)) {
        (Some(own), _) if own == usual => {
            Finding::fine(CHECK, format!("keyfob answers at {OPENSSH_PIPE}"))
        }
        (Some(_), another) => match (configured(place), another) {
            (Some(line), _) => {
                let fact = "SSH_AUTH_SOCK is not set, and ssh is led to keyfob's agent here";
                Finding::note(CHECK, fact).hint(words::ONLY_SSH).line(&line.file, line.number)
            }
            (None, Some(who)) => {
                let fact = format!(
                    "SSH_AUTH_SOCK is not set: ssh asks {who}, though keyfob's agent answers too"
                );
                Finding::wrong(CHECK, fact).hint(words::EVALUATE)
            }
            (None, None) => {
                let fact = "SSH_AUTH_SOCK is not set: ssh finds no agent, though keyfob's answers";
                Finding::wrong(CHECK, fact).hint(words::EVALUATE)
            }
        },
        (None, Some(who)) => {
            let fact = format!("ssh is served by {who}, at {OPENSSH_PIPE}");
            Finding::warning(CHECK, fact).hint(words::START)
        }
        (None, None) => {
            let fact = format!("no agent: nobody listens at {OPENSSH_PIPE}");
            Finding::wrong(CHECK, fact).hint(words::START).lacking_agent()
        }
    }
}
