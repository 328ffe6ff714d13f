//! A topic as text: wrapped, with headings and what is to be typed in bold, or in backquotes where
//! nothing can be bold.

use anstyle::Style;
use unicode_width::UnicodeWidthStr as _;

use super::span::spans;
use super::{Change, Part, Topic};

const STRONG: Style = Style::new().bold();

/// Where texts begin.
const INDENT: usize = 2;
/// Where explanations of terms begin.
const ENTRY: usize = 6;
/// Where the second column of a table of commands begins, and where on narrow screens.
const SECOND: usize = 32;
const SECOND_OF_NARROW: usize = 8;
/// Fewer columns than this are narrow.
const NARROW: usize = 66;

/// How it is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    /// How wide lines may be.
    pub(crate) columns: usize,
    /// Whether there are bold letters.
    pub(crate) is_bold: bool,
}

/// The whole topic.
pub(crate) fn text(topic: &Topic, look: Look) -> String {
    let mut page = Page { text: String::new(), look };
    page.heading(&capitalised(topic.title));
    for part in topic.parts {
        page.part(part);
    }
    page.text
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

struct Page {
    text: String,
    look: Look,
}

impl Page {
    fn part(&mut self, part: &Part) {
        match part {
            Part::Heading(heading) => {
                self.text.push('\n');
                self.heading(heading);
            }
            Part::Text(text) => {
                self.gap();
                self.wrapped(&" ".repeat(INDENT), INDENT, text);
            }
            Part::Lines(lines) => {
                self.gap();
                for line in *lines {
                    self.line(ENTRY, &strong(line));
                }
            }
            Part::Commands(changes) => {
                self.gap();
                for change in *changes {
                    self.change(change);
                }
            }
            Part::Entries(entries) => {
                for (term, text) in *entries {
                    self.gap();
                    self.wrapped(&" ".repeat(INDENT), INDENT, term);
                    self.wrapped(&" ".repeat(ENTRY), ENTRY, text);
                }
            }
        }
    }

    fn heading(&mut self, heading: &str) {
        self.line(0, &strong(heading));
    }

    /// An empty line, but for what follows a heading.
    fn gap(&mut self) {
        let last = self.text.trim_end_matches('\n').rsplit('\n').next().unwrap_or_default();
        if last.starts_with(' ') {
            self.text.push('\n');
        }
    }

    /// The new command beside the old one, or below it where that is too long.
    fn change(&mut self, change: &Change) {
        let second = if self.look.columns < NARROW { SECOND_OF_NARROW } else { SECOND };
        let mut first = format!("{}{}", " ".repeat(INDENT), change.old);
        if first.width() + 2 > second {
            self.line(0, &first);
            first = String::new();
        }
        let first = format!("{first}{}", " ".repeat(second - first.width()));
        if change.new.is_empty() {
            self.wrapped(&first, second, change.note);
            return;
        }
        self.line(0, &format!("{first}{}", strong(change.new)));
        if !change.note.is_empty() {
            self.wrapped(&" ".repeat(second), second, change.note);
        }
    }

    fn line(&mut self, indent: usize, line: &str) {
        self.text.push_str(&" ".repeat(indent));
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Lines that begin with `first`, and after that with so many spaces.
    fn wrapped(&mut self, first: &str, indent: usize, text: &str) {
        let mut line = first.to_owned();
        let mut at = first.width();
        let mut is_begun = false;
        for word in words(text, self.look.is_bold) {
            if is_begun && at + 1 + word.width > self.look.columns {
                self.line(0, &line);
                line = " ".repeat(indent);
                at = indent;
                is_begun = false;
            }
            if is_begun {
                line.push(' ');
                at += 1;
            }
            line.push_str(&word.text);
            at += word.width;
            is_begun = true;
        }
        self.line(0, &line);
    }
}

/// What is not broken: a word, or a whole command line with what touches it.
#[derive(Default)]
struct Word {
    text: String,
    width: usize,
}

fn words(text: &str, is_bold: bool) -> Vec<Word> {
    let (mut words, mut word) = (Vec::new(), Word::default());
    for span in spans(text) {
        if span.is_typed {
            let marked = if is_bold { strong(span.text) } else { format!("`{}`", span.text) };
            word.text.push_str(&marked);
            word.width += span.text.width() + if is_bold { 0 } else { 2 };
            continue;
        }
        for piece in span.text.split_inclusive(char::is_whitespace) {
            let bare = piece.trim_end();
            word.text.push_str(bare);
            word.width += bare.width();
            if bare.len() < piece.len() && word.width > 0 {
                words.push(std::mem::take(&mut word));
            }
        }
    }
    if word.width > 0 {
        words.push(word);
    }
    words
}

fn strong(text: &str) -> String {
    format!("{STRONG}{text}{STRONG:#}")
}

#[cfg(test)]
mod tests {
    use super::super::{TOPICS, change};
    use super::*;

    fn bare(parts: &'static [Part], columns: usize) -> String {
        let topic = Topic { name: "t", others: &[], title: "coming from t", parts };
        let look = Look { columns, is_bold: true };
        clap::builder::StyledStr::from(text(&topic, look)).to_string()
    }

    #[test]
    fn commands_stand_side_by_side_where_there_is_room() {
        const PARTS: &[Part] = &[
            Part::Heading("COMMANDS"),
            Part::Commands(&[
                change("old -a", "new --all", "All of `them one` by one."),
                change("old --with a long command line", "new", ""),
                change("old -x", "", "Nothing."),
            ]),
        ];
        let wide = [
            "Coming from t",
            "",
            "COMMANDS",
            "  old -a                        new --all",
            "                                All of them one by one.",
            "  old --with a long command line",
            "                                new",
            "  old -x                        Nothing.",
            "",
        ];
        assert_eq!(bare(PARTS, 70), wide.join("\n"));
        let narrow = "Coming from t\n\nCOMMANDS\n\
                      \u{20} old -a\n        new --all\n        All of\n        them one\n        \
                      by one.\n  old --with a long command line\n        new\n  old -x\n        \
                      Nothing.\n";
        assert_eq!(bare(PARTS, 17), narrow);
    }

    #[test]
    fn paragraphs_are_apart_and_wrapped() {
        const PARTS: &[Part] = &[
            Part::Text("One two three four."),
            Part::Lines(&["a", "b"]),
            Part::Entries(&[("term", "What it is."), ("other", "Else.")]),
        ];
        let wanted = "Coming from t\n  One two three\n  four.\n\n      a\n      b\n\n  term\n      \
                      What it\n      is.\n\n  other\n      Else.\n";
        assert_eq!(bare(PARTS, 15), wanted);
    }

    /// Command lines are never broken, so the longest ones need this much.
    #[test]
    fn every_topic_fits_a_usual_terminal() {
        for topic in &TOPICS {
            for is_bold in [true, false] {
                let text = text(topic, Look { columns: 80, is_bold });
                let text = clap::builder::StyledStr::from(text).to_string();
                for line in text.lines() {
                    assert!(line.width() <= 80, "{}: {line}", topic.name);
                    assert_eq!(line.trim_end(), line, "{}", topic.name);
                }
                assert_eq!(text.contains('`'), !is_bold, "{}", topic.name);
            }
        }
    }
}
