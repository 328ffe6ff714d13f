//! The manual page of a topic: section 7, as what is no command and no file.

use std::io;

use clap_mangen::roff::{Inline, Roff, bold, line_break, roman};

use super::date;
use crate::topics::span::spans;
use crate::topics::{Change, Part, TOPICS, Topic};

/// Where the second column of a table of commands begins.
const SECOND: &str = "30";

/// What it is called, without its section.
pub(super) fn name(topic: &Topic) -> String {
    format!("keyfob-{}", topic.name)
}

/// The whole page.
pub(super) fn page(topic: &Topic) -> io::Result<Vec<u8>> {
    let mut page = Roff::new();
    page.control("TH", [&name(topic), "7", &date::of_version(), "keyfob", "keyfob"]);
    // A command line that is copied must have no hyphen or space of the page's.
    page.control("nh", []).control("ad", ["l"]);
    page.control("SH", ["NAME"]);
    page.text([roman(format!("{} - {}", name(topic), topic.title))]);
    page.control("SH", ["DESCRIPTION"]);
    let mut is_first = true;
    for part in topic.parts {
        put(&mut page, part, is_first);
        is_first = matches!(part, Part::Heading(_));
    }
    page.control("SH", ["SEE ALSO"]);
    let others = TOPICS.iter().filter(|other| other.name != topic.name);
    let others: String = others.map(|other| format!(", {}(7)", name(other))).collect();
    page.text([roman(format!("keyfob(1), keyfob-init(1), keyfob-config(5){others}"))]);
    let mut bytes = Vec::new();
    page.to_writer(&mut bytes)?;
    Ok(bytes)
}

/// A paragraph right below a heading needs no space of its own.
fn put(page: &mut Roff, part: &Part, is_first: bool) {
    match part {
        Part::Heading(heading) => {
            page.control("SH", [*heading]);
        }
        Part::Text(text) => {
            if !is_first {
                page.control("PP", []);
            }
            page.text(inlines(text));
        }
        Part::Lines(lines) => {
            if !is_first {
                page.control("PP", []);
            }
            page.control("RS", ["4"]).control("nf", []);
            for line in *lines {
                page.text([bold(*line)]);
            }
            page.control("fi", []).control("RE", []);
        }
        Part::Commands(changes) => changes.iter().for_each(|change| put_change(page, change)),
        Part::Entries(entries) => {
            for (term, text) in *entries {
                page.control("TP", []);
                page.text(term_of(term));
                page.text(inlines(text));
            }
        }
    }
}

/// The new command stands beside the old one, or below it where that is too long.
fn put_change(page: &mut Roff, change: &Change) {
    page.control("TP", [SECOND]);
    page.text([roman(change.old)]);
    let mut body = Vec::new();
    if !change.new.is_empty() {
        body.push(bold(change.new));
        if !change.note.is_empty() {
            body.push(line_break());
        }
    }
    body.extend(inlines(change.note));
    page.text(body);
}

/// A term is bold as a whole.
fn term_of(term: &str) -> Vec<Inline> {
    spans(term).map(|span| bold(span.text)).collect()
}

fn inlines(text: &str) -> Vec<Inline> {
    let pieces = spans(text);
    pieces.map(|span| if span.is_typed { bold(span.text) } else { roman(span.text) }).collect()
}
