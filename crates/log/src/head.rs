//! The line a file or a run begins with: what came before it, and what was kept.

use crate::chain::Mac;
use crate::entry::{Event, start};
use crate::line::{hash, number};
use crate::time;

/// What it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    /// The number of the first line of this run.
    pub(crate) run: u64,
    /// The number of the first line of the oldest file that was kept.
    pub(crate) oldest: u64,
    /// The hash of the line before.
    pub(crate) before: Mac,
}

impl Head {
    /// The bytes of its line up to the hash.
    pub(crate) fn body(&self, seq: u64, millis: u64) -> Vec<u8> {
        let mut json = start(seq, millis, Event::Begin);
        json.number("run", self.run);
        json.number("oldest", self.oldest);
        let hex = base16ct::lower::encode_string(&self.before);
        json.text("before", hex.as_bytes(), hex.len());
        json.finish()
    }

    /// What such a line says; `None` when it is no such line.
    pub(crate) fn parse(body: &[u8]) -> Option<Self> {
        let (_, rest) = number(body.strip_prefix(b"{\"seq\":")?)?;
        let rest = rest.strip_prefix(b",\"time\":\"")?.get(time::LEN..)?;
        let (run, rest) = number(rest.strip_prefix(b"\",\"event\":\"begin\",\"run\":")?)?;
        let (oldest, rest) = number(rest.strip_prefix(b",\"oldest\":")?)?;
        let hex = rest.strip_prefix(b",\"before\":\"")?.strip_suffix(b"\"")?;
        Some(Self { run, oldest, before: hash(hex)? })
    }
}

/// Whether this is the line an agent ends with.
pub(crate) fn is_end(body: &[u8]) -> bool {
    let name = format!("\",\"event\":\"{}\"", Event::End.name());
    body.ends_with(name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Entry;

    #[test]
    fn a_head_is_read_as_it_was_written() {
        let head = Head { run: 7, oldest: 1, before: [9; 32] };
        assert_eq!(Head::parse(&head.body(12, 34)), Some(head));
        assert_eq!(Head::parse(&Entry::new(Event::Signed).body(1, 2)), None);
    }

    #[test]
    fn the_last_line_of_an_agent_is_known() {
        assert!(is_end(&Entry::new(Event::End).body(1, 2)));
        assert!(!is_end(&Entry::new(Event::Lost).body(1, 2)));
    }
}
