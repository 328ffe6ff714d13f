//! Values with rules. Lengths of time: a text as for `ssh -t`, or a whole number of seconds.
//! Paths: absolute ones.

use crate::duration;
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serializer, de};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

pub(super) fn duration<'de, D: Deserializer<'de>>(source: D) -> Result<Duration, D::Error> {
    Ok(Duration::from_secs(seconds(source)?.into()))
}

pub(super) fn duration_or_never<'de, D>(source: D) -> Result<Option<Duration>, D::Error>
where
    D: Deserializer<'de>,
{
    Ok(seconds_or_never(source)?.map(|seconds| Duration::from_secs(seconds.into())))
}

pub(super) fn seconds_or_never<'de, D: Deserializer<'de>>(
    source: D,
) -> Result<Option<u32>, D::Error> {
    Ok(Some(seconds(source)?).filter(|seconds| *seconds != 0))
}

/// So many of something.
pub(super) fn count<'de, D: Deserializer<'de>>(source: D) -> Result<u32, D::Error> {
    source.deserialize_any(Count)
}

/// A path that means the same wherever the agent runs.
pub(super) fn absolute<'de, D: Deserializer<'de>>(source: D) -> Result<PathBuf, D::Error> {
    let path = PathBuf::deserialize(source)?;
    if path.is_absolute() {
        return Ok(path);
    }
    let begin = if cfg!(windows) { r"C:\ or \\.\pipe\" } else { "/" };
    let fact = format!("{path:?} is no absolute path, expected one that begins with {begin}");
    Err(D::Error::custom(fact))
}

/// The same where there need be none.
pub(super) fn absolute_or_none<'de, D: Deserializer<'de>>(
    source: D,
) -> Result<Option<PathBuf>, D::Error> {
    absolute(source).map(Some)
}

pub(super) fn write_duration<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&duration::write(time.as_secs()))
}

pub(super) fn write_duration_or_never<S: Serializer>(
    time: &Option<Duration>,
    to: S,
) -> Result<S::Ok, S::Error> {
    write_duration(&time.unwrap_or_default(), to)
}

pub(super) fn write_seconds_or_never<S: Serializer>(
    seconds: &Option<u32>,
    to: S,
) -> Result<S::Ok, S::Error> {
    to.serialize_str(&duration::write(seconds.unwrap_or_default().into()))
}

/// Bytes of a file: a number, or a text such as "4M".
pub(super) fn size<'de, D: Deserializer<'de>>(source: D) -> Result<u64, D::Error> {
    source.deserialize_any(Size)
}

pub(super) fn write_size<S: Serializer>(size: &u64, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u64(*size)
}

/// A number of files.
pub(super) fn files<'de, D: Deserializer<'de>>(source: D) -> Result<usize, D::Error> {
    let number = i64::deserialize(source)?;
    let files = usize::try_from(number).ok().filter(|files| (1..=999).contains(files));
    files.ok_or_else(|| D::Error::custom(format!("{number} files, expected 1 to 999")))
}

struct Size;

impl Size {
    fn checked<E: de::Error>(
        self,
        size: Option<u64>,
        unexpected: Unexpected<'_>,
    ) -> Result<u64, E> {
        let size = size.filter(|size| (64 << 10..=1 << 30).contains(size));
        size.ok_or_else(|| Error::invalid_value(unexpected, &self))
    }
}

impl Visitor<'_> for Size {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a size from \"64K\" to \"1G\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<u64, E> {
        let (digits, unit) = match text.as_bytes().last() {
            Some(b'K') => (&text[..text.len() - 1], 1 << 10),
            Some(b'M') => (&text[..text.len() - 1], 1 << 20),
            Some(b'G') => (&text[..text.len() - 1], 1 << 30),
            _ => (text, 1_u64),
        };
        let number =
            digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse().ok());
        let size = number.flatten().and_then(|number: u64| number.checked_mul(unit));
        self.checked(size, Unexpected::Str(text))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<u64, E> {
        self.checked(u64::try_from(number).ok(), Unexpected::Signed(number))
    }
}

fn seconds<'de, D: Deserializer<'de>>(source: D) -> Result<u32, D::Error> {
    source.deserialize_any(Seconds)
}

struct Count;

impl Visitor<'_> for Count {
    type Value = u32;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number such as 3")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<u32, E> {
        let count = u32::try_from(number).ok();
        count.ok_or_else(|| Error::invalid_value(Unexpected::Signed(number), &self))
    }
}

struct Seconds;

impl Visitor<'_> for Seconds {
    type Value = u32;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a length of time such as \"30\" or \"1h30m\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<u32, E> {
        duration::parse(text).map_err(Error::custom)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<u32, E> {
        let seconds = u32::try_from(number).ok().filter(|number| *number <= duration::LONGEST);
        seconds.ok_or_else(|| Error::invalid_value(Unexpected::Signed(number), &self))
    }
}
