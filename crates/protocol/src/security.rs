//! `security@keyfob`: which process the agent is, and what protects it, for `keyfob status --security`.
//!
//! Its number is the agent's to say: of a socket that a service manager made the kernel names the manager,
//! which nobody wants to end in the agent's place.
//!
//! Only clients on this machine are told: what is missing is a hint for whoever attacks.
//!
//! Request: the name, nothing else. Answer: the name, `u32 process, u32 count`, and so many times
//! `string name, bool on, string reason`.

use keyfob_keys::wire::{Put as _, Reader};

use crate::error::Error;
use crate::limits::{MAX_MEASURES, MAX_STORE_TEXT};
use crate::parts::{bytes, cut, many, put_many};
use crate::{Result, number};

/// The extension's name.
pub const NAME: &str = "security@keyfob";

/// An agent's process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Process {
    /// Its number, as it sees itself.
    pub number: u32,
    /// What protects it, and what does not.
    pub measures: Vec<Measure>,
}

/// One thing that protects, or does not. Texts are unescaped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Measure {
    /// What it is called: letters and hyphens, the same in every version.
    pub name: Vec<u8>,
    /// It is in place.
    pub on: bool,
    /// How far it goes, or why it is not in place.
    pub reason: Vec<u8>,
}

/// The whole frame of an answer.
#[must_use]
pub(crate) fn encode(process: &Process) -> Vec<u8> {
    let mut body = vec![number::EXTENSION_RESPONSE];
    body.put_string(NAME.as_bytes());
    body.put_u32(process.number);
    let measures = process.measures.get(..MAX_MEASURES).unwrap_or(&process.measures);
    put_many(&mut body, measures, |out, Measure { name, on, reason }| {
        out.put_string(cut(name, MAX_STORE_TEXT));
        out.put_bool(*on);
        out.put_string(cut(reason, MAX_STORE_TEXT));
    });
    let mut frame = Vec::with_capacity(body.len() + 4);
    frame.put_string(&body);
    frame
}

/// Reads what follows the name in the answer.
pub(crate) fn decode(mut reader: Reader<'_>) -> Result<Process> {
    let reader = &mut reader;
    let number = reader.u32().map_err(Error::field("process"))?;
    let measures = many(reader, MAX_MEASURES, "measures", |reader| {
        Ok(Measure {
            name: bytes(reader, MAX_STORE_TEXT, "name")?,
            on: reader.bool().map_err(Error::field("on"))?,
            reason: bytes(reader, MAX_STORE_TEXT, "reason")?,
        })
    })?;
    reader.finish().map_err(Error::field("end of the reply"))?;
    Ok(Process { number, measures })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::{Extension, Reply, Request, limits::MAX_FRAME};

    fn measure() -> Measure {
        Measure { name: b"landlock".to_vec(), on: true, reason: b"in /home/\xff".to_vec() }
    }

    #[test]
    fn what_is_asked_and_answered_arrives_unchanged() {
        let request = Request::Extension(Extension::Security).encode().unwrap();
        let read = Request::decode(&request[4..]).unwrap();
        assert!(matches!(read, Request::Extension(Extension::Security)));
        let process = Process { number: 70_000, measures: vec![measure(), Measure::default()] };
        let frame = encode(&process);
        assert_eq!(Reply::decode(&frame[4..]).unwrap(), Reply::Security(process));
        for end in 4..frame.len() {
            assert!(Reply::decode(&frame[4..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn a_request_with_more_in_it_is_refused() {
        let mut body = Request::Extension(Extension::Security).encode().unwrap()[4..].to_vec();
        body.push(0);
        assert!(Request::decode(&body).is_err());
    }

    #[test]
    fn p7_the_answer_fits_a_frame_whatever_is_wrong() {
        let measures = vec![Measure { reason: vec![b'x'; 1_000_000], ..measure() }; 100];
        let frame = encode(&Process { number: 7, measures });
        assert!(frame.len() <= MAX_FRAME + 4);
        let Reply::Security(read) = Reply::decode(&frame[4..]).unwrap() else { panic!() };
        assert_eq!(
            (read.measures.len(), read.measures[0].reason.len()),
            (MAX_MEASURES, MAX_STORE_TEXT)
        );
    }
}
