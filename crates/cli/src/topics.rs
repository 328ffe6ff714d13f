//! Help on more than a command: how to come from another program, and what holds for all commands.
//!
//! A topic is data. `keyfob help` shows it on a terminal (`text`), and those with a page of their own
//! become manual pages of section 7 (`commands/man/topic_page`). A test gives every command line of
//! `keyfob` in them to the parser, so that none outlives a flag.

#[cfg(test)]
mod calls;
mod from_gpg_agent;
mod from_keychain;
mod from_pageant;
mod from_ssh_agent;
pub(crate) mod span;
mod text;

#[cfg(test)]
pub(crate) use calls::understood;
pub(crate) use text::{Look, text};

/// What there is to read about.
pub(crate) struct Topic {
    /// What it is called after `keyfob help`.
    pub(crate) name: &'static str,
    /// Other names people may try.
    pub(crate) others: &'static [&'static str],
    /// In a few words, as they stand behind the name of a manual page.
    pub(crate) title: &'static str,
    /// What it says.
    pub(crate) parts: &'static [Part],
}

/// A piece of a topic. In every text, what stands between backquotes is meant to be typed or written.
pub(crate) enum Part {
    /// A heading.
    Heading(&'static str),
    /// A paragraph.
    Text(&'static str),
    /// Lines as they are typed, or stand in a file.
    Lines(&'static [&'static str]),
    /// How it was done there, and how it is done here.
    Commands(&'static [Change]),
    /// Terms with their explanations.
    Entries(&'static [(&'static str, &'static str)]),
}

/// A row of the table of commands.
pub(crate) struct Change {
    /// The command line of the other program.
    pub(crate) old: &'static str,
    /// That of keyfob; empty where nothing is needed.
    pub(crate) new: &'static str,
    /// What to know about it; may be empty.
    pub(crate) note: &'static str,
}

/// All of them, as they are listed.
pub(crate) static TOPICS: [Topic; 4] =
    [from_ssh_agent::TOPIC, from_gpg_agent::TOPIC, from_pageant::TOPIC, from_keychain::TOPIC];

/// The one of this name.
pub(crate) fn find(name: &str) -> Option<&'static Topic> {
    TOPICS.iter().find(|topic| topic.name == name || topic.others.contains(&name))
}

/// Short for the tables of the topics.
const fn change(old: &'static str, new: &'static str, note: &'static str) -> Change {
    Change { old, new, note }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::cli;

    /// Every text of a topic that may hold command lines.
    fn texts(topic: &Topic) -> Vec<&'static str> {
        let texts = topic.parts.iter().flat_map(|part| match part {
            Part::Heading(text) | Part::Text(text) => vec![*text],
            Part::Lines(_) => Vec::new(),
            Part::Commands(changes) => changes.iter().map(|change| change.note).collect(),
            Part::Entries(entries) => {
                entries.iter().flat_map(|(term, text)| [*term, *text]).collect()
            }
        });
        texts.collect()
    }

    /// What a person would type.
    fn lines(topic: &Topic) -> Vec<String> {
        let spans = texts(topic).into_iter().flat_map(span::typed);
        let others = topic.parts.iter().flat_map(|part| match part {
            Part::Lines(lines) => lines.to_vec(),
            Part::Commands(changes) => changes.iter().map(|change| change.new).collect(),
            _ => Vec::new(),
        });
        spans.chain(others.map(str::to_owned)).collect()
    }

    /// A page that tells people to type what is refused is worse than none.
    #[test]
    fn every_command_line_is_understood() {
        for topic in &TOPICS {
            let understood: usize = lines(topic).iter().map(|line| understood(line)).sum();
            assert!(understood > 10, "{}: only {understood} command lines", topic.name);
        }
    }

    /// What is not marked would escape the test above.
    #[test]
    fn no_command_line_stands_unmarked() {
        let table = cli::table();
        let commands: BTreeSet<&str> =
            table.get_subcommands().map(clap::Command::get_name).collect();
        for topic in &TOPICS {
            for text in texts(topic) {
                let words: Vec<String> = span::spoken(text);
                for pair in words.windows(2).filter(|pair| pair[0] == "keyfob") {
                    let second = pair[1].trim_matches(|letter: char| !letter.is_alphanumeric());
                    assert!(!commands.contains(second), "{}: {text:?}", topic.name);
                }
            }
        }
    }

    /// The table is what the page is for.
    #[test]
    fn every_topic_has_a_table_and_says_what_to_undo() {
        for topic in &TOPICS {
            let rows = topic.parts.iter().map(|part| match part {
                Part::Commands(changes) => changes.len(),
                _ => 0,
            });
            let rows: usize = rows.sum();
            assert!(rows >= 8, "{}: {rows} rows", topic.name);
            let undoes = topic
                .parts
                .iter()
                .any(|part| matches!(part, Part::Heading(heading) if heading.starts_with("UNDO")));
            assert!(undoes, "{}", topic.name);
        }
    }

    #[test]
    fn no_name_means_two_things() {
        let table = cli::table();
        let commands = table.get_subcommands().map(clap::Command::get_name);
        let topics =
            TOPICS.iter().flat_map(|topic| topic.others.iter().copied().chain([topic.name]));
        let mut seen = BTreeSet::new();
        for name in commands.chain(topics) {
            assert!(seen.insert(name), "{name}");
        }
    }
}
