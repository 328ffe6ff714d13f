//! Times as people name them: so long ago, or a date of the calendar on the wall.

use keyfob_config::duration;
use keyfob_sys::local_time;

/// What to write.
pub(crate) const HINT: &str =
    "write how long ago (30m, 2h, 1d), or a date with or without a time (2026-11-26T15:00)";

/// What a date without the rest of it means.
const REST: &str = "0000-01-01T00:00:00";

/// The year 9999.
const LAST: u64 = 253_402_300_799;

/// Milliseconds since 1970.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let now = crate::key_store::now();
    if let Ok(ago) = duration::parse(text) {
        return Some(now.saturating_sub(ago.into()) * 1000);
    }
    let text = text.replace(' ', "T");
    let is_zulu = text.ends_with('Z');
    let bare = text.strip_suffix('Z').unwrap_or(&text);
    let whole = format!("{bare}{}", REST.get(bare.len()..)?);
    let is_date = bare.len() >= "2026-11-26".len()
        && whole.bytes().zip(REST.bytes()).all(|(byte, model)| match model {
            b'0' | b'1' => byte.is_ascii_digit(),
            _ => byte == model,
        });
    if !is_date {
        return None;
    }
    if is_zulu {
        return keyfob_log::time::parse(&format!("{whole}.000Z"));
    }
    Some(local(&whole)? * 1000)
}

/// The second that is shown so here. Later moments are shown as later ones, but for the hour that
/// comes twice when a summer ends: then it is one of the two.
fn local(text: &str) -> Option<u64> {
    let (mut low, mut high) = (0, LAST);
    while low < high {
        let middle = low + (high - low) / 2;
        match local_time::at(middle)?.to_string().as_str() < text {
            true => low = middle + 1,
            false => high = middle,
        }
    }
    // The hour that is left out in spring is none, and neither is the 30th of February.
    let shown = local_time::at(low)?.to_string();
    (shown == text).then_some(low)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_length_of_time_is_so_long_ago() {
        let now = crate::key_store::now();
        let hour_ago = parse("1h").unwrap() / 1000;
        assert!((now - 3601..=now - 3599).contains(&hour_ago));
    }

    #[test]
    fn a_date_is_one_of_this_place_unless_it_says_otherwise() {
        assert_eq!(parse("2026-11-26T15:00:00Z"), Some(1_795_705_200_000));
        assert_eq!(parse("2026-11-26Z"), Some(1_795_651_200_000));
        let here = parse("2026-11-26 15:00").unwrap() / 1000;
        assert_eq!(local_time::at(here).unwrap().to_string(), "2026-11-26T15:00:00");
        assert_eq!(parse("2026-11-26T15:00:00"), Some(here * 1000));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in
            ["", "soon", "2026", "2026-11", "2026-02-30", "2026-11-26T15:00:00.5", "26.11.2026"]
        {
            // A bare number is one of seconds.
            if text != "2026" {
                assert_eq!(parse(text), None, "{text}");
            }
        }
    }
}
