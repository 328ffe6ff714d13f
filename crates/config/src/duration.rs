//! Lengths of time as people write them for `ssh`, and as `ssh-add` prints them.
//!
//! Written: `30`, `10m`, `1h30m`, `2d`, `1w` (ssh_config(5), TIME FORMATS): numbers with an
//! optional unit, added up; a number without one means seconds. Whole seconds only, up to
//! 2^31 − 1 of them, which is where OpenSSH's own tools end.

use std::fmt::Write as _;

/// The longest time that can be written: 68 years.
pub const LONGEST: u32 = i32::MAX as u32;

/// Why a text is no length of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Empty, a unit without a number, an unknown unit, a sign, a blank.
    #[error("{0:?} is no length of time")]
    Malformed(String),
    /// More than [`LONGEST`] seconds.
    #[error("{0:?} is longer than 68 years")]
    TooLong(String),
}

/// What to write instead; the same advice for every mistake.
pub const HINT: &str = "write seconds (30), or numbers with units (10m, 1h30m, 2d, 1w)";

/// Seconds in a text such as `1h30m`.
///
/// # Errors
/// [`Error`], naming the text.
pub fn parse(text: &str) -> Result<u32, Error> {
    let malformed = || Error::Malformed(text.to_owned());
    let too_long = || Error::TooLong(text.to_owned());
    let mut rest = text;
    let mut total: u64 = 0;
    if rest.is_empty() {
        return Err(malformed());
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at(digits);
        if number.is_empty() {
            return Err(malformed());
        }
        // Digits only, so the sole reason to fail is size.
        let number: u64 = number.parse().map_err(|_| too_long())?;
        let mut following = after.chars();
        let unit = following.next().map_or(Some(1), seconds_in).ok_or_else(malformed)?;
        rest = following.as_str();
        total = number
            .checked_mul(unit)
            .and_then(|part| total.checked_add(part))
            .filter(|total| *total <= u64::from(LONGEST))
            .ok_or_else(too_long)?;
    }
    u32::try_from(total).map_err(|_| too_long())
}

/// `01:00:00`, from a day on `1d03h00m`, from a week on `01w2d05h`: as `ssh-add` says it.
pub fn format(seconds: u64) -> String {
    let (minutes, s) = (seconds / 60, seconds % 60);
    let (hours, m) = (minutes / 60, minutes % 60);
    let (days, h) = (hours / 24, hours % 24);
    let (w, d) = (days / 7, days % 7);
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = match (w, d) {
        (0, 0) => write!(text, "{h:02}:{m:02}:{s:02}"),
        (0, _) => write!(text, "{d}d{h:02}h{m:02}m"),
        _ => write!(text, "{w:02}w{d}d{h:02}h"),
    };
    text
}

/// As a person would write it, `1h30m`; [`parse`] reads it again.
pub fn write(seconds: u64) -> String {
    let mut rest = seconds;
    let mut text = String::new();
    for (unit, length) in [('d', 86_400), ('h', 3600), ('m', 60), ('s', 1)] {
        if rest >= length {
            // Writing to a String cannot fail.
            let _ = write!(text, "{}{unit}", rest / length);
            rest %= length;
        }
    }
    if text.is_empty() { "0".to_owned() } else { text }
}

fn seconds_in(unit: char) -> Option<u64> {
    match unit.to_ascii_lowercase() {
        's' => Some(1),
        'm' => Some(60),
        'h' => Some(60 * 60),
        'd' => Some(24 * 60 * 60),
        'w' => Some(7 * 24 * 60 * 60),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_the_manual_are_read() {
        for (text, seconds) in [
            ("0", 0),
            ("30", 30),
            ("600s", 600),
            ("10m", 600),
            ("1h30m", 5400),
            ("1h30", 3630),
            ("2d", 172_800),
            ("1w", 604_800),
            ("1W2D3H4M5S", 788_645),
            ("2147483647", LONGEST),
            ("3550w5d3h14m7s", LONGEST),
        ] {
            assert_eq!(parse(text), Ok(seconds), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_length_of_time_is_refused() {
        for text in ["", " ", "m", "-1", "+1", "10 m", "1.5h", "10x", "trout", "1h ", "٣m", "1µ"]
        {
            assert_eq!(parse(text), Err(Error::Malformed(text.into())), "{text}");
        }
    }

    #[test]
    fn too_long_is_an_error_and_never_a_short_time() {
        for text in [
            "2147483648",
            "3550w5d3h14m8s",
            "4294967297",
            "99999999999999999999999",
            "1w2147483647",
        ] {
            assert_eq!(parse(text), Err(Error::TooLong(text.into())), "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for (seconds, text) in [(0, "0"), (60, "1m"), (5400, "1h30m"), (90_061, "1d1h1m1s")] {
            assert_eq!(write(seconds), text);
            assert_eq!(parse(text).map(u64::from), Ok(seconds));
        }
        assert_eq!(parse(&write(LONGEST.into())), Ok(LONGEST));
    }

    #[test]
    fn times_are_shown_as_ssh_add_shows_them() {
        for (seconds, text) in [
            (0, "00:00:00"),
            (3600, "01:00:00"),
            (86_399, "23:59:59"),
            (97_200, "1d03h00m"),
            (604_799, "6d23h59m"),
            (604_800, "01w0d00h"),
            (788_645, "01w2d03h"),
        ] {
            assert_eq!(format(seconds), text);
        }
    }
}
