//! The lines on the two pipes between the agent and its helper on the desktop.
//!
//! A word, and for two of them a text behind a tabulator. Both sides refuse what is no such line
//! and what is longer than any.

use keyfob_prompt::escape;

/// Bytes of a line without its end.
pub const MAX_LINE: usize = 4096;

/// Characters of a text: no more than a person reads.
const MAX_TEXT: usize = 800;

/// What the helper says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It listens.
    Ready,
    /// The machine is about to sleep, and waits for [`Order::Locked`].
    Sleep,
    /// It is awake again.
    Resume,
    /// A screen of this user was locked.
    ScreenLocked,
    /// The last session of this user ended.
    SessionEnded,
    /// Something cannot be done, for this reason; it goes on with the rest.
    Problem(String),
    /// There is nothing to listen to, for this reason; it ends.
    Nothing(String),
}

/// What it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// All that can be locked is: the machine may sleep.
    Locked,
    /// Show this.
    Notify(String),
}

impl Event {
    /// The line, with its end.
    #[must_use]
    pub fn line(&self) -> String {
        match self {
            Self::Ready => "ready\n".to_owned(),
            Self::Sleep => "sleep\n".to_owned(),
            Self::Resume => "resume\n".to_owned(),
            Self::ScreenLocked => "screen-locked\n".to_owned(),
            Self::SessionEnded => "session-ended\n".to_owned(),
            Self::Problem(text) => with_text("problem", text),
            Self::Nothing(text) => with_text("nothing", text),
        }
    }

    /// Reads one, without its end.
    #[must_use]
    pub fn read(line: &[u8]) -> Option<Self> {
        Some(match split(line)? {
            ("ready", None) => Self::Ready,
            ("sleep", None) => Self::Sleep,
            ("resume", None) => Self::Resume,
            ("screen-locked", None) => Self::ScreenLocked,
            ("session-ended", None) => Self::SessionEnded,
            ("problem", Some(text)) => Self::Problem(text),
            ("nothing", Some(text)) => Self::Nothing(text),
            _ => return None,
        })
    }
}

impl Order {
    /// The line, with its end.
    #[must_use]
    pub fn line(&self) -> String {
        match self {
            Self::Locked => "locked\n".to_owned(),
            Self::Notify(text) => with_text("notify", text),
        }
    }

    /// Reads one, without its end.
    #[must_use]
    pub fn read(line: &[u8]) -> Option<Self> {
        Some(match split(line)? {
            ("locked", None) => Self::Locked,
            ("notify", Some(text)) => Self::Notify(text),
            _ => return None,
        })
    }
}

fn with_text(word: &str, text: &str) -> String {
    format!("{word}\t{}\n", escape::for_display_within(text.as_bytes(), MAX_TEXT))
}

/// A word and a text that was made safe to show, once more.
fn split(line: &[u8]) -> Option<(&str, Option<String>)> {
    if line.len() > MAX_LINE {
        return None;
    }
    let line = std::str::from_utf8(line).ok()?;
    Some(match line.split_once('\t') {
        None => (line, None),
        Some((word, text)) => (word, Some(escape::for_display_within(text.as_bytes(), MAX_TEXT))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(line: &str) -> &[u8] {
        line.strip_suffix('\n').unwrap().as_bytes()
    }

    #[test]
    fn what_is_said_arrives() {
        let text = || "key \"me\" used".to_owned();
        let events = [
            Event::Ready,
            Event::Sleep,
            Event::Resume,
            Event::ScreenLocked,
            Event::SessionEnded,
            Event::Problem(text()),
            Event::Nothing(text()),
        ];
        for event in events {
            assert_eq!(Event::read(body(&event.line())), Some(event));
        }
        for order in [Order::Locked, Order::Notify(text())] {
            assert_eq!(Order::read(body(&order.line())), Some(order));
        }
    }

    #[test]
    fn a_text_is_one_line_however_it_is_written() {
        let order = Order::Notify("a\nlocked\n\u{1b}[2J\u{202e}".repeat(500));
        let line = order.line();
        assert_eq!(line.matches('\n').count(), 1);
        assert!(line.len() <= MAX_LINE);
        assert!(!line.contains(['\u{1b}', '\u{202e}']));
        assert!(matches!(Order::read(body(&line)), Some(Order::Notify(_))));
    }

    #[test]
    fn what_is_no_such_line_is_refused() {
        let long = vec![b'a'; MAX_LINE + 1];
        let lines: [&[u8]; 8] =
            [b"", b"lock", b"sleep ", b"sleep\tnow", b"problem", b"SLEEP", b"\xff", &long];
        for line in lines {
            assert_eq!(Event::read(line), None);
            assert_eq!(Order::read(line), None);
        }
    }
}
