//! Tables and lines for people: columns that stand under each other, and no line wider than a
//! terminal, whatever the width of letters.

use unicode_width::UnicodeWidthStr as _;

/// Columns of a terminal everybody has.
pub(crate) const WIDTH: usize = 80;

/// The rows, each a line; the first has the headings.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let widths = widths(rows);
    rows.iter().map(|row| line(row, &widths)).collect()
}

fn widths(rows: &[Vec<String>]) -> Vec<usize> {
    let columns = rows.first().map_or(0, Vec::len);
    (0..columns)
        .map(|column| {
            rows.iter().map(|row| row.get(column).map_or(0, |cell| cell.width())).max().unwrap_or(0)
        })
        .collect()
}

fn line(row: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (cell, width) in row.iter().zip(widths) {
        line.push_str(cell);
        line.push_str(&" ".repeat(width - cell.width() + 2));
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
