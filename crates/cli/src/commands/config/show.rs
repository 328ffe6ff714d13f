//! The settings in full, as a file that could be written.

use std::fmt::Write as _;

use keyfob_config::Settings;
use keyfob_config::directories::SettingsFile;
use keyfob_config::settings::catalogue::{TABLES, Table};
use keyfob_config::settings::text_of;
use serde::Serialize;

use super::failed;
use crate::exit::Exit;
use crate::json;
use crate::output;
use crate::voice::shown_path;

#[derive(Serialize)]
struct Document<'a> {
    file: String,
    found: bool,
    /// What stands in the file; everything else is at its default.
    set: Vec<String>,
    settings: &'a Settings,
}

/// Shows them.
pub(super) fn run(file: &SettingsFile, json: bool) -> Exit {
    let read = text_of(file).and_then(|text| {
        let settings = Settings::parse(text.as_deref().unwrap_or_default(), &file.path)?;
        Ok((text, settings))
    });
    let (text, settings) = match read {
        Ok(read) => read,
        Err(error) => {
            failed(&error, error.hint());
            return Exit::Failure;
        }
    };
    // It was understood a moment ago.
    let written: toml::Table =
        text.as_deref().and_then(|text| toml::from_str(text).ok()).unwrap_or_default();
    if json {
        let document = Document {
            file: shown_path(&file.path),
            found: text.is_some(),
            set: names(&written),
            settings: &settings,
        };
        output::data(&json::document(&document));
    } else {
        let missing = if text.is_some() { "" } else { ", which is not there" };
        output::data_line(format!("# {}{missing}", shown_path(&file.path)));
        output::data(in_full(&settings, &written).as_bytes());
    }
    Exit::Success
}

/// `agent.lifetime`, `host`.
fn names(written: &toml::Table) -> Vec<String> {
    let mut names = Vec::new();
    for (name, value) in written {
        match value.as_table() {
            Some(table) => names.extend(table.keys().map(|setting| format!("{name}.{setting}"))),
            None => names.push(name.clone()),
        }
    }
    names
}

/// Every table with every value; a comment says which nobody wrote.
fn in_full(settings: &Settings, written: &toml::Table) -> String {
    let all = settings.to_table();
    let mut text = String::new();
    for table in TABLES {
        let none = toml::Table::new();
        if table.many {
            let tables = |of: &toml::Table| {
                of.get(table.name).and_then(toml::Value::as_array).cloned().unwrap_or_default()
            };
            for (one, its_text) in tables(&all).iter().zip(tables(written)) {
                let (one, its_text) = (one.as_table(), its_text.as_table());
                put(&mut text, table, one.unwrap_or(&none), its_text.unwrap_or(&none));
            }
            continue;
        }
        let of = |of: &'_ toml::Table| of.get(table.name).and_then(|it| it.as_table().cloned());
        put(&mut text, table, &of(&all).unwrap_or_default(), &of(written).unwrap_or_default());
    }
    text
}

fn put(text: &mut String, table: &Table, values: &toml::Table, written: &toml::Table) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "\n{}", table.heading());
    for setting in table.settings {
        // Some defaults are words, and no value.
        let Some(value) = values.get(setting.name) else {
            continue;
        };
        let line = format!("{} = {}", setting.name, inline(value));
        let _ = match written.contains_key(setting.name) {
            true => writeln!(text, "{line}"),
            false => writeln!(text, "{line:<39} # default"),
        };
    }
}

/// A value in one line.
fn inline(value: &toml::Value) -> String {
    match value {
        toml::Value::Table(table) => {
            let parts: Vec<_> =
                table.iter().map(|(name, value)| format!("{name} = {}", inline(value))).collect();
            format!("{{ {} }}", parts.join(", "))
        }
        toml::Value::Array(values) => {
            format!("[{}]", values.iter().map(inline).collect::<Vec<_>>().join(", "))
        }
        plain => plain.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use keyfob_config::settings::EXAMPLE;

    use super::*;

    /// Lost otherwise: what is shown is not what counts.
    #[test]
    fn what_is_shown_can_be_written_and_means_the_same() {
        for text in ["", EXAMPLE] {
            let settings = Settings::parse(text, "/c".as_ref()).unwrap();
            let full = in_full(&settings, &toml::from_str(text).unwrap());
            assert_eq!(Settings::parse(&full, "/c".as_ref()).unwrap(), settings, "{full}");
        }
    }

    #[test]
    fn what_nobody_wrote_is_marked() {
        let text = "[agent]\nlifetime = \"8h\"\n";
        let settings = Settings::parse(text, "/c".as_ref()).unwrap();
        let full = in_full(&settings, &toml::from_str(text).unwrap());
        assert!(full.contains("\nlifetime = \"8h\"\n"), "{full}");
        let default = full.lines().find(|line| line.starts_with("idle-wipe")).unwrap();
        assert!(default.starts_with("idle-wipe = \"1m\" ") && default.ends_with("# default"));
    }
}
