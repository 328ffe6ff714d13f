//! Writes JSON that is ASCII and bounded, whatever the texts are.
//!
//! By hand: what is needed is an object of texts and numbers, and the process that holds the keys
//! links no more than it must. All but printable ASCII is written as `\uXXXX`, so that a terminal
//! shows a line without being told to do anything, and `grep` finds what it shows.

use std::fmt::Write as _;

/// Bytes that most objects fit into.
const USUAL: usize = 1024;

/// An object in the making.
#[derive(Debug, Default)]
pub(crate) struct Json(String);

impl Json {
    /// `{` and nothing yet; [`finish`](Self::finish) leaves the closing brace to the caller.
    pub(crate) fn object() -> Self {
        // Most lines fit, and are not moved while they grow.
        let mut json = String::with_capacity(USUAL);
        json.push('{');
        Self(json)
    }

    pub(crate) fn number(&mut self, name: &str, value: u64) {
        self.name(name);
        // Writing to a String cannot fail.
        let _ = write!(self.0, "{value}");
    }

    pub(crate) fn flag(&mut self, name: &str, value: bool) {
        self.name(name);
        self.0.push_str(if value { "true" } else { "false" });
    }

    /// A text, cut where it is longer than `limit` bytes.
    pub(crate) fn text(&mut self, name: &str, value: &[u8], limit: usize) {
        self.name(name);
        self.value(value, limit);
    }

    pub(crate) fn inside(&mut self, name: &str, write: impl FnOnce(&mut Self)) {
        self.name(name);
        self.element(write);
    }

    /// A list of objects.
    pub(crate) fn list<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) {
        self.name(name);
        self.0.push('[');
        for item in items {
            self.comma();
            self.element(|json| write(json, item));
        }
        self.0.push(']');
    }

    /// A list of texts.
    pub(crate) fn texts<'a>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = &'a String>,
        limit: usize,
    ) {
        self.name(name);
        self.0.push('[');
        for item in items {
            self.comma();
            self.value(item.as_bytes(), limit);
        }
        self.0.push(']');
    }

    /// The bytes so far.
    pub(crate) fn finish(self) -> Vec<u8> {
        self.0.into_bytes()
    }

    fn element(&mut self, write: impl FnOnce(&mut Self)) {
        self.0.push('{');
        write(self);
        self.0.push('}');
    }

    fn comma(&mut self) {
        if !self.0.ends_with(['{', '[']) {
            self.0.push(',');
        }
    }

    /// Our own names need no escaping.
    fn name(&mut self, name: &str) {
        self.comma();
        self.0.push('"');
        self.0.push_str(name);
        self.0.push_str("\":");
    }

    fn value(&mut self, text: &[u8], limit: usize) {
        self.0.push('"');
        match plain(text) {
            Some(text) if text.len() <= limit => self.0.push_str(text),
            _ => self.escaped(text, limit),
        }
        self.0.push('"');
    }

    fn escaped(&mut self, text: &[u8], limit: usize) {
        let is_long = text.len() > limit;
        let text = String::from_utf8_lossy(text.get(..limit).unwrap_or(text));
        // A character that was cut in two is left out rather than shown as a wrong one.
        let text = if is_long { text.trim_end_matches('\u{fffd}') } else { &text };
        text.chars().for_each(|character| self.character(character));
        if is_long {
            self.character('…');
        }
    }

    fn character(&mut self, character: char) {
        match character {
            '"' => self.0.push_str("\\\""),
            '\\' => self.0.push_str("\\\\"),
            ' '..='~' => self.0.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    // Writing to a String cannot fail.
                    let _ = write!(self.0, "\\u{unit:04x}");
                }
            }
        }
    }
}

/// A text that is written as it is, as nearly all are.
fn plain(text: &[u8]) -> Option<&str> {
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    text.iter().all(is_plain).then(|| std::str::from_utf8(text).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &[u8], limit: usize) -> String {
        let mut json = Json::object();
        json.text("a", value, limit);
        String::from_utf8(json.finish()).unwrap()
    }

    #[test]
    fn nothing_a_terminal_would_obey_is_written_as_it_is() {
        assert_eq!(text(b"\x1b[2J\"\\\n\x7f", 99), r#"{"a":"\u001b[2J\"\\\u000a\u007f""#);
        assert_eq!(text("ä\u{202e}😀".as_bytes(), 99), r#"{"a":"\u00e4\u202e\ud83d\ude00""#);
        assert_eq!(text(b"\xff", 99), r#"{"a":"\ufffd""#);
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(text(b"abcdef", 6), r#"{"a":"abcdef""#);
        assert_eq!(text(b"abcdefg", 6), r#"{"a":"abcdef\u2026""#);
        assert_eq!(text("aää".as_bytes(), 4), r#"{"a":"a\u00e4\u2026""#);
    }

    #[test]
    fn objects_and_lists_are_written_with_commas_between() {
        let mut json = Json::object();
        json.number("n", 7);
        json.inside("o", |json| json.flag("f", true));
        json.list("l", [1, 2], |json, item| json.number("i", item));
        json.texts("t", &["a".to_owned(), "b".to_owned()], 9);
        let text = String::from_utf8(json.finish()).unwrap();
        assert_eq!(text, r#"{"n":7,"o":{"f":true},"l":[{"i":1},{"i":2}],"t":["a","b"]"#);
    }
}
