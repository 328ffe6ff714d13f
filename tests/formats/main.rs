//! Every algorithm, in every form of private key file, plain and encrypted: made by `ssh-keygen`,
//! `puttygen` and `openssl` and read by keyfob, made by keyfob and read by each of them. In every
//! cell the public key that comes out is the one that went in.
//!
//! The result is printed as one table. A dash stands for a form the other program does not know
//! (see [`tools`]), never for a failure.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests: a failed step is a failed test, and the table is what they are for"
)]

mod key;
mod keyfob;
mod table;
mod tools;

use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use libtest_mimic::{Arguments, Failed, Trial};

use key::Subject;
use table::{Column, Table};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let table = Arc::new(Mutex::new(Table::default()));
    let trials = Subject::all().map(|subject| {
        let table = Arc::clone(&table);
        Trial::test(subject.to_string(), move || row(subject, &table))
    });
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    if !arguments.list {
        print!("{}", table.lock().unwrap());
    }
    conclusion.exit_code()
}

/// All columns of one line of the table; it fails when one of them does.
fn row(subject: Subject, table: &Mutex<Table>) -> Result<(), Failed> {
    let mut wrong = Vec::new();
    for column in Column::ALL {
        let outcome = cell(subject, column);
        if let Err(problem) = &outcome {
            wrong.push(format!("{column}: {problem}"));
        }
        table.lock().unwrap().note(subject, column, outcome.ok());
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// Whether the way from one program to the other exists and the key came through.
fn cell(subject: Subject, column: Column) -> Result<bool, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let path = folder.path().join("key");
    let (maker, reader) = column.ways();
    let Some(made) = maker(subject, &path)? else {
        return Ok(false);
    };
    let Some(read) = reader(subject, &path)? else {
        return Ok(false);
    };
    if made == read { Ok(true) } else { Err(format!("{made} went in, {read} came out")) }
}
