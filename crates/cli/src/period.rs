//! Remaining lives for a column of a table.
//!
//! How lifetimes are written and how `ssh-add` prints them is `config::duration`.

/// The two largest units: `59m 30s`, `2d 3h`, `5s`.
pub(crate) fn brief(seconds: u32) -> String {
    let parts = [
        (seconds / 604_800, 'w'),
        (seconds / 86_400 % 7, 'd'),
        (seconds / 3600 % 24, 'h'),
        (seconds / 60 % 60, 'm'),
        (seconds % 60, 's'),
    ];
    let first = parts.iter().position(|(n, _)| *n > 0).unwrap_or(4);
    let shown: Vec<String> = parts
        .iter()
        .skip(first)
        .take(2)
        .enumerate()
        .filter(|(at, (n, _))| *at == 0 || *n > 0)
        .map(|(_, (n, letter))| format!("{n}{letter}"))
        .collect();
    shown.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_shows_two_units_at_most() {
        assert_eq!(brief(0), "0s");
        assert_eq!(brief(3570), "59m 30s");
        assert_eq!(brief(3600), "1h");
        assert_eq!(brief(183_600), "2d 3h");
        assert_eq!(brief(604_801), "1w");
    }
}
