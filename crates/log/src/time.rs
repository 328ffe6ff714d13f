//! Points in time as lines have them: RFC 3339, UTC, to the millisecond.

/// Bytes of a time.
pub(crate) const LEN: usize = 24;

/// The year 9999 is the last that has four digits.
const LAST: u64 = 253_402_300_799_999;

/// `2026-11-26T15:00:00.123Z` of the milliseconds since 1970.
pub fn format(millis: u64) -> String {
    let millis = millis.min(LAST);
    let (seconds, millis) = (millis / 1000, millis % 1000);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

/// The milliseconds since 1970 of a time so written; `None` for any other text.
pub fn parse(text: &str) -> Option<u64> {
    let digits = |from: usize, to: usize| {
        let part = text.get(from..to)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<u64>().ok())?
    };
    let (year, month, day) = (digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
    let (hour, minute, second) = (digits(11, 13)?, digits(14, 16)?, digits(17, 19)?);
    // The months before each, from March on; the shifted year begins there.
    let shifted = (month + 9) % 12;
    let year = year.checked_sub(u64::from(month < 3))?;
    let day_of_year = (153 * shifted + 2) / 5 + day.checked_sub(1)?;
    let days = 365 * year + year / 4 - year / 100 + year / 400 + day_of_year;
    let seconds = days.checked_sub(719_468)? * 86_400 + hour * 3600 + minute * 60 + second;
    let millis = seconds * 1000 + digits(20, 23)?;
    // What is no date, or is written otherwise, does not come back as it was.
    (format(millis) == text).then_some(millis)
}

/// Year, month and day of so many days after 1970-01-01. Years begin in March here, so that the day
/// that is sometimes missing is their last.
fn civil(days: u64) -> (u64, u64, u64) {
    // From 0000-03-01; whole 400 years have 146097 days.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + next, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "2026-11-26T15:00:00Z",
            "2026-02-30T15:00:00.000Z",
            "2026-11-26 15:00:00.000Z",
            "2026-00-26T15:00:00.000Z",
            "2026-11-26T25:00:00.000Z",
            "2026-11-26T15:00:00.000ä",
            "1969-12-31T23:59:59.999Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        for day in 0..40_000 {
            let millis = day * 86_400_000 + 1;
            assert_eq!(parse(&format(millis)), Some(millis));
        }
    }

    /// Made by `date -u -d @N +%FT%T.%3NZ`.
    #[test]
    fn known_moments_are_written_so() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (951_868_800_001, "2000-03-01T00:00:00.001Z"),
            (1_795_705_200_123, "2026-11-26T15:00:00.123Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (u64::MAX, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(format(millis), text);
            assert_eq!(text.len(), LEN);
            assert_eq!(parse(text), Some(millis.min(LAST)));
        }
    }
}
