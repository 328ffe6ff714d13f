//! Manual pages, made from the command line's table.
//!
//! The pages in `packaging/man` are what this writes; a test compares them.

mod date;
mod doctor;
mod exits;
mod file_sections;
mod log_sections;
mod moving_in;
mod offering;
mod questions;
mod relaying;
mod sections;
mod settings_page;
mod setup;
mod store_sections;
mod stored;
mod topic_page;
mod watching;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap_mangen::Man as Page;
use clap_mangen::roff::{Roff, bold, roman};

use crate::exit::Exit;
use crate::saving::{self, Mode, Overwrite};
use crate::topics::TOPICS;
use crate::{cli, files, output};

/// One page, or all.
#[derive(Debug, Clone)]
pub(crate) struct Man {
    /// Write all pages here; without it the first one is printed.
    pub(crate) directory: Option<PathBuf>,
}

impl Man {
    /// Prints or writes.
    pub(crate) fn run(self) -> Exit {
        let result = match &self.directory {
            Some(directory) => write_all(directory),
            None => render(cli::table()).map(|page| output::data(&page)),
        };
        match result {
            Ok(()) => Exit::Success,
            Err(error) => {
                let where_to = self.directory.unwrap_or_default();
                output::fact(format!("{}: {}", where_to.display(), files::reason(&error)));
                Exit::Failure
            }
        }
    }
}

/// `keyfob.1`, `keyfob-COMMAND.1` for each command, and the pages of the settings and of the topics.
fn write_all(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    let mut table = cli::table().disable_help_subcommand(true);
    table.build();
    for command in table.get_subcommands() {
        let name = format!("keyfob-{}", command.get_name());
        write(&directory.join(format!("{name}.1")), &render(command.clone())?)?;
    }
    write(&directory.join("keyfob-config.5"), &settings_page::page()?)?;
    for topic in &TOPICS {
        let name = format!("{}.7", topic_page::name(topic));
        write(&directory.join(name), &topic_page::page(topic)?)?;
    }
    write(&directory.join("keyfob.1"), &render(table)?)
}

fn write(path: &Path, page: &[u8]) -> io::Result<()> {
    saving::save(path, page, Mode::Public, Overwrite::Replace).map_err(io::Error::other)
}

/// With the date of the version: the same table gives the same page.
fn render(command: clap::Command) -> io::Result<Vec<u8>> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    let mut page = Vec::new();
    // What `--help` ends with is the first of the examples below.
    let command = command.after_help(None::<&str>).after_long_help(None::<&str>);
    Page::new(command)
        .date(date::of_version())
        .source("keyfob")
        .manual("keyfob")
        .render(&mut page)?;
    let mut more = Roff::new();
    for section in sections::of(&name) {
        more.control("SH", [section.title]);
        for (term, text) in section.entries {
            more.control("TP", []);
            more.text([bold(*term)]);
            more.text([roman(*text)]);
        }
    }
    more.to_writer(&mut page)?;
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topics::understood;

    /// An example that is refused teaches the wrong thing.
    #[test]
    fn every_example_is_understood() {
        let mut table = cli::table();
        table.build();
        let pages = table.get_subcommands().map(|command| format!("keyfob-{}", command.get_name()));
        let sections = pages.chain(["keyfob".to_owned()]).flat_map(|page| sections::of(&page));
        let examples = sections.filter(|section| section.title == "EXAMPLES");
        let lines = examples.flat_map(|section| section.entries.iter().map(|(line, _)| *line));
        let understood: usize = lines.map(understood).sum();
        assert!(understood > 40, "only {understood} command lines");
    }
}
