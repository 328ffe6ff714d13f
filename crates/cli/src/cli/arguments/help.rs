//! The words of `keyfob help`.

use std::sync::LazyLock;

use clap::{Args, CommandFactory as _};

use crate::commands::help::Help;
use crate::topics::TOPICS;

use super::Arguments;
use super::offered::Offered;

#[derive(Debug, Args)]
pub(in crate::cli) struct HelpArguments {
    /// A topic such as from-ssh-agent, or a command
    #[arg(value_name = "WORD", value_parser = Offered(names), hide_possible_values = true)]
    words: Vec<String>,
}

impl HelpArguments {
    pub(in crate::cli) fn into_command(self) -> Help {
        Help { words: self.words }
    }
}

/// What completions offer: whatever there is help on.
static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let table = Arguments::command();
    let commands = table.get_subcommands().map(|command| command.get_name().to_owned());
    TOPICS.iter().map(|topic| topic.name.to_owned()).chain(commands).collect()
});

fn names() -> Vec<&'static str> {
    NAMES.iter().map(String::as_str).collect()
}
