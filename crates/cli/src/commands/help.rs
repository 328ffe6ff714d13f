//! Prints help on a command or a topic. What `--help` says of a command is the same.

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
            None => words::no_such_topic(&self.words.join(" ")),
        }
    }

    /// What the parser says when it is asked by the flag.
    fn of_command(&self) -> Option<StyledStr> {
        let mut table = cli::table();
        let words = self.words.iter();
        words.clone().try_fold(&mut table, |command, word| command.find_subcommand_mut(word))?;
        let line = ["keyfob"].into_iter().chain(words.map(String::as_str)).chain(["--help"]);
        let help = cli::table().try_get_matches_from(line).err();
        help.filter(|help| help.kind() == ErrorKind::DisplayHelp).map(|help| help.render())
    }
}
