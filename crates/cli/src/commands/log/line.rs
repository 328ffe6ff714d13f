//! A line of the log, as far as a person is shown it.

use keyfob_log::time;
use serde::Deserialize;

/// One event.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct LogLine {
    /// The line itself.
    #[serde(skip)]
    pub(crate) written: String,
    /// Milliseconds since 1970.
    #[serde(deserialize_with = "millis")]
    pub(crate) time: u64,
    pub(crate) seq: u64,
    pub(crate) event: String,
    pub(crate) outcome: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) count: Option<u64>,
    pub(crate) key: Option<Key>,
    pub(crate) purpose: Option<Purpose>,
    pub(crate) remote: bool,
    pub(crate) via: Vec<Host>,
    pub(crate) requester: Vec<Process>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) fingerprint: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Purpose {
    pub(crate) kind: String,
    pub(crate) user: String,
    pub(crate) host: Option<Host>,
    pub(crate) namespace: String,
    pub(crate) repository: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Host {
    pub(crate) names: Vec<String>,
    pub(crate) key: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    pub(crate) program: Option<String>,
}

impl LogLine {
    /// Of a line without its line feed; `None` when it is none.
    pub(super) fn parse(written: &[u8]) -> Option<Self> {
        let mut line: Self = serde_json::from_slice(written).ok()?;
        // The log is ASCII: nothing in it tells a terminal to do something.
        let is_harmless = written.iter().all(|byte| (b' '..=b'~').contains(byte));
        line.written = String::from_utf8(written.to_vec()).ok().filter(|_| is_harmless)?;
        (!line.event.is_empty()).then_some(line)
    }

    /// All hosts it names.
    pub(super) fn hosts(&self) -> impl Iterator<Item = &Host> {
        self.purpose.iter().filter_map(|purpose| purpose.host.as_ref()).chain(&self.via)
    }
}

fn millis<'de, D: serde::Deserializer<'de>>(source: D) -> Result<u64, D::Error> {
    let text = String::deserialize(source)?;
    time::parse(&text).ok_or_else(|| serde::de::Error::custom("no time"))
}
