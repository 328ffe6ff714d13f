//! How fast the agents are: OpenSSH's, ours, and PuTTY's where it is installed. With the same keys
//! and in turn, through their sockets; every figure beside the others' of the same run.
//!
//! `cargo bench -p keyfob-tests --bench agents [-- OPTION… SECTION…]` builds keyfob as it is
//! released and measures it. Run by `cargo test` it measures a little of everything and asserts
//! that nothing is missing, never how long it took.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measurement: a failed step ends it, and what it prints is what it is for"
)]

mod arguments;
mod client;
mod connection;
mod contender;
mod crowd;
mod extent;
mod generation;
mod goals;
mod growth;
mod json;
mod keys;
mod load;
mod machine;
#[path = "../abuse/many_keys.rs"]
mod many_keys;
mod many_stored;
mod neighbours;
mod plot;
mod process;
mod reasons;
mod report;
mod requests;
mod rounds;
mod row;
mod sample;
mod sections;
mod table;
mod upkeep;
mod waiting;
mod whole;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use arguments::Wanted;
use contender::Who;
use extent::Extent;
use report::Report;
use row::Row;

fn main() -> ExitCode {
    crowd::raise_limit();
    if !std::env::args().any(|argument| argument == "--bench") {
        return whole::test();
    }
    let done = Wanted::parse(std::env::args().skip(1)).and_then(|wanted| {
        build()?;
        publish(&wanted)
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// The program as it is released, where the testkit looks for it.
fn build() -> Result<(), String> {
    if std::env::var_os("KEYFOB_BIN").is_some() {
        return Ok(());
    }
    eprintln!("building keyfob");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--release", "--package", "keyfob"]);
    let built = cargo.current_dir(keyfob_tests::source::root()).status();
    match built {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("cargo build: {status}")),
        Err(why) => Err(format!("cargo build: {why}")),
    }
}

fn publish(wanted: &Wanted) -> Result<(), String> {
    let extent = if wanted.quick { Extent::quick() } else { Extent::whole(wanted.minutes) };
    let report = Report::measured(&extent, &wanted.sections, tell);
    let page = table::page(&report);
    write(wanted.markdown.as_deref(), || page.clone())?;
    write(wanted.json.as_deref(), || json::document(&report))?;
    write(wanted.svg.as_deref(), || plot::svg(&report))?;
    print!("{page}");
    Ok(())
}

/// Progress: where we are, and the first figure.
fn tell(row: &Row) {
    let first = row.metrics.first().map_or_else(String::new, |metric| {
        let told =
            |who| metric.values.get(&who).map_or("–".into(), |value| table::number(*value));
        let [theirs, ours] = [Who::OpenSsh, Who::Keyfob].map(told);
        format!("{} {theirs} → {ours} {}", metric.name, metric.unit)
    });
    eprintln!("{}: {}: {first}", row.section, row.case);
}

/// Cargo runs benchmarks in their package's folder; a file is meant from where cargo was called,
/// which for the workspace is its root.
fn write(path: Option<&Path>, text: impl FnOnce() -> String) -> Result<(), String> {
    let Some(path) = path else { return Ok(()) };
    let path: PathBuf = keyfob_tests::source::root().join(path);
    let written = path.parent().map_or(Ok(()), fs::create_dir_all);
    let written = written.and_then(|()| fs::write(&path, text()));
    written.map_err(|why| format!("{}: {why}", path.display()))
}
