//! The report for programs.

use serde_json::{Map, Value, json};

use crate::goals::Judged;
use crate::report::Report;
use crate::row::{Metric, Row};

pub(crate) fn document(report: &Report) -> String {
    let versions: Map<_, _> = report
        .versions
        .iter()
        .map(|(who, version)| (who.label().to_owned(), Value::from(version.as_str())))
        .collect();
    let document = json!({
        "machine": report.machine,
        "load": report.load,
        "versions": versions,
        "seconds": report.took.as_secs(),
        "verified_signatures": report.verified(),
        "goals": report.goals.iter().map(goal).collect::<Vec<_>>(),
        "rows": report.rows.iter().map(row).collect::<Vec<_>>(),
    });
    format!("{document:#}\n")
}

fn goal(goal: &Judged) -> Value {
    json!({
        "section": goal.section,
        "case": goal.case,
        "metric": goal.metric,
        "goal": goal.goal,
        "measured": rounded(goal.measured),
        "met": goal.met,
    })
}

fn row(row: &Row) -> Value {
    json!({
        "section": row.section,
        "case": row.case,
        "verified_signatures": row.verified,
        "metrics": row.metrics.iter().map(metric).collect::<Vec<_>>(),
    })
}

fn metric(metric: &Metric) -> Value {
    let by_name = |figures: &std::collections::BTreeMap<crate::contender::Who, f64>| {
        let figures = figures.iter();
        let named = figures.map(|(who, figure)| (who.label().to_owned(), rounded(*figure)));
        named.collect::<Map<_, _>>()
    };
    json!({
        "name": metric.name,
        "unit": metric.unit,
        "values": by_name(&metric.values),
        "ratios_to_openssh": by_name(&metric.ratios),
    })
}

/// What is behind the fourth digit is noise.
fn rounded(value: f64) -> Value {
    format!("{value:.3e}").parse::<f64>().map_or(Value::Null, Value::from)
}
