//! Without the variable a program finds no agent, unless a line for `ssh` leads it.

use super::super::finding::Finding;
use super::super::place::Place;
use super::{CHECK, configured};
use crate::voice::doctor as words;

pub(super) fn unset(place: &Place, own_answers: bool) -> Finding {
    if !own_answers {
        let fact = "no agent: SSH_AUTH_SOCK is not set, and keyfob's own agent does not answer";
        return Finding::wrong(CHECK, fact).hint(words::START).lacking_agent();
    }
    match configured(place) {
        Some(line) => {
            let fact = "SSH_AUTH_SOCK is not set, and ssh is led to keyfob's agent here";
            Finding::note(CHECK, fact).hint(words::ONLY_SSH).line(&line.file, line.number)
        }
        None => {
            let fact = "SSH_AUTH_SOCK is not set: ssh finds no agent, though keyfob's answers";
            Finding::wrong(CHECK, fact).hint(words::EVALUATE)
        }
    }
}
