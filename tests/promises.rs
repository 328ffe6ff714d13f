//! What the documents promise is shown by tests that exist: those named as `file.rs::case`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;
use std::fs;

use keyfob_tests::named::has_test;
use keyfob_tests::source::root;

/// Documents, and the headings of theirs under which each row of a table names a test, or says `no test: why`.
const DOCUMENTS: &[(&str, &[&str])] = &[
    ("docs/SUPPLY.md", &[]),
    ("SECURITY.md", &["What the agent promises"]),
    (
        "docs/CVES.md",
        &[
            "The agent",
            "Adding keys and their files",
            "Numbers that should be random, and arithmetic",
            "Weaknesses without a number",
        ],
    ),
];

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What stands in back quotes and is the name of a test: file and case.
fn named(text: &str) -> BTreeSet<(String, String)> {
    let quoted = text.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    let pairs = quoted.filter_map(|word| word.split_once("::"));
    pairs
        .filter(|(file, _)| file.ends_with(".rs"))
        .map(|(file, case)| (file.to_owned(), case.to_owned()))
        .collect()
}

/// The rows of the tables under this heading, without their heads.
fn rows<'a>(text: &'a str, heading: &str) -> Vec<&'a str> {
    let start = format!("\n## {heading}\n");
    let (_, section) = text.split_once(&start).unwrap_or_else(|| panic!("no heading {heading}"));
    let section = section.split("\n## ").next().unwrap();
    let rows: Vec<&str> = section.lines().filter(|line| line.starts_with('|')).collect();
    rows.into_iter().skip(2).collect()
}

#[test]
fn every_test_that_is_named_exists() {
    let mut missing = Vec::new();
    for (document, _) in DOCUMENTS {
        let named = named(&text(document));
        assert!(named.len() >= 5, "{document} names only {} tests", named.len());
        for (file, case) in named {
            match fs::read_to_string(root().join(&file)) {
                Ok(source) if has_test(&source, &case) => {}
                Ok(_) => missing.push(format!("{document}: {file} has no test {case}")),
                Err(error) => missing.push(format!("{document}: {file}: {error}")),
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn every_row_names_a_test_or_says_why_not() {
    let mut bare = Vec::new();
    for (document, headings) in DOCUMENTS {
        let text = text(document);
        for heading in *headings {
            let rows = rows(&text, heading);
            assert!(rows.len() > 3, "{document}, {heading}: {} rows", rows.len());
            let promises = |row: &&str| named(row).is_empty() && !row.contains("| no test: ");
            bare.extend(rows.into_iter().filter(promises).map(|row| format!("{document}: {row}")));
        }
    }
    assert!(bare.is_empty(), "{}", bare.join("\n"));
}

/// A row with a cell too few hides its last one when it is shown.
#[test]
fn every_row_has_as_many_cells_as_its_head() {
    for (document, _) in DOCUMENTS {
        let mut cells = None;
        for line in text(document).lines() {
            let count = line.starts_with('|').then(|| line.matches(" |").count());
            if count.is_some() && cells.is_some() && !line.starts_with("|---") {
                assert_eq!(count, cells, "{document}: {line}");
            }
            cells =
                count.map(|count| if line.starts_with("|---") { cells.unwrap() } else { count });
        }
    }
}

#[test]
fn no_number_is_told_of_twice() {
    let text = text("docs/CVES.md");
    let mut seen = BTreeSet::new();
    for row in text.lines().filter(|line| line.starts_with("| CVE-")) {
        let number = row.split_ascii_whitespace().nth(1).unwrap();
        assert!(seen.insert(number), "{number}");
    }
    assert!(seen.len() > 20);
}
