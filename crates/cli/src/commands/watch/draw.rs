//! The picture: questions first, then what keys were used for, then the keys.
//!
//! The question takes the room it needs. In a small window the lists give way to it, because what is
//! asked has to be seen whole; what does not fit is scrolled.

use std::time::{Duration, Instant};

use keyfob_protocol::details::Place;
use keyfob_protocol::watch::{Key, Lock, Question, Use};
use keyfob_sys::local_time;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style as Look};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use super::lines;
use super::model::{Mode, Model};
use crate::voice::shown;

/// Below this a question cannot be read.
const LEAST: (u16, u16) = (24, 6);

/// How it looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    /// Colours; emphasis is there without.
    pub(super) colours: bool,
}

impl Style {
    fn heading(self) -> Look {
        Look::default().add_modifier(Modifier::BOLD).patch(self.colour(Color::Cyan))
    }

    fn asked(self) -> Look {
        Look::default().add_modifier(Modifier::BOLD).patch(self.colour(Color::Yellow))
    }

    fn bar() -> Look {
        Look::default().add_modifier(Modifier::REVERSED)
    }

    fn refused(self) -> Look {
        self.colour(Color::Red)
    }

    fn colour(self, colour: Color) -> Look {
        if self.colours { Look::default().fg(colour) } else { Look::default() }
    }
}

/// Draws everything.
pub(super) fn draw(frame: &mut Frame<'_>, model: &mut Model, style: Style, now: Instant) {
    let area = frame.area();
    if area.width < LEAST.0 || area.height < LEAST.1 {
        put(frame, area, vec![Line::raw(lines::cut("larger window, please", area.width.into()))]);
        return;
    }
    let width = usize::from(area.width);
    let (top, rest) = (Rect { height: 1, ..area }, area.height - 2);
    put(frame, top, vec![Line::styled(padded(&title(model), width), Style::bar())]);
    let bottom = Rect { y: area.y + area.height - 1, ..top };
    put(frame, bottom, vec![Line::styled(padded(&help_line(model, width), width), Style::bar())]);
    let body = Rect { y: area.y + 1, height: rest, ..area };
    if matches!(model.mode(), Mode::Help) {
        put(frame, body, HELP.iter().map(|line| Line::raw(lines::cut(line, width))).collect());
        return;
    }
    let body = note(frame, body, model, style);
    let body = questions(frame, body, model, style, now);
    lists(frame, body, model, style, now);
}

const HELP: &[&str] = &[
    "d    deny the question",
    "o    allow it once",
    "s    allow it for the requester's session",
    "m    allow it for some minutes",
    "j k  choose another question (or arrows)",
    "PgDn PgUp  more of a long question",
    "c    claim the right to answer here",
    "q    quit",
    "Keys pressed just when a question comes",
    "up do not answer it.",
];

fn title(model: &Model) -> String {
    let state = model.state();
    if let Some(why) = model.why_gone() {
        return format!(" keyfob: no agent, trying again ({why})");
    }
    let lock = match state.lock {
        Lock::Open => "open",
        Lock::Sealed => "key store locked",
        Lock::Locked => "locked",
    };
    let right = if state.right { "may answer" } else { "looks on only" };
    let keys = if state.total == 1 { "key" } else { "keys" };
    format!(" keyfob: {lock}, {} {keys}, {right}", state.total)
}

fn help_line(model: &Model, width: usize) -> String {
    let text = match (model.mode(), model.selected()) {
        (Mode::Passphrase(_), _) => " Enter: done  Esc: leave it".to_owned(),
        (Mode::Help, _) => " any key: back  q: quit".to_owned(),
        (_, None) if model.state().right => " q quit  ? help".to_owned(),
        (_, None) => " c answer here  q quit  ? help".to_owned(),
        (_, Some(_)) if !model.state().right => {
            " c answer here  j/k choose  q quit  ? help".to_owned()
        }
        (_, Some(question)) => return answers(question, model.waiting().count(), width),
    };
    lines::cut(&text, width)
}

/// The answers there are, and as much else as there is room for.
fn answers(question: &Question, count: usize, width: usize) -> String {
    let mut text = " d deny  o once".to_owned();
    if question.session {
        text.push_str("  s session");
    }
    if let Some(span) = question.for_a_while {
        let span = keyfob_prompt::in_words(Duration::from_secs(span.into()));
        text.push_str("  m ");
        text.push_str(&span);
    }
    let others: &[&str] = if count > 1 { &["  j/k choose"] } else { &[] };
    for more in others.iter().chain(&["  ? help", "  q quit"]) {
        if text.len() + more.len() <= width {
            text.push_str(more);
        }
    }
    lines::cut(&text, width)
}

/// What was last said, or is typed; returns what is left of the room.
fn note(frame: &mut Frame<'_>, body: Rect, model: &Model, style: Style) -> Rect {
    let text = match (model.mode(), model.note()) {
        (Mode::Passphrase(_), _) => "Passphrase of the key store (not shown): ",
        (_, Some(note)) => note,
        (_, None) => return body,
    };
    let width = usize::from(body.width);
    let text = lines::of(text.as_bytes(), width);
    let height = u16::try_from(text.len()).unwrap_or(u16::MAX).min(body.height);
    let text = text.into_iter().map(|line| Line::styled(line, style.asked())).collect();
    put(frame, Rect { height, ..body }, text);
    below(body, height)
}

/// The question a key answers, and how many others wait; returns what is left of the room.
fn questions(
    frame: &mut Frame<'_>,
    body: Rect,
    model: &mut Model,
    style: Style,
    now: Instant,
) -> Rect {
    let age = model.age(now);
    let count = model.waiting().count();
    let Some(question) = model.selected() else { return body };
    if body.height < 2 {
        return body;
    }
    let width = usize::from(body.width);
    let at = model.waiting().position(|one| one.id == question.id).unwrap_or(0);
    let waits = span(question.age.saturating_add(age));
    let heading = format!("Question {} of {count}, waiting for {waits}", at + 1);
    let text = text(question, width);
    // Without a word on how much is hidden the last line seen would look like the end.
    let room = usize::from(body.height) - 1;
    let room = if text.len() > room { room.saturating_sub(1) } else { room };
    let first = model.scroll(text.len(), room);
    let mut picture = vec![Line::styled(lines::cut(&heading, width), style.heading())];
    let seen = text.iter().skip(first).take(room);
    picture.extend(seen.map(|line| Line::styled(line.clone(), style.asked())));
    if text.len() > room {
        let below = text.len() - room - first;
        let more = format!("-- {first} lines above, {below} below: Page Up, Page Down --");
        picture.push(Line::styled(lines::cut(&more, width), style.heading()));
    }
    let height = u16::try_from(picture.len()).unwrap_or(u16::MAX).min(body.height);
    put(frame, Rect { height, ..body }, picture);
    below(body, height)
}

fn text(question: &Question, width: usize) -> Vec<String> {
    let mut text = lines::of(&question.text, width);
    if !question.answerable {
        let own = b"It was started from this terminal, so it is not answered here.";
        text.extend(lines::of(own, width));
    }
    text
}

/// Uses and keys, in what is left.
fn lists(frame: &mut Frame<'_>, body: Rect, model: &Model, style: Style, now: Instant) {
    let (state, age) = (model.state(), model.age(now));
    let width = usize::from(body.width);
    // A heading alone says nothing.
    let uses = match body.height {
        0..=1 => return,
        height @ 2..=4 => height,
        height => {
            height.div_ceil(2).min(u16::try_from(state.uses.len().max(1) + 1).unwrap_or(height))
        }
    };
    let mut picture = vec![Line::styled("Recent", style.heading())];
    if state.uses.is_empty() {
        picture.push(Line::raw("  nothing yet"));
    }
    picture.extend(state.uses.iter().map(|one| used(one, width, style)));
    put(frame, Rect { height: uses, ..body }, picture);
    let body = below(body, uses);
    if body.height < 2 {
        return;
    }
    let mut picture = vec![Line::styled("Keys", style.heading())];
    if state.keys.is_empty() {
        picture.push(Line::raw(if state.lock == Lock::Locked { "  locked" } else { "  none" }));
    }
    let room = usize::from(body.height) - 1;
    let hidden = (state.total as usize).saturating_sub(room);
    let shown = if hidden > 0 { room - 1 } else { room };
    picture.extend(state.keys.iter().take(shown).map(|one| key(one, width, age)));
    if hidden > 0 {
        picture.push(Line::raw(format!("  and {} more", hidden + 1)));
    }
    put(frame, body, picture);
}

fn used(used: &Use, width: usize, style: Style) -> Line<'static> {
    let time = local_time::at(used.unix).map(|time| time.to_string()).unwrap_or_default();
    let time = time.split('T').nth(1).unwrap_or_default().to_owned();
    let text = lines::cut(&format!("{time}  {}", shown(&used.text)), width);
    Line::styled(text, if used.allowed { Look::default() } else { style.refused() })
}

fn key(key: &Key, width: usize, age: u32) -> Line<'static> {
    let mut facts = Vec::new();
    if let Some(left) = key.expires_in {
        facts.push(format!("{} left", span(left.saturating_sub(age))));
    }
    if let Some(left) = key.idle_in {
        facts.push(format!("{} left unless used", span(left.saturating_sub(age))));
    }
    if key.confirm {
        facts.push("asks".to_owned());
    }
    match key.place {
        Place::Session => {}
        Place::File { open: true } => facts.push("from a file".to_owned()),
        Place::File { open: false } => facts.push("in a file, encrypted".to_owned()),
        Place::Store { open: true } => facts.push("stored".to_owned()),
        Place::Store { open: false } => facts.push("stored, not loaded".to_owned()),
    }
    let (name, kind) = (shown(&key.comment), shown(&key.kind));
    let facts = facts.join(", ");
    // The fingerprint is the longest and can be looked up elsewhere: it is the first to be cut.
    let text = format!("{name}  {kind}  {facts}{}{}", gap(&facts), shown(&key.fingerprint));
    Line::raw(lines::cut(&text, width))
}

fn gap(before: &str) -> &'static str {
    if before.is_empty() { "" } else { "  " }
}

/// So many seconds: `5 s`, `4 min`, `2 h 5 min`.
fn span(seconds: u32) -> String {
    match (seconds / 3600, seconds / 60 % 60) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) if hours < 48 => format!("{hours} h {minutes} min"),
        (hours, _) => format!("{} d", hours / 24),
    }
}

fn padded(text: &str, width: usize) -> String {
    let text = lines::cut(text, width);
    let used = unicode_width::UnicodeWidthStr::width(text.as_str());
    format!("{text}{}", " ".repeat(width.saturating_sub(used)))
}

fn below(area: Rect, height: u16) -> Rect {
    Rect { y: area.y + height, height: area.height - height, ..area }
}

fn put(frame: &mut Frame<'_>, area: Rect, picture: Vec<Line<'_>>) {
    frame.render_widget(Paragraph::new(picture), area);
}

#[cfg(test)]
mod tests;
