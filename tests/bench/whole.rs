//! The harness under test: a quick run, and whether all of it is there. No figure is judged.

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use serde_json::Value;

use crate::contender::Who;
use crate::extent::Extent;
use crate::report::Report;
use crate::{json, plot, sections, table};

pub(crate) fn test() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    let trials = vec![
        Trial::test("every_figure_is_measured", || {
            every_figure_is_measured();
            Ok(())
        }),
        Trial::test("numbers_have_three_digits", || {
            numbers_have_three_digits();
            Ok(())
        }),
    ];
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// A new RSA key takes seconds: the section of them is not part of it.
fn every_figure_is_measured() {
    let report = Report::measured(&Extent::quick(), &[], |_| ());
    let document: Value = serde_json::from_str(&json::document(&report)).unwrap();
    let rows = document["rows"].as_array().unwrap();
    for section in sections::ALL.iter().filter(|section| section.name != "generation") {
        let rows: Vec<_> = rows.iter().filter(|row| row["section"] == section.name).collect();
        assert!(!rows.is_empty(), "no row of {}", section.name);
        for name in section.tables.iter().flat_map(|(_, names)| *names) {
            let metrics = rows.iter().flat_map(|row| row["metrics"].as_array().unwrap());
            let told = metrics.filter(|metric| metric["name"] == *name);
            let ours = told.filter(|metric| metric["values"]["keyfob"].is_number());
            assert!(ours.count() > 0 || needs_root(name), "{}: no {name}", section.name);
        }
    }
    let signing = rows.iter().filter(|row| row["section"] == "sign");
    for row in signing {
        let proved = row["verified_signatures"].as_u64().unwrap();
        assert!(proved >= Who::installed().len() as u64, "{} is not proved", row["case"]);
        let rates = row["metrics"][0]["values"].as_object().unwrap();
        assert_eq!(rates.len(), Who::installed().len(), "{row}");
    }
    assert!(table::page(&report).contains("| ed25519, 1 connection"));
    assert!(plot::svg(&report).starts_with("<svg"));
}

/// An agent that hides its memory shows it to root only.
fn needs_root(name: &str) -> bool {
    let of_memory = name.contains("memory") || name.contains("PSS") || name.contains("idle");
    !rustix::process::geteuid().is_root() && (of_memory || name == "own")
}

fn numbers_have_three_digits() {
    let shown = [1234.5, 12345.6, 123.4, 12.34, 1.234, 0.1234, 9.999, -12345.0].map(table::number);
    let wanted = ["1234", "12,346", "123", "12.3", "1.23", "0.123", "10.0", "-12,345"];
    assert_eq!(shown, wanted.map(String::from));
}
