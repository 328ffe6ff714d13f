//! Whether the log is whole, as far as it can be told without a passphrase and soon.

use std::fs;

use keyfob_config::Directories;
use keyfob_log::{Book, books, verify};

use super::finding::Finding;
use super::place::{MANY, Place};
use super::turns::Teller;
use crate::voice::doctor as words;
use crate::voice::shown;

const CHECK: &str = "log";

/// Bytes of a book that is read: some seconds on a slow disk.
const LARGEST: u64 = 64 << 20;

/// Reads what is there, and asks the agent whether it can write.
pub(super) fn check(place: &Place, tell: &Teller) {
    if let Some(mut agent) = place.keyfob()
        && let Ok(Some(status)) = agent.connection.log()
    {
        if !status.problem.is_empty() {
            let fact = format!("the log cannot be written: {}", shown(&status.problem));
            tell.found(Finding::wrong(CHECK, fact).hint(words::LOG_TROUBLE));
        }
        if status.lost > 0 {
            let fact = format!("the agent could not write lines of the log: {}", status.lost);
            tell.found(Finding::warning(CHECK, fact).hint(words::LOG_TROUBLE));
        }
    }
    let Some(root) = place.directories.as_ref().map(Directories::log) else {
        return;
    };
    tell.looks_at(&root);
    match books(&root) {
        Ok(found) if found.is_empty() => tell.found(Finding::fine(CHECK, "no log yet")),
        Ok(found) => found.iter().for_each(|book| of_book(tell, book)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            tell.found(Finding::fine(CHECK, "no log yet"));
        }
        Err(error) => {
            let fact = format!("cannot be read: {}", crate::files::reason(&error));
            tell.found(Finding::warning(CHECK, fact).at(&root).hint(words::READABLE));
        }
    }
}

fn of_book(tell: &Teller, book: &Book) {
    let folder = book.folder();
    tell.looks_at(folder);
    let entries = fs::read_dir(folder).into_iter().flatten().take(MANY).flatten();
    let size: u64 = entries.filter_map(|entry| entry.metadata().ok()).map(|it| it.len()).sum();
    if size > LARGEST {
        let fact = format!("{} MiB of log are not looked at here", size >> 20);
        tell.found(Finding::note(CHECK, fact).at(folder).hint("keyfob log verify"));
        return;
    }
    // Lines whose key is sealed in the key store are counted and not proved: nothing is opened here.
    let finding = match verify(book, &mut |_| None) {
        Ok(report) => match report.damage {
            None => {
                let fact = format!("nothing is seen to be wrong with {} lines", report.lines);
                Finding::fine(CHECK, fact).at(folder)
            }
            Some(damage) => {
                let line = usize::try_from(damage.line).unwrap_or_default();
                let fact = format!("the log was damaged or changed: {}", damage.kind);
                let finding = Finding::wrong(CHECK, shown(fact.as_bytes()));
                finding.line(&damage.file, line).hint(words::LOG_DAMAGE)
            }
        },
        Err(error) => {
            let fact = format!("cannot be read: {}", crate::files::reason(&error));
            Finding::warning(CHECK, fact).at(folder).hint(words::READABLE)
        }
    };
    tell.found(finding);
}
