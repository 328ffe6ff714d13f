//! RFC 9987 and OpenSSH's PROTOCOL.agent by section: the case for each requirement, and who passes it.
//!
//! `tests/conformance/run` lets the cases run against OpenSSH's agent, PuTTY's Pageant and ours and writes
//! docs/CONFORMANCE.md of their results. Here it is checked that the document is about these cases, and
//! that they are there; their results are those of the run it names.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod requirements;
mod results;

use std::fs;
use std::sync::OnceLock;

use keyfob_tests::named::{has_test, is_divergent};
use keyfob_tests::source::root;

use requirements::{REQUIREMENTS, Requirement};
use results::{Results, WORDS};

const DOCUMENT: &str = "docs/CONFORMANCE.md";
const HEAD: &str = "| section | | what is asked | shown by | OpenSSH | Pageant | keyfob |";

/// `suite/module::case`: the file and the function.
fn place(case: &str) -> (String, &str) {
    let (module, function) = case.split_once("::").unwrap_or_else(|| panic!("{case}"));
    (format!("tests/{module}.rs"), function)
}

/// The cells of a requirement that no run changes.
fn fixed(requirement: &Requirement) -> String {
    let Requirement { section, level, text, case, .. } = requirement;
    let (file, function) = place(case);
    format!("| {section} | {level} | {text} | `{file}::{function}` |")
}

#[test]
fn every_requirement_names_a_case_that_exists() {
    for requirement in REQUIREMENTS {
        for case in [Some(requirement.case), requirement.given].into_iter().flatten() {
            let (file, function) = place(case);
            let source = fs::read_to_string(root().join(&file)).unwrap_or_default();
            assert!(has_test(&source, function), "{file} has no case {function}");
        }
    }
}

/// The document. It is written first when `KEYFOB_CONFORMANCE` names a folder with the output of a run.
fn committed() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| {
        let path = root().join(DOCUMENT);
        if let Some(folder) = std::env::var_os("KEYFOB_CONFORMANCE") {
            fs::write(&path, document(&Results::read(folder.as_ref()))).unwrap();
        }
        fs::read_to_string(path).unwrap()
    })
}

#[test]
fn the_document_is_about_these_requirements() {
    let text = committed();
    let rows: Vec<&str> = text.lines().skip_while(|line| *line != HEAD).skip(2).collect();
    let rows: Vec<&str> = rows.into_iter().take_while(|line| line.starts_with('|')).collect();
    assert_eq!(rows.len(), REQUIREMENTS.len(), "run tests/conformance/run again");
    for (row, requirement) in rows.into_iter().zip(REQUIREMENTS) {
        let results = row.strip_prefix(&fixed(requirement));
        let results = results.unwrap_or_else(|| panic!("run tests/conformance/run again: {row}"));
        let cells: Vec<&str> = results.trim_matches([' ', '|']).split(" | ").collect();
        assert_eq!(cells.len(), 3, "{row}");
        for cell in cells {
            assert!(WORDS.iter().any(|word| cell.starts_with(word)), "{cell} in {row}");
        }
    }
}

/// Who promises RFC 9987 keeps what it MUST.
#[test]
fn keyfob_keeps_every_must() {
    for row in committed().lines().filter(|line| line.contains("| MUST |")) {
        assert!(row.ends_with("| yes |"), "{row}");
    }
}

fn document(results: &Results) -> String {
    let mut text = include_str!("preface.md").replace("VERSIONS", &results.versions);
    text.push_str(&format!("\n{HEAD}\n|---|---|---|---|---|---|---|\n"));
    for requirement in REQUIREMENTS {
        let (file, function) = place(requirement.case);
        let source = fs::read_to_string(root().join(&file)).unwrap();
        let differs = is_divergent(&source, function);
        let openssh = results.of("openssh", requirement);
        let openssh = if differs && openssh == "yes" { "differs".to_owned() } else { openssh };
        let (pageant, keyfob) =
            (results.of("agent", requirement), results.of("keyfob", requirement));
        text.push_str(&format!("{} {openssh} | {pageant} | {keyfob} |\n", fixed(requirement)));
    }
    text
}
