//! Prints help on a command or a topic. What `--help` says of a command is the same.

use clap::Command;
use clap::builder::StyledStr;
use clap::error::ErrorKind;

use crate::exit::Exit;
use crate::topics::{self, Look};
use crate::voice::helping as words;
use crate::{cli, output};

/// On what.
#[derive(Debug, Clone)]
pub(crate) struct Help {
    /// A topic, or a command with those below it; nothing asks for the list.
    pub(crate) words: Vec<String>,
}

impl Help {
    /// Prints.
    pub(crate) fn run(self) -> Exit {
        if self.words.is_empty() {
            output::styled_data(&words::topics().into());
            return Exit::Success;
        }
        if let [word] = self.words.as_slice()
            && let Some(topic) = topics::find(word)
        {
            let look =
                Look { columns: output::stdout_columns(), is_bold: output::stdout_is_styled() };
            let text = topics::text(topic, look);
            output::styled_data(&text.into());
            return Exit::Success;
        }
        match self.of_command() {
            Some(help) => {
                output::styled_data(&help);
                Exit::Success
            }
            None => {
                let table = cli::table();
                let commands = table.get_subcommands().map(Command::get_name);
                let known: Vec<&str> =
                    topics::TOPICS.iter().map(|topic| topic.name).chain(commands).collect();
                words::no_such_topic(&self.words.join(" "), &known)
            }
        }
    }

    /// What the parser says when it is asked by the flag. Behind a command there may be what it is to do,
    /// which is told of there.
    fn of_command(&self) -> Option<StyledStr> {
        let mut command = &cli::table();
        let mut words = Vec::new();
        for word in &self.words {
            match command.find_subcommand(word) {
                Some(below) => command = below,
                None if is_choice(command, word) => break,
                None => return None,
            }
            words.push(word);
        }
        let words = words.into_iter();
        let line = ["keyfob"].into_iter().chain(words.map(String::as_str)).chain(["--help"]);
        let help = cli::table().try_get_matches_from(line).err();
        help.filter(|help| help.kind() == ErrorKind::DisplayHelp).map(|help| help.render())
    }
}

/// Whether a command takes this word as its first argument.
fn is_choice(command: &Command, word: &str) -> bool {
    let first = command.get_positionals().next();
    first.is_some_and(|first| {
        first.get_possible_values().iter().any(|value| value.matches(word, false))
    })
}
