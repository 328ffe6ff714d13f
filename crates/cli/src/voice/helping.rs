//! Words about what there is to read.

use keyfob_config::nearest;

use super::shown;
use crate::exit::Exit;
use crate::output::{fact, hint};
use crate::topics::TOPICS;

/// The list of topics, and where commands are listed.
pub(crate) fn topics() -> String {
    let widest = TOPICS.iter().map(|topic| topic.name.len()).max().unwrap_or_default();
    let lines = TOPICS.iter().map(|topic| format!("  {:widest$}  {}\n", topic.name, topic.title));
    let lines: String = lines.collect();
    format!(
        "Topics:\n{lines}\n\
         keyfob help TOPIC    shows one; with the manual pages installed, so does man keyfob-TOPIC\n\
         keyfob help COMMAND  tells all of a command, as keyfob COMMAND --help does\n\
         keyfob --help        lists the commands\n"
    )
}

/// Neither a command nor a topic; perhaps one of these was meant.
pub(crate) fn no_such_topic(word: &str, known: &[&str]) -> Exit {
    fact(format!("there is neither a command nor a topic {}", shown(word.as_bytes())));
    match nearest(word, known) {
        Some(meant) => hint(format!("keyfob help {meant}   if that was meant")),
        None => hint("keyfob help lists the topics, keyfob --help the commands"),
    }
    Exit::Failure
}
