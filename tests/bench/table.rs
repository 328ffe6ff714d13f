//! The report as text: tables that are read as they are, and as Markdown.

use std::fmt::Write as _;

use crate::contender::Who;
use crate::goals::Judged;
use crate::reasons;
use crate::report::Report;
use crate::row::Row;
use crate::sections::{self, Section};

const NOTHING: &str = "–";

/// The command that makes it.
const COMMAND: &str = "cargo bench -p keyfob-tests --bench agents";

/// A page.
pub(crate) fn page(report: &Report) -> String {
    let mut page = format!("# Numbers\n\n{}\n", head(report));
    if !report.goals.is_empty() {
        let _ = write!(page, "\n## Goals\n\n{}", goals(report));
    }
    for section in sections::ALL {
        let rows: Vec<_> = report.rows.iter().filter(|row| row.section == section.name).collect();
        if !rows.is_empty() {
            let _ = write!(page, "\n## {}\n\n{}\n", section.title, section.meaning);
            tables(&mut page, section, &rows, &report.versions);
        }
    }
    page
}

fn head(report: &Report) -> String {
    let versions: Vec<_> = report
        .versions
        .iter()
        .map(|(who, version)| format!("{}: {version}", who.label()))
        .collect();
    format!(
        "Made by `{COMMAND}`, which starts the agents with the same keys and drives them in turn, A B A B, through \
         their sockets. Of each figure the median of the rounds stands here, and as ratio the median of the ratios \
         within each round: ratios carry over to other machines, absolute times do not.\n\n\
         - machine: {}; load at the end {}\n- {}\n- {} signatures proved by `ssh-keygen`; {:.0} s in all",
        report.machine,
        report.load,
        versions.join("\n- "),
        report.verified(),
        report.took.as_secs_f64(),
    )
}

/// Each goal whose figure was measured, and what holds back those that are missed.
fn goals(report: &Report) -> String {
    let mut lines =
        vec![["where", "case", "figure", "goal", "measured", ""].map(String::from).into()];
    lines.extend(report.goals.iter().map(goal));
    let mut text =
        format!("{} of {} are met.\n\n{}", report.met(), report.goals.len(), aligned(&lines));
    let missed: Vec<_> = report.goals.iter().filter(|goal| !goal.met).collect();
    for reason in reasons::of(&missed) {
        let _ = write!(text, "\n{reason}\n");
    }
    text
}

fn goal(goal: &Judged) -> Vec<String> {
    vec![
        goal.section.into(),
        goal.case.into(),
        goal.metric.into(),
        goal.goal.clone(),
        number(goal.measured),
        if goal.met { "met".into() } else { "**missed**".into() },
    ]
}

fn tables(page: &mut String, section: &Section, rows: &[&Row], versions: &[(Who, String)]) {
    for (heading, names) in section.tables {
        let rows: Vec<_> = rows.iter().filter(|row| row.metric(names[0]).is_some()).collect();
        let told = |who: Who| {
            let mut metrics = rows.iter().filter_map(|row| row.metric(names[0]));
            metrics.any(|metric| metric.values.contains_key(&who))
        };
        let who: Vec<_> = versions.iter().map(|(who, _)| *who).filter(|who| told(*who)).collect();
        let unitless =
            rows.iter().all(|row| row.metric(names[0]).is_some_and(|it| it.unit.is_empty()));
        let compared = who.contains(&Who::OpenSsh) && who.contains(&Who::Keyfob) && !unitless;
        let mut head = vec![String::new()];
        head.extend(who.iter().map(|who| who.label().to_owned()));
        if compared {
            head.push("keyfob ÷ OpenSSH".into());
        }
        let mut lines = vec![head];
        for row in &rows {
            let mut line = vec![row.case.clone()];
            line.extend(who.iter().map(|who| value(row, names, *who)));
            if compared {
                line.push(ratio(row, names));
            }
            lines.push(line);
        }
        if !rows.is_empty() {
            let _ = write!(page, "\n{heading}:\n\n{}", aligned(&lines));
        }
    }
}

fn value(row: &Row, names: &[&str], who: Who) -> String {
    cell(names, |name| row.metric(name)?.values.get(&who).copied())
}

fn ratio(row: &Row, names: &[&str]) -> String {
    cell(names, |name| row.metric(name)?.ratios.get(&Who::Keyfob).copied())
}

fn cell(names: &[&str], figure: impl Fn(&str) -> Option<f64>) -> String {
    let figures = names.iter().map(|name| figure(name).map_or(NOTHING.into(), number));
    figures.collect::<Vec<_>>().join(" / ")
}

/// Three digits that count, thousands apart.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    let digits = match size {
        _ if size >= 99.95 || size == 0.0 => 0,
        _ if size >= 9.995 => 1,
        _ if size >= 0.9995 => 2,
        _ => 3,
    };
    let text = format!("{value:.digits$}");
    if size < 9_999.5 {
        return text;
    }
    let (sign, whole) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let groups = whole.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    format!("{sign}{}", groups.collect::<Vec<_>>().join(","))
}

/// Columns as wide as their widest cell; all but the first to the right.
fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.first().map_or(0, Vec::len);
    let wide = |text: &String| text.chars().count();
    let width = |at: usize| lines.iter().map(|line| wide(&line[at])).max().unwrap_or(0).max(3);
    let widths: Vec<_> = (0..columns).map(width).collect();
    let mut text = String::new();
    for (at, line) in lines.iter().enumerate() {
        for (column, (cell, &width)) in line.iter().zip(&widths).enumerate() {
            let _ = match column {
                0 => write!(text, "| {cell:<width$} "),
                _ => write!(text, "| {cell:>width$} "),
            };
        }
        text.push_str("|\n");
        if at == 0 {
            for (column, &width) in widths.iter().enumerate() {
                let line = "-".repeat(width + 1);
                let _ =
                    if column == 0 { write!(text, "|{line}-") } else { write!(text, "|{line}:") };
            }
            text.push_str("|\n");
        }
    }
    text
}
