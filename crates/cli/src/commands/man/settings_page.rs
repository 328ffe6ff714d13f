//! keyfob-config(5): every setting, from the catalogue they are read by.

use std::io;

use clap_mangen::roff::{Inline, Roff, bold, roman};
use keyfob_config::settings::EXAMPLE;
use keyfob_config::settings::catalogue::{Default, Setting, TABLES, Table};

use super::date;

const RULES: &[(&str, &str)] = &[
    (
        "Names",
        "A name that is not known is an error, with its line and the name that was meant: a setting that silently does nothing is worse than none. keyfob config check tells before an agent does.",
    ),
    (
        "Lengths of time",
        "\"30s\", \"10m\", \"1h30m\", \"2d\", \"1w\", added up; a number alone means seconds.",
    ),
    ("Paths", "Are absolute: in the background the agent's folder is the root."),
    (
        "Changes",
        "A running agent takes a change over within seconds of a request, or half a minute without one; at once on SIGHUP. A file that is not right keeps the last good settings, and the log and keyfob status say so. What is marked (new agent) below counts when an agent starts.",
    ),
];

/// The whole page.
pub(super) fn page() -> io::Result<Vec<u8>> {
    let mut page = Roff::new();
    page.control("TH", ["keyfob-config", "5", &date::of_version(), "keyfob", "keyfob"]);
    page.control("SH", ["NAME"]);
    page.text([roman("keyfob-config - the settings of keyfob's agent")]);
    page.control("SH", ["DESCRIPTION"]);
    page.text([roman(
        "The file ~/.config/keyfob/config.toml, or the one KEYFOB_CONFIG names, is TOML. Everything in it may be left out, and so may the file.",
    )]);
    for (term, text) in RULES {
        put(&mut page, vec![bold(*term)], text);
    }
    for table in TABLES {
        put_table(&mut page, table);
    }
    page.control("SH", ["EXAMPLE"]);
    page.control("nf", []);
    for line in EXAMPLE.lines() {
        match line {
            "" => page.control("PP", []),
            line => page.text([roman(line)]),
        };
    }
    page.control("fi", []);
    page.control("SH", ["FILES"]);
    put(
        &mut page,
        vec![bold("~/.config/keyfob/config.toml")],
        "The settings; it need not be there.",
    );
    page.control("SH", ["SEE ALSO"]);
    page.text([roman("keyfob(1), keyfob-config(1), keyfob-agent(1), ssh_config(5)")]);
    let mut bytes = Vec::new();
    page.to_writer(&mut bytes)?;
    Ok(bytes)
}

fn put_table(page: &mut Roff, table: &Table) {
    page.control("SH", [table.heading().as_str()]);
    page.text([roman(table.meaning)]);
    for setting in table.settings {
        let when = if setting.live { "" } else { "  (new agent)" };
        let term = vec![bold(setting.name), roman(format!(" = {}{when}", setting.kind))];
        put(page, term, &format!("{} {}", setting.meaning, more(setting)));
    }
}

fn more(setting: &Setting) -> String {
    let example = format!("Example: {} = {}", setting.name, setting.example);
    match setting.default {
        Default::Value(value) => format!("Default: {value}. {example}"),
        Default::Words(words) => format!("Default: {words}. {example}"),
        Default::Needed => format!("It must be written. {example}"),
    }
}

fn put(page: &mut Roff, term: Vec<Inline>, text: &str) {
    page.control("TP", []);
    page.text(term);
    page.text([roman(text)]);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lost otherwise: a setting nobody can look up.
    #[test]
    fn the_page_has_every_setting_and_the_whole_example() {
        // roff writes a hyphen with a backslash, so that it is copied as one, a backslash with two, and an
        // apostrophe by its name.
        let page = String::from_utf8(page().unwrap()).unwrap();
        let page = page.replace("\\-", "-").replace(r"\\", r"\").replace(r"\*(Aq", "'");
        for setting in TABLES.iter().flat_map(|table| table.settings) {
            assert!(page.contains(&format!("\\fB{}\\fR = ", setting.name)), "{}", setting.name);
            assert!(page.contains(&format!("{} = {}", setting.name, setting.example)));
        }
        for line in EXAMPLE.lines() {
            assert!(page.contains(line), "{line}");
        }
    }
}
