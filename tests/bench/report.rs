//! All that was measured, and in which run.

use std::time::{Duration, Instant};

use crate::contender::Who;
use crate::extent::Extent;
use crate::goals::{Judged, judge};
use crate::machine;
use crate::row::Row;
use crate::{client, crowd, generation, growth, neighbours, requests, sections, upkeep, waiting};

pub(crate) struct Report {
    pub(crate) machine: String,
    pub(crate) load: String,
    /// Each contender, and what it says of itself.
    pub(crate) versions: Vec<(Who, String)>,
    pub(crate) rows: Vec<Row>,
    pub(crate) goals: Vec<Judged>,
    pub(crate) took: Duration,
}

impl Report {
    /// Measures these sections, or all, and tells of each row when it is there.
    pub(crate) fn measured(extent: &Extent, only: &[String], tell: impl Fn(&Row)) -> Self {
        let began = Instant::now();
        let who = Who::installed();
        let mut rows = Vec::new();
        for section in sections::ALL {
            if only.is_empty() || only.iter().any(|name| name == section.name) {
                measure(section.name, &who, extent, &mut |row| {
                    tell(&row);
                    rows.push(row);
                });
            }
        }
        Self {
            machine: machine::describe(),
            load: machine::busyness(),
            versions: who.into_iter().map(|who| (who, who.version())).collect(),
            goals: judge(&rows),
            rows,
            took: began.elapsed(),
        }
    }

    /// Signatures that `ssh-keygen` has found to be good.
    pub(crate) fn verified(&self) -> usize {
        self.rows.iter().map(|row| row.verified).sum()
    }

    pub(crate) fn met(&self) -> usize {
        self.goals.iter().filter(|goal| goal.met).count()
    }
}

fn measure(section: &str, who: &[Who], extent: &Extent, note: &mut dyn FnMut(Row)) {
    match section {
        "sign" => requests::signatures(who, extent, note),
        "list" => requests::lists(who, extent, note),
        "visit" => requests::visits(who, extent, note),
        "keys" => upkeep::additions(who, extent, note),
        "start" => upkeep::starts(who, extent, note),
        "memory" => upkeep::memory(who, extent, note),
        "idle" => crowd::rows(who, extent, note),
        "neighbours" => {
            neighbours::rows(who, extent, note);
            waiting::rows(who, extent, note);
        }
        "growth" => {
            growth::keys(extent, note);
            growth::stored_keys(extent, note);
            growth::connections(extent, note);
        }
        "client" => client::rows(who, extent, note),
        "generation" => generation::rows(who, extent, note),
        other => unreachable!("{other} is no section"),
    }
}
