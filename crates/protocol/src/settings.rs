//! `settings@keyfob`: which settings the agent runs with, for `keyfob status`.
//!
//! Only clients on this machine are told: the path and a line of a file are nobody else's business.
//!
//! Request: the name, nothing else. Answer: the name, `string path, string problem, string hint,
//! string fixed, u64 since`; texts are empty where there is nothing to say.

use keyfob_keys::wire::{Put as _, Reader};

use crate::error::Error;
use crate::limits::MAX_STORE_TEXT;
use crate::{Result, number};

/// The extension's name.
pub const NAME: &str = "settings@keyfob";

/// How the settings of an agent are. Texts are unescaped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettingsStatus {
    /// The file; empty for an agent that has none.
    pub path: Vec<u8>,
    /// Why the file as it is now was not taken over, with its place; empty when it was.
    pub problem: Vec<u8>,
    /// What to do about that.
    pub hint: Vec<u8>,
    /// What was changed and counts only for the next agent: names, with commas between.
    pub fixed: Vec<u8>,
    /// Since when these settings count, in seconds since 1970.
    pub since: u64,
}

/// The whole frame of an answer.
#[must_use]
pub(crate) fn encode(status: &SettingsStatus) -> Vec<u8> {
    let mut body = vec![number::EXTENSION_RESPONSE];
    body.put_string(NAME.as_bytes());
    for text in [&status.path, &status.problem, &status.hint, &status.fixed] {
        body.put_string(text.get(..text.len().min(MAX_STORE_TEXT)).unwrap_or_default());
    }
    body.put_u64(status.since);
    let mut frame = Vec::with_capacity(body.len() + 4);
    frame.put_string(&body);
    frame
}

/// Reads what follows the name in the answer.
pub(crate) fn decode(mut reader: Reader<'_>) -> Result<SettingsStatus> {
    let mut text = |what| reader.string().map(<[u8]>::to_vec).map_err(Error::field(what));
    let (path, problem) = (text("path")?, text("problem")?);
    let (hint, fixed) = (text("hint")?, text("names of settings")?);
    let since = reader.u64().map_err(Error::field("since"))?;
    reader.finish().map_err(Error::field("end of the reply"))?;
    Ok(SettingsStatus { path, problem, hint, fixed, since })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::{Extension, Reply, Request, limits::MAX_FRAME};

    #[test]
    fn what_is_asked_and_answered_arrives_unchanged() {
        let request = Request::Extension(Extension::Settings).encode().unwrap();
        let read = Request::decode(&request[4..]).unwrap();
        assert!(matches!(read, Request::Extension(Extension::Settings)));
        let status = SettingsStatus {
            path: b"/c".to_vec(),
            problem: b"/c:1:1: \xff".to_vec(),
            hint: Vec::new(),
            fixed: b"agent.log".to_vec(),
            since: 7,
        };
        let frame = encode(&status);
        assert_eq!(Reply::decode(&frame[4..]).unwrap(), Reply::Settings(status));
        assert!(Reply::decode(&frame[4..frame.len() - 1]).is_err());
    }

    #[test]
    fn p7_the_answer_fits_a_frame_whatever_is_wrong() {
        let long = vec![b'x'; 1_000_000];
        let status =
            SettingsStatus { problem: long.clone(), path: long, ..SettingsStatus::default() };
        let frame = encode(&status);
        assert!(frame.len() <= MAX_FRAME + 4);
        let Reply::Settings(read) = Reply::decode(&frame[4..]).unwrap() else { panic!() };
        assert_eq!(read.problem.len(), MAX_STORE_TEXT);
    }
}
