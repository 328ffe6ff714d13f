//! The words of `keyfob help`.

use std::ffi::OsStr;
use std::sync::LazyLock;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Args, Command, CommandFactory as _, Error};

use crate::commands::help::Help;
use crate::topics::TOPICS;

use super::Arguments;

#[derive(Debug, Args)]
pub(in crate::cli) struct HelpArguments {
    /// A topic such as from-ssh-agent, or a command
    #[arg(value_name = "WORD", value_parser = Readable, hide_possible_values = true)]
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

/// Any text; what there is no help on is told later, with what there is.
#[derive(Debug, Clone, Copy)]
struct Readable;

impl TypedValueParser for Readable {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<String, Error> {
        StringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(NAMES.iter().map(|name| PossibleValue::new(name.as_str()))))
    }
}
