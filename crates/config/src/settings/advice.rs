//! From what the parser says to a fact and a hint: what is wrong, and what to write instead.
//!
//! The parser's own words name the structures of this program ("field", "variant"); a person has
//! settings and values. Names come from the file and are made safe to show.

use std::ops::Range;

use super::catalogue::TABLES;
use crate::duration;
use crate::nearest;

/// What is wrong, and what to write instead.
pub(super) fn fact_and_hint(message: &str) -> (String, Option<String>) {
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let message = harmless(&message);
    let (fact, expected) = match message.rsplit_once(", expected ") {
        Some((fact, expected)) => (fact, Some(expected)),
        None => (message.as_str(), None),
    };
    if let Some(name) = quoted(fact, "unknown field ") {
        let hint = expected.map(|expected| about_name(name, &names(expected)));
        return (format!("unknown setting `{name}`"), hint);
    }
    if let Some(name) = quoted(fact, "unknown variant ") {
        let hint = expected.map(|expected| about_value(name, expected));
        return (format!("unknown value `{name}`"), hint);
    }
    if let Some(name) = quoted(fact, "missing field ") {
        return (format!("the setting `{name}` is missing"), None);
    }
    if fact == "invalid type: map" && expected.is_some_and(|kind| kind.contains("sequence")) {
        // Most likely [host] for [[host]].
        let hint = "write [[host]] and [[profile]] in double brackets, a list [\"a\", \"b\"]";
        return ("a table where a list is wanted".to_owned(), Some(hint.to_owned()));
    }
    let about_time = fact.contains("length of time") || fact.contains("longer than 68");
    let hint = match expected {
        Some(expected) => Some(format!("expected {expected}")),
        None => about_time.then(|| duration::HINT.to_owned()),
    };
    (fact.to_owned(), hint)
}

/// The same where the parser wants one of several words, and says only that it wants a text: the
/// setting this value belongs to stands before it, and the catalogue has its words.
pub(super) fn not_a_word(
    message: &str,
    text: &str,
    place: Range<usize>,
) -> Option<(String, String)> {
    if !message.contains("wanted string or table") {
        return None;
    }
    let line = text.get(..place.start)?.rsplit('\n').next()?;
    let written = line.trim_end().strip_suffix('=')?.rsplit('.').next()?;
    let name = written.trim_matches(|c: char| c.is_whitespace() || c == '"' || c == '\'');
    let mut all = TABLES.iter().flat_map(|table| table.settings);
    let setting = all.find(|setting| setting.name == name && setting.kind.starts_with('"'))?;
    let fact = format!("`{name}` is no true or false, number or list");
    Some((fact, format!("expected {}", setting.kind)))
}

/// The name after these words, in the parser's quotes.
fn quoted<'m>(fact: &'m str, words: &str) -> Option<&'m str> {
    fact.strip_prefix(words)?.strip_prefix('`')?.strip_suffix('`')
}

/// The names in "one of `a`, `b`" and "`a` or `b`".
fn names(expected: &str) -> Vec<&str> {
    expected.split('`').skip(1).step_by(2).collect()
}

fn about_name(name: &str, known: &[&str]) -> String {
    if let Some(meant) = nearest(name, known) {
        return format!("did you mean `{}`?", as_written(meant, known));
    }
    // Right, but elsewhere; a comparison with other tables would guess too much.
    let at_home = TABLES.iter().find(|table| table.settings.iter().any(|s| s.name == name));
    if let Some(table) = at_home {
        return format!("`{name}` belongs in {}", table.heading());
    }
    let all: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
    format!("there are {}", all.join(", "))
}

/// A table is written with its brackets.
fn as_written(name: &str, known: &[&str]) -> String {
    let are_tables = known.iter().all(|known| TABLES.iter().any(|table| table.name == *known));
    let table = TABLES.iter().find(|table| are_tables && table.name == name);
    table.map_or_else(|| name.to_owned(), super::catalogue::Table::heading)
}

fn about_value(name: &str, expected: &str) -> String {
    match nearest(name, &names(expected)) {
        Some(meant) => format!("did you mean `{meant}`? expected {expected}"),
        None => format!("expected {expected}"),
    }
}

/// Text of a file without what moves a cursor or turns the direction of writing.
fn harmless(text: &str) -> String {
    let turns = |c| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c.is_control() || turns(c) {
            true => shown.extend(c.escape_unicode()),
            false => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGENT: &str = "one of `rsa-sha1`, `idle-wipe`, `lifetime`, `confirm-timeout`, `log`";

    fn hint(name: &str, expected: &str) -> String {
        fact_and_hint(&format!("unknown field `{name}`, expected {expected}")).1.unwrap()
    }

    #[test]
    fn a_name_that_is_nearly_right_brings_the_right_one() {
        for (written, meant) in [
            ("life-time", "lifetime"),
            ("liftime", "lifetime"),
            ("idle_wipe", "idle-wipe"),
            ("Lifetime", "lifetime"),
            ("timeout", "confirm-timeout"),
            ("rsa-sah1", "rsa-sha1"),
        ] {
            assert_eq!(hint(written, AGENT), format!("did you mean `{meant}`?"));
        }
    }

    #[test]
    fn a_table_that_is_nearly_right_is_shown_with_its_brackets() {
        let tables = "one of `agent`, `ask`, `lock`, `host`, `profile`";
        assert_eq!(hint("hosts", tables), "did you mean `[[host]]`?");
        assert_eq!(hint("agents", tables), "did you mean `[agent]`?");
        assert_eq!(hint("rsa-sha1", tables), "`rsa-sha1` belongs in [agent]");
    }

    #[test]
    fn a_name_that_is_like_no_other_brings_all_there_are() {
        assert_eq!(hint("colour", "`name` or `keys`"), "there are `name`, `keys`");
    }

    #[test]
    fn a_file_cannot_write_to_the_screen() {
        let (fact, _) = fact_and_hint("unknown field `\u{1b}[2J\u{202e}a`, expected `b`");
        assert_eq!(fact, "unknown setting `\\u{1b}[2J\\u{202e}a`");
    }

    #[test]
    fn a_name_with_quotes_in_it_is_still_one_name() {
        let (fact, hint) = fact_and_hint("unknown field `a`, expected `x`, expected `b` or `c`");
        assert_eq!(fact, "unknown setting `a`, expected `x`");
        assert_eq!(hint.unwrap(), "there are `b`, `c`");
    }
}
