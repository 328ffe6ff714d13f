//! `refusals@keyfob`: why the agent said no, for `keyfob why`.
//!
//! The protocol has one byte for a refusal and none for its reason; `ssh` can only say "agent
//! refused operation". Only clients on this machine are told: what was refused tells what there is.
//!
//! Request: the name, nothing else. Answer: the name, `u32 count`, then per refusal, oldest first,
//! `string { u64 seconds since 1970, string reason }`.

use keyfob_keys::wire::{Put as _, Reader};

use crate::error::Error;
use crate::limits::{MAX_REFUSALS, MAX_STORE_TEXT};
use crate::{Result, number};

/// The extension's name.
pub const NAME: &str = "refusals@keyfob";

/// One refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// When, in seconds since 1970.
    pub unix: u64,
    /// Which key, for whom and why, in words; made safe to show by the agent, and to be made so
    /// once more by who shows it.
    pub reason: Vec<u8>,
}

/// The whole frame of an answer.
#[must_use]
pub(crate) fn encode(refusals: &[Refused]) -> Vec<u8> {
    let newest = refusals.get(refusals.len().saturating_sub(MAX_REFUSALS)..).unwrap_or_default();
    let mut body = vec![number::EXTENSION_RESPONSE];
    body.put_string(NAME.as_bytes());
    body.put_u32(u32::try_from(newest.len()).unwrap_or(u32::MAX));
    for Refused { unix, reason } in newest {
        let mut one = Vec::new();
        one.put_u64(*unix);
        one.put_string(reason.get(..reason.len().min(MAX_STORE_TEXT)).unwrap_or_default());
        body.put_string(&one);
    }
    let mut frame = Vec::with_capacity(body.len() + 4);
    frame.put_string(&body);
    frame
}

/// Reads what follows the name in the answer.
pub(crate) fn decode(mut reader: Reader<'_>) -> Result<Vec<Refused>> {
    let count = reader.u32().map_err(Error::field("number of refusals"))?;
    if count as usize > MAX_REFUSALS {
        return Err(Error::TooLarge { what: "refusals", limit: MAX_REFUSALS });
    }
    let mut refusals = Vec::new();
    for _ in 0..count {
        let mut one = Reader::new(reader.string().map_err(Error::field("refusal"))?);
        let unix = one.u64().map_err(Error::field("refusal"))?;
        let reason = one.string().map_err(Error::field("refusal"))?.to_vec();
        refusals.push(Refused { unix, reason });
    }
    reader.finish().map_err(Error::field("end of the reply"))?;
    Ok(refusals)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::{Reply, limits::MAX_FRAME};

    fn refused(unix: u64) -> Refused {
        Refused { unix, reason: b"key store is locked \xff".to_vec() }
    }

    #[test]
    fn what_was_refused_arrives_unchanged() {
        let refusals = vec![refused(1), refused(2)];
        let frame = encode(&refusals);
        assert_eq!(Reply::decode(&frame[4..]).unwrap(), Reply::Refusals(refusals));
    }

    #[test]
    fn p7_the_answer_fits_a_frame_and_holds_the_newest() {
        let long = |unix| Refused { unix, reason: vec![b'x'; 10_000] };
        let frame = encode(&(0..200).map(long).collect::<Vec<_>>());
        assert!(frame.len() <= MAX_FRAME + 4);
        let Reply::Refusals(read) = Reply::decode(&frame[4..]).unwrap() else { panic!() };
        assert_eq!((read.len(), read.last().unwrap().unix), (MAX_REFUSALS, 199));
    }
}
