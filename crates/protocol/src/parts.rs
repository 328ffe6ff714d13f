//! Texts and lists in the messages of our own extensions: bounded when they are written, and not
//! believed when they are read.

use keyfob_keys::wire::{Put as _, Reader, string_len};

use crate::Result;
use crate::error::Error;
use crate::limits::{MAX_FRAME, MAX_IDENTITIES};

/// As much of it as the limit allows.
pub(crate) fn cut(bytes: &[u8], limit: usize) -> &[u8] {
    bytes.get(..limit).unwrap_or(bytes)
}

pub(crate) fn bytes(reader: &mut Reader<'_>, limit: usize, what: &'static str) -> Result<Vec<u8>> {
    let bytes = reader.string().map_err(Error::field(what))?;
    if bytes.len() > limit {
        return Err(Error::TooLarge { what, limit });
    }
    Ok(bytes.to_vec())
}

pub(crate) fn put_many<T>(out: &mut Vec<u8>, all: &[T], put: impl Fn(&mut Vec<u8>, &T)) {
    out.put_u32(u32::try_from(all.len()).unwrap_or(u32::MAX));
    all.iter().for_each(|one| put(out, one));
}

/// Reads several; the number is only announced, and nothing is allocated for it.
pub(crate) fn many<T>(
    reader: &mut Reader<'_>,
    limit: usize,
    what: &'static str,
    read: impl Fn(&mut Reader<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let count = reader.u32().map_err(Error::field(what))? as usize;
    if count > limit {
        return Err(Error::TooLarge { what, limit });
    }
    (0..count).map(|_| read(reader)).collect()
}

/// As many as fit a frame (P7).
pub(crate) fn put_fitting<T>(body: &mut Vec<u8>, all: &[T], encode: impl Fn(&T) -> Vec<u8>) {
    let place = body.len();
    body.put_u32(0);
    let mut count = 0_u32;
    for one in all.iter().take(MAX_IDENTITIES) {
        let one = encode(one);
        // Room for the count of a list behind this one.
        if body.len() + string_len(one.len()) + 4 > MAX_FRAME {
            break;
        }
        body.put_string(&one);
        count += 1;
    }
    if let Some(field) = body.get_mut(place..place + 4) {
        field.copy_from_slice(&count.to_be_bytes());
    }
}

/// Reads several strings with something in each; what is not known at their end is skipped.
pub(crate) fn parts<T>(
    reader: &mut Reader<'_>,
    what: &'static str,
    read: impl Fn(&mut Reader<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    many(reader, MAX_IDENTITIES, what, |reader| {
        read(&mut Reader::new(reader.string().map_err(Error::field(what))?))
    })
}
