//! Tables and lines for people: columns that stand under each other, and no line wider than a
//! terminal, whatever the width of letters.

use std::fmt::Write as _;

use anstyle::Style;
use unicode_width::UnicodeWidthStr as _;

use crate::output;

/// Columns of a terminal everybody has.
pub(crate) const WIDTH: usize = 80;

/// The rows, each a line; the first has the headings.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let widths = widths(rows);
    rows.iter().map(|row| line(row, &widths, |_, _| Style::new())).collect()
}

/// Least letters of a fingerprint that is cut: enough to tell keys apart, and to name one by.
const FINGERPRINT: usize = "SHA256:".len() + 8;

/// What stands in the place of what was cut off.
const CUT: &str = "…";

/// Keys, for a terminal: where it is narrower than that, the fingerprints, by the place of their
/// column, are cut. The beginning of one names a key as well as the whole. Headings stand out, and what
/// `look` says of a cell, by the place of its column.
pub(crate) fn table_of_keys(
    rows: &[Vec<String>],
    place: usize,
    look: impl Fn(usize, &str) -> Style,
) -> String {
    let rows = &fitting(rows, place);
    let widths = widths(rows);
    let is_styled = output::stdout_is_styled();
    let lines = rows.iter().enumerate().map(|(at, row)| {
        line(row, &widths, |column, cell| match (is_styled, at) {
            (false, _) => Style::new(),
            (true, 0) => output::HEADING,
            (true, _) => look(column, cell),
        })
    });
    lines.collect()
}

fn fitting(rows: &[Vec<String>], place: usize) -> Vec<Vec<String>> {
    let widths = widths(rows);
    let whole = widths.iter().map(|width| width + 2).sum::<usize>().saturating_sub(2);
    let excess = whole.saturating_sub(output::stdout_terminal_columns().unwrap_or(whole));
    let Some(width) = widths.get(place).filter(|_| excess > 0) else {
        return rows.to_vec();
    };
    let most = width.saturating_sub(excess).max(FINGERPRINT);
    let mut rows = rows.to_vec();
    let cells = rows.iter_mut().skip(1).filter_map(|row| row.get_mut(place));
    cells.for_each(|cell| cut(cell, most));
    rows
}

/// To so many letters; fingerprints have no wide ones.
fn cut(cell: &mut String, most: usize) {
    if cell.is_ascii() && cell.len() > most {
        cell.truncate(most - 1);
        cell.push_str(CUT);
    }
}

/// What was typed, without what shows that a fingerprint was cut: such a one was copied.
pub(crate) fn uncut(typed: &[u8]) -> &[u8] {
    typed.strip_suffix(CUT.as_bytes()).unwrap_or(typed)
}

fn widths(rows: &[Vec<String>]) -> Vec<usize> {
    let columns = rows.first().map_or(0, Vec::len);
    (0..columns)
        .map(|column| {
            rows.iter().map(|row| row.get(column).map_or(0, |cell| cell.width())).max().unwrap_or(0)
        })
        .collect()
}

fn line(row: &[String], widths: &[usize], look: impl Fn(usize, &str) -> Style) -> String {
    let mut line = String::new();
    for (at, (cell, width)) in row.iter().zip(widths).enumerate() {
        let style = look(at, cell);
        // Writing to a String cannot fail.
        let _ = write!(line, "{style}{cell}{style:#}{}", " ".repeat(width - cell.width() + 2));
    }
    line.truncate(line.trim_end().len());
    line.push('\n');
    line
}

/// Lines of whole words, without the end of the last; all but the first indented.
pub(crate) fn wrapped(words: &str, indent: usize) -> String {
    let mut text = String::new();
    wrap(&mut text, words, indent);
    text
}

/// The same behind a text, the first line from where its cursor is. A word that is too long for any
/// line has one of its own.
pub(crate) fn wrap(text: &mut String, words: &str, indent: usize) {
    let mut column = indent;
    for (at, word) in words.split(' ').enumerate() {
        let width = word.width();
        if at > 0 && column + 1 + width > WIDTH {
            text.push('\n');
            text.push_str(&" ".repeat(indent));
            column = indent;
        } else if at > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += width;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_fingerprint_is_the_beginning_of_the_whole() {
        let whole = "SHA256:sXYsrx3pmyCA+g4TovbX1OTLYmnpEE8SGl2X6GpWpcM";
        let mut cell = whole.to_owned();
        cut(&mut cell, 15);
        assert_eq!(cell, "SHA256:sXYsrx3…");
        assert!(whole.as_bytes().starts_with(uncut(cell.as_bytes())));
        let mut short = "SHA256:abc".to_owned();
        cut(&mut short, 15);
        assert_eq!(short, "SHA256:abc");
        assert_eq!(uncut(b"work"), b"work");
    }
}
