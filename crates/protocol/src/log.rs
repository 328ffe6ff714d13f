//! `log@keyfob`: where the log of the agent stands, for `keyfob log verify` and `keyfob status`.
//!
//! Who proves a log compares its end with what the agent that writes it says: lines that were cut
//! off there are found while it runs. Only clients on this machine are told.
//!
//! Request: the name, nothing else. The agent first writes what is queued. Answer: the name, `bool
//! there, bool written, string folder, u32 book, u64 seq, string mac, u64 queued, u64 lost,
//! string problem, u64 since`; book is 0, and folder and mac are empty, before there is a line.

use keyfob_keys::wire::{Put as _, Reader};

use crate::error::Error;
use crate::limits::MAX_STORE_TEXT;
use crate::parts::{bytes, cut};
use crate::{Result, number};

/// The extension's name.
pub const NAME: &str = "log@keyfob";

/// Where a log stands. Texts are unescaped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogStatus {
    /// The settings want a log.
    pub there: bool,
    /// All that was queued before was written, or was found not to be writable. Where not, the
    /// disk did not answer in time, and nothing is known of the last line.
    pub written: bool,
    /// The last line; none where the agent has written none.
    pub last: Option<LastLine>,
    /// Lines that wait to be written.
    pub queued: u64,
    /// Lines that are missing and that no line tells of yet.
    pub lost: u64,
    /// Why it cannot be written; empty when it can.
    pub problem: Vec<u8>,
    /// Since when, in seconds since 1970.
    pub since: u64,
}

/// The last line an agent has written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastLine {
    /// The folder it is below.
    pub folder: Vec<u8>,
    /// The number of the book within that.
    pub book: u32,
    /// Its number.
    pub seq: u64,
    /// Its keyed hash, as it stands in the file.
    pub mac: [u8; 32],
}

/// The whole frame of an answer.
#[must_use]
pub(crate) fn encode(status: &LogStatus) -> Vec<u8> {
    let LogStatus { there, written, last, queued, lost, problem, since } = status;
    let mut body = vec![number::EXTENSION_RESPONSE];
    body.put_string(NAME.as_bytes());
    body.put_bool(*there);
    body.put_bool(*written);
    match last {
        Some(LastLine { folder, book, seq, mac }) => {
            body.put_string(cut(folder, MAX_STORE_TEXT));
            body.put_u32(*book);
            body.put_u64(*seq);
            body.put_string(mac);
        }
        None => {
            body.put_string(b"");
            body.put_u32(0);
            body.put_u64(0);
            body.put_string(b"");
        }
    }
    body.put_u64(*queued);
    body.put_u64(*lost);
    body.put_string(cut(problem, MAX_STORE_TEXT));
    body.put_u64(*since);
    let mut frame = Vec::with_capacity(body.len() + 4);
    frame.put_string(&body);
    frame
}

/// Reads what follows the name in the answer.
pub(crate) fn decode(mut reader: Reader<'_>) -> Result<LogStatus> {
    let reader = &mut reader;
    let there = reader.bool().map_err(Error::field("there"))?;
    let written = reader.bool().map_err(Error::field("written"))?;
    let folder = bytes(reader, MAX_STORE_TEXT, "folder")?;
    let book = reader.u32().map_err(Error::field("book"))?;
    let seq = reader.u64().map_err(Error::field("last line"))?;
    let mac = reader.string().map_err(Error::field("hash"))?;
    let last = match (book, <[u8; 32]>::try_from(mac)) {
        (0, _) => None,
        (book, Ok(mac)) => Some(LastLine { folder, book, seq, mac }),
        (_, Err(_)) => return Err(Error::Invalid { what: "hash", why: "it has not 32 bytes" }),
    };
    let status = LogStatus {
        there,
        written,
        last,
        queued: reader.u64().map_err(Error::field("queued lines"))?,
        lost: reader.u64().map_err(Error::field("lost lines"))?,
        problem: bytes(reader, MAX_STORE_TEXT, "problem")?,
        since: reader.u64().map_err(Error::field("since"))?,
    };
    reader.finish().map_err(Error::field("end of the reply"))?;
    Ok(status)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::{Extension, Reply, Request, limits::MAX_FRAME};

    fn status() -> LogStatus {
        let last = LastLine { folder: b"/l\xff".to_vec(), book: 2, seq: 1 << 40, mac: [7; 32] };
        LogStatus {
            there: true,
            written: true,
            last: Some(last),
            queued: 1,
            lost: 2,
            problem: b"No space left on device".to_vec(),
            since: 3,
        }
    }

    #[test]
    fn what_is_asked_and_answered_arrives_unchanged() {
        let request = Request::Extension(Extension::Log).encode().unwrap();
        let read = Request::decode(&request[4..]).unwrap();
        assert!(matches!(read, Request::Extension(Extension::Log)));
        for status in [status(), LogStatus::default()] {
            let frame = encode(&status);
            assert_eq!(Reply::decode(&frame[4..]).unwrap(), Reply::Log(status.into()));
            for end in 4..frame.len() {
                assert!(Reply::decode(&frame[4..end]).is_err(), "cut at {end}");
            }
        }
    }

    #[test]
    fn a_request_with_more_in_it_is_refused() {
        let mut body = Request::Extension(Extension::Log).encode().unwrap()[4..].to_vec();
        body.push(0);
        assert!(Request::decode(&body).is_err());
    }

    #[test]
    fn p7_the_answer_fits_a_frame_whatever_is_wrong() {
        let problem = vec![b'x'; 1_000_000];
        let frame = encode(&LogStatus { problem, ..status() });
        assert!(frame.len() <= MAX_FRAME + 4);
        let Reply::Log(read) = Reply::decode(&frame[4..]).unwrap() else { panic!() };
        assert_eq!(read.problem.len(), MAX_STORE_TEXT);
    }
}
