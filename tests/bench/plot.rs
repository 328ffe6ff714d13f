//! The report as a picture: two panels of bars, each on a scale where a step is ten times.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::contender::Who;
use crate::report::Report;
use crate::table::number;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

const WIDTH: u32 = 900;
/// Of a bar, and of the gap between two groups.
const BAR: i32 = 13;
const GAP: i32 = 9;
/// Left of the bars, above them, and right of them for the number.
const LABELS: i32 = 130;
const TOP: i32 = 34;
const NUMBERS: i32 = 62;
const FONT: &str = "sans-serif";

/// A panel: one figure in several cases.
struct Panel {
    title: &'static str,
    section: &'static str,
    metric: &'static str,
    /// Cases, and what they are called beside the bars.
    cases: &'static [(&'static str, &'static str)],
}

const PANELS: [Panel; 2] = [
    Panel {
        title: "Signatures per second, 16 connections (longer is better)",
        section: "sign",
        metric: "rate",
        cases: &[
            ("ed25519, 16 connections", "ed25519"),
            ("ecdsa-256, 16 connections", "ecdsa-256"),
            ("ecdsa-384, 16 connections", "ecdsa-384"),
            ("ecdsa-521, 16 connections", "ecdsa-521"),
            ("rsa-2048, 16 connections", "rsa-2048"),
            ("rsa-3072, 16 connections", "rsa-3072"),
            ("rsa-4096, 16 connections", "rsa-4096"),
        ],
    },
    Panel {
        title: "p99 of an Ed25519 signature beside others, µs (shorter is better)",
        section: "neighbours",
        metric: "p99",
        cases: &[
            ("16 clients sign with rsa-4096", "16 × rsa-4096"),
            ("1 client signs with rsa-16384", "1 × rsa-16384"),
            ("4 clients sign with rsa-16384", "4 × rsa-16384"),
            ("256 clients send a byte a second", "256 slow senders"),
            ("256 clients never read", "256 never read"),
        ],
    },
];

fn colour(who: Who) -> RGBColor {
    match who {
        Who::OpenSsh => RGBColor(150, 150, 155),
        Who::Keyfob => RGBColor(20, 105, 175),
        Who::Pageant => RGBColor(205, 150, 70),
    }
}

pub(crate) fn svg(report: &Report) -> String {
    let who: Vec<_> = report.versions.iter().map(|(who, _)| *who).collect();
    let cases = PANELS.iter().map(|panel| panel.cases.len()).max().unwrap_or(1) as i32;
    let group = BAR * who.len() as i32 + GAP;
    let height = TOP + cases * group + 28;
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, (WIDTH, height as u32)).into_drawing_area();
        draw(&root, report, &who, group).expect("a text takes all that is drawn");
    }
    text
}

fn draw(root: &Area<'_>, report: &Report, who: &[Who], group: i32) -> Drawn {
    root.fill(&WHITE)?;
    let (_, height) = root.dim_in_pixel();
    let half = WIDTH as i32 / PANELS.len() as i32;
    for (at, panel) in PANELS.iter().enumerate() {
        draw_panel(root, panel, report, who, half * at as i32, half, group)?;
    }
    for (at, who) in who.iter().enumerate() {
        let (x, y) = (LABELS + 110 * at as i32, height as i32 - 18);
        root.draw(&Rectangle::new([(x, y), (x + 11, y + 11)], colour(*who).filled()))?;
        root.draw(&Text::new(who.label(), (x + 16, y), font(12)))?;
    }
    Ok(())
}

fn draw_panel(
    root: &Area<'_>,
    panel: &Panel,
    report: &Report,
    who: &[Who],
    left: i32,
    width: i32,
    group: i32,
) -> Drawn {
    let values = |case: &str| {
        let mut rows = report.rows.iter();
        let row = rows.find(|row| row.section == panel.section && row.case == case);
        row.and_then(|row| row.metric(panel.metric)).map(|metric| &metric.values)
    };
    let all = panel.cases.iter().filter_map(|(case, _)| values(case)).flat_map(|it| it.values());
    let most = all.clone().copied().fold(10.0, f64::max);
    let least = 10_f64.powf(all.copied().fold(most, f64::min).max(1.0).log10().floor());
    let long = f64::from(width - LABELS - NUMBERS) / (most / least).log10().max(1.0);
    root.draw(&Text::new(panel.title, (left + 8, 8), font(13)))?;
    for (at, (case, label)) in panel.cases.iter().enumerate() {
        let top = TOP + at as i32 * group;
        let middle = top + BAR * who.len() as i32 / 2;
        let style = font(12).pos(Pos::new(HPos::Right, VPos::Center));
        root.draw(&Text::new(*label, (left + LABELS - 6, middle), style))?;
        for (at, who) in who.iter().enumerate() {
            let Some(value) = values(case).and_then(|values| values.get(who)) else { continue };
            let y = top + BAR * at as i32;
            let end = left + LABELS + ((value / least).log10() * long).max(2.0) as i32;
            let bar = [(left + LABELS, y), (end, y + BAR - 2)];
            root.draw(&Rectangle::new(bar, colour(*who).filled()))?;
            root.draw(&Text::new(number(*value), (end + 4, y), font(10)))?;
        }
    }
    Ok(())
}

fn font(size: i32) -> TextStyle<'static> {
    (FONT, size).into_font().color(&RGBColor(40, 40, 45))
}
