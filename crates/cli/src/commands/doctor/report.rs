//! What was found, for people and for programs.

use std::fmt::Write as _;
use std::path::Path;

use anstyle::{AnsiColor, Style};
use clap::builder::StyledStr;
use serde::Serialize;
use zeroize::Zeroizing;

use super::Group;
use super::finding::{Finding, Verdict};
use crate::columns::wrap;
use crate::json;
use crate::output::HINT;
use crate::voice::doctor as words;
use crate::voice::{brief, shown_path};

/// Where facts begin: behind the longest mark.
const INDENT: usize = 11;

#[derive(Serialize)]
struct Document {
    findings: Vec<Found>,
}

#[derive(Serialize)]
struct Found {
    check: &'static str,
    level: &'static str,
    fact: String,
    hint: Option<String>,
    file: Option<String>,
    line: Option<usize>,
}

/// A list of everything, what is fine too.
pub(super) fn json(groups: &[Group]) -> Zeroizing<Vec<u8>> {
    let all = groups.iter().flat_map(|group| &group.findings);
    let findings = all
        .map(|finding| Found {
            check: finding.check,
            level: mark(finding.verdict).0,
            fact: finding.fact.clone(),
            hint: finding.hint.clone(),
            file: finding.file.as_deref().map(shown_path),
            line: finding.line,
        })
        .collect();
    json::document(&Document { findings })
}

/// Under headings, the worst first; at the end a line that counts.
pub(super) fn text(groups: &[Group], all: bool, home: Option<&Path>) -> StyledStr {
    let mut text = String::new();
    let bold = Style::new().bold();
    for group in groups {
        let mut findings: Vec<&Finding> = group
            .findings
            .iter()
            .filter(|finding| all || finding.verdict != Verdict::Fine)
            .collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.verdict));
        if findings.is_empty() {
            continue;
        }
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{bold}{}{bold:#}", group.title);
        findings.iter().for_each(|finding| tell(&mut text, finding, home));
        text.push('\n');
    }
    let summary = words::summary(all, |verdict| {
        let all = groups.iter().flat_map(|group| &group.findings);
        all.filter(|finding| finding.verdict == verdict).count()
    });
    wrap(&mut text, &summary, 0);
    text.push('\n');
    text.into()
}

fn tell(text: &mut String, finding: &Finding, home: Option<&Path>) {
    let (word, style) = mark(finding.verdict);
    let place = match (&finding.file, finding.line) {
        (None, _) => String::new(),
        (Some(file), None) => format!("{}: ", brief(file, home)),
        (Some(file), Some(line)) => format!("{}:{line}: ", brief(file, home)),
    };
    let gap = " ".repeat(INDENT - 2 - word.len());
    let _ = write!(text, "  {style}{word}{style:#}{gap}");
    wrap(text, &format!("{place}{}", finding.fact), INDENT);
    text.push('\n');
    if let Some(hint) = finding.hint.as_deref().filter(|_| finding.verdict != Verdict::Fine) {
        let _ = write!(text, "{}{HINT}hint:{HINT:#} ", " ".repeat(INDENT));
        wrap(text, hint, INDENT + "hint: ".len());
        text.push('\n');
    }
}

fn mark(verdict: Verdict) -> (&'static str, Style) {
    match verdict {
        Verdict::Fine => ("ok", AnsiColor::Green.on_default()),
        Verdict::Note => ("note", AnsiColor::Blue.on_default()),
        Verdict::Warning => ("warning", AnsiColor::Yellow.on_default().bold()),
        Verdict::Wrong => ("wrong", AnsiColor::Red.on_default().bold()),
    }
}

#[cfg(test)]
mod tests {
    use std::path::{MAIN_SEPARATOR, PathBuf};

    use unicode_width::UnicodeWidthStr as _;

    use super::*;
    use crate::columns::WIDTH;

    fn told(findings: Vec<Finding>, all: bool) -> String {
        let groups = [Group { title: "Title", findings }];
        text(&groups, all, Some(Path::new("/home/me"))).to_string()
    }

    #[test]
    fn no_line_is_wider_than_a_terminal() {
        let fact = "a fact of many words ".repeat(20);
        let hint = "something to do ".repeat(20);
        let finding = Finding::wrong("x", fact.trim()).hint(hint.trim());
        let file: PathBuf = ["/home/me", ".ssh", "config"].iter().collect();
        let text = told(vec![finding.line(&file, 3)], false);
        assert!(text.lines().all(|line| line.width() <= WIDTH), "{text}");
        let file = format!("~{MAIN_SEPARATOR}.ssh{MAIN_SEPARATOR}config:3");
        assert!(text.starts_with(&format!("Title\n  wrong    {file}: a fact")), "{text}");
        assert!(text.contains("\n           hint: something to do"), "{text}");
    }

    #[test]
    fn what_is_fine_is_told_to_who_asks_for_it_and_the_worst_comes_first() {
        let findings = || {
            vec![
                Finding::fine("x", "good").hint("never told"),
                Finding::note("x", "odd"),
                Finding::wrong("x", "bad"),
            ]
        };
        let brief = told(findings(), false);
        assert!(!brief.contains("good"), "{brief}");
        let (bad, odd) = (brief.find("bad").unwrap(), brief.find("odd").unwrap());
        assert!(bad < odd, "{brief}");
        let all = told(findings(), true);
        assert!(all.contains("  ok       good\n") && !all.contains("never told"), "{all}");
    }
}
