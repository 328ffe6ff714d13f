//! Values with rules. Lengths of time: a text as for `ssh -t`, or a whole number of seconds.
//! Paths: absolute ones.

use crate::duration;
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, de};
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

/// A path that means the same wherever the agent runs.
pub(super) fn absolute<'de, D: Deserializer<'de>>(source: D) -> Result<PathBuf, D::Error> {
    let path = PathBuf::deserialize(source)?;
    if path.is_absolute() {
        return Ok(path);
    }
    Err(D::Error::custom(format!("{path:?} is no absolute path, expected one that begins with /")))
}

fn seconds<'de, D: Deserializer<'de>>(source: D) -> Result<u32, D::Error> {
    source.deserialize_any(Seconds)
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
