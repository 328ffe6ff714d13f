//! `keyfob config`.

use crate::support::{hints, keyfob, world};

#[test]
fn a_file_is_checked_and_a_mistake_has_its_place_and_a_hint() {
    let world = world();
    let good = world.write("good.toml", "[agent]\nlifetime = \"8h\"\n", 0o600);
    let output = keyfob(&world).args(["config", "check"]).arg(&good).output();
    output.exits(0).prints(&format!("{}: ok\n", good.display()));
    let bad = world.write("bad.toml", "\n[[hosts]]\nmatch = \"a\"\n", 0o600);
    let output = keyfob(&world).env("KEYFOB_CONFIG", &bad).args(["config", "check"]).output();
    output.exits(1).prints("").reports_among_else("bad.toml:2:3: unknown setting `hosts`");
    hints(&output, "did you mean `[[host]]`?");
    // The brackets are what is got wrong first.
    let single = world.write("single.toml", "[host]\nmatch = \"a\"\n", 0o600);
    let output = keyfob(&world).args(["config", "check"]).arg(&single).output();
    output.exits(1).reports_among_else("single.toml:1:1: a table where a list is wanted");
    hints(&output, "[[host]]");
    let json = keyfob(&world).args(["config", "check", "--json"]).arg(&bad).output();
    json.exits(1).prints_among_else("\"line\": 2");
}

#[test]
fn a_missing_file_is_fine_unless_it_was_named() {
    let world = world();
    let usual = keyfob(&world).args(["config", "check"]).output();
    usual.exits(0).prints_among_else("config.toml: not there; the defaults count\n");
    let named = keyfob(&world).args(["config", "check", "/nonexistent"]).output();
    let told = named.exits(1).stderr();
    assert!(!told.contains("KEYFOB_CONFIG"), "it is not what names the file\n{told}");
    let named = keyfob(&world).env("KEYFOB_CONFIG", "/nonexistent").args(["config", "check"]);
    hints(&named.output(), "KEYFOB_CONFIG names it");
    let path = keyfob(&world).args(["config", "path"]).output();
    assert!(path.exits(0).stdout().ends_with("/keyfob/config.toml\n"));
}

#[test]
fn what_is_shown_is_a_file_that_means_the_same() {
    let world = world();
    let file = world.write("settings.toml", "[lock]\nkey-idle = 3600\n", 0o600);
    let show = |file: &std::path::Path, json: &[&str]| {
        let run = keyfob(&world).env("KEYFOB_CONFIG", file).args(["config", "show"]).args(json);
        run.output().exits(0).stdout()
    };
    let shown = show(&file, &[]);
    assert!(shown.contains("\nkey-idle = \"1h\"\n"), "{shown}");
    assert!(shown.contains("# default"), "{shown}");
    let again = world.write("again.toml", &shown, 0o600);
    let without_marks = |text: &str| {
        text.lines()
            .skip(1)
            .map(|line| line.split('#').next().unwrap_or_default().trim_end().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(without_marks(&show(&again, &[])), without_marks(&shown));
    assert!(show(&file, &["--json"]).contains("\"lock.key-idle\""));
}
