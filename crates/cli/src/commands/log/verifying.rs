//! Proves that no line of the log was changed or taken out.

use std::path::Path;

use keyfob_config::env::Environment;
use keyfob_log::{Book, Position, Proof, Report, RunKey, books, verify_against};
use keyfob_sys::hardening;
use serde::Serialize;

use super::ends::{self, End};
use super::place;
use crate::exit::Exit;
use crate::json;
use crate::key_store::{self, KeyStore};
use crate::output;
use crate::passphrases::Source;
use crate::voice::logging as words;
use crate::voice::shown_path;

/// What is told.
#[derive(Debug)]
pub(crate) struct LogVerify {
    /// As JSON.
    pub(crate) json: bool,
    /// Where the passphrase of the key store comes from, if it is needed.
    pub(crate) store: Source,
}

/// What was found.
#[derive(Debug, Serialize)]
struct Document {
    whole: bool,
    books: Vec<Found>,
}

#[derive(Debug, Serialize)]
struct Found {
    folder: String,
    lines: u64,
    files: usize,
    runs: Vec<Run>,
    /// Something behind the last whole line.
    unfinished: bool,
    /// The last line is the one an agent ends with.
    ended: bool,
    /// The lines before which an agent ended without its last line.
    unended: Vec<u64>,
    /// An agent writes into it.
    written: bool,
    /// Its end was compared with what that agent says it has written.
    compared: bool,
    damage: Option<Damage>,
}

#[derive(Debug, Serialize)]
struct Run {
    first: u64,
    lines: u64,
    proof: &'static str,
}

#[derive(Debug, Serialize)]
struct Damage {
    file: String,
    line: u64,
    kind: &'static str,
    fact: String,
}

impl LogVerify {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let root = match place(environment) {
            Ok(root) => root,
            Err(exit) => return exit,
        };
        let _ = hardening::protect_process();
        match self.prove(&root, environment) {
            Ok(exit) => exit,
            Err(error) => {
                words::unreadable(&root, &error);
                Exit::Failure
            }
        }
    }

    fn prove(self, root: &Path, environment: &Environment) -> std::io::Result<Exit> {
        let mut document = Document { whole: true, books: Vec::new() };
        let mut store = None;
        let ends = ends::of_agents(environment, root);
        for book in all(root, &ends)? {
            let told = told(&book, &ends);
            let mut report = verify_against(&book, told, &mut |_| None)?;
            // Asked for once, and only where something is sealed.
            if is_unproved(&report) && key_store::is_there(environment) {
                let store = store.get_or_insert_with(|| {
                    KeyStore::of(environment, &self.store).and_then(|store| store.unlock()).ok()
                });
                if let Some(store) = store {
                    let derive = |purpose: &str| {
                        let key = store.derive(purpose).ok()?;
                        RunKey::from_bytes(&*key)
                    };
                    report = verify_against(&book, told, &mut { derive })?;
                }
            }
            if report.files == 0 && report.damage.is_none() {
                continue;
            }
            document.whole &= report.damage.is_none() && !is_unproved(&report);
            if !self.json {
                words::verified(book.folder(), &report, told.is_some());
            }
            document.books.push(found(book.folder(), &report, told.is_some()));
        }
        // Who removes all of it leaves nothing that could be wrong.
        document.whole &= !document.books.is_empty();
        if document.books.is_empty() && !self.json {
            words::no_log(root);
        }
        if self.json {
            output::data(&json::document(&document));
        }
        Ok(if document.whole { Exit::Success } else { Exit::Failure })
    }
}

/// The books that are there, and those that agents say are.
fn all(root: &Path, ends: &[End]) -> std::io::Result<Vec<Book>> {
    let mut all = books(root)?;
    for End { book, .. } in ends {
        if !all.contains(book) {
            all.push(book.clone());
        }
    }
    Ok(all)
}

fn told(book: &Book, ends: &[End]) -> Option<Position> {
    ends.iter().find(|end| end.book == *book).map(|end| end.last)
}

/// Whether a key is needed that is sealed.
fn is_unproved(report: &Report) -> bool {
    report.runs.iter().any(|run| run.proof == Proof::None)
}

fn found(folder: &Path, report: &Report, compared: bool) -> Found {
    let proof = |proof| match proof {
        Proof::Sealed => "sealed",
        Proof::Plain => "plain",
        Proof::None => "none",
    };
    let run =
        |run: &keyfob_log::Run| Run { first: run.first, lines: run.lines, proof: proof(run.proof) };
    Found {
        folder: shown_path(folder),
        lines: report.lines,
        files: report.files,
        runs: report.runs.iter().map(run).collect(),
        unfinished: report.unfinished,
        ended: report.has_end,
        unended: report.unended.clone(),
        written: report.is_written,
        compared,
        damage: report.damage.as_ref().map(|damage| Damage {
            file: shown_path(&damage.file),
            line: damage.line,
            kind: damage.kind.name(),
            fact: damage.kind.to_string(),
        }),
    }
}
