//! Patterns for user and host names, as OpenSSH writes them: `*` is any run of bytes, `?` any
//! one byte, everything else itself. No lists, no negation, no escapes.
//!
//! Patterns and names both come from outside. The obvious recursive matcher takes exponential
//! time on `*a*a*a*a*b`; this one only ever goes back to the last star, so it takes at most as
//! many steps as pattern and text have bytes, multiplied, and both are limited.

use crate::limits::{MAX_USER_NAME, MAX_USER_PATTERN};

/// Whether `text` matches `pattern` from end to end. Bytes are compared, case matters.
///
/// A pattern longer than [`MAX_USER_PATTERN`] or a text longer than [`MAX_USER_NAME`] does not
/// match: a permission that is not understood is none.
#[must_use]
pub fn matches(pattern: &[u8], text: &[u8]) -> bool {
    matches_within(pattern, text, &mut { usize::MAX })
}

/// The same for whoever has to bound what many of them cost together: takes its steps, one for
/// each look at a byte, from `steps`, and matches nothing when they are used up.
#[must_use]
pub fn matches_within(pattern: &[u8], text: &[u8], steps: &mut usize) -> bool {
    if pattern.len() > MAX_USER_PATTERN || text.len() > MAX_USER_NAME {
        return false;
    }
    let (mut p, mut t) = (0, 0);
    // Behind the last star, and where its run of text ends at present.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        *steps = steps.saturating_sub(1);
        if *steps == 0 {
            return false;
        }
        match pattern.get(p) {
            Some(b'*') => {
                p += 1;
                star = Some((p, t));
            }
            Some(&byte) if byte == b'?' || byte == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                // The last star takes one byte more. An earlier star need not be tried again:
                // whatever it could take, the last one can take as well.
                let Some((behind, run)) = star else {
                    return false;
                };
                star = Some((behind, run + 1));
                (p, t) = (behind, run + 1);
            }
        }
    }
    pattern[p..].iter().all(|&byte| byte == b'*')
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn patterns_mean_what_they_mean_to_openssh() {
        let table: &[(&[u8], &[u8], bool)] = &[
            (b"", b"", true),
            (b"", b"a", false),
            (b"root", b"root", true),
            (b"root", b"Root", false),
            (b"root", b"roo", false),
            (b"root", b"rooty", false),
            (b"*", b"", true),
            (b"*", b"anybody", true),
            (b"?", b"", false),
            (b"?", b"a", true),
            (b"??", b"a", false),
            (b"r*t", b"rt", true),
            (b"r*t", b"root", true),
            (b"r*t", b"roots", false),
            (b"*root", b"not-root", true),
            (b"*o*o*", b"root", true),
            (b"*o*o*o*", b"root", false),
            (b"a*b*c", b"a.b.b.c", true),
            (b"a*bc", b"abbbc", true),
            (b"?*", b"", false),
            (b"**?", b"x", true),
            (b"*ab?c", b"ababxc", true),
            // Not a list, not a negation: a comma and a `!` are themselves.
            (b"root,admin", b"root", false),
            (b"!root", b"admin", false),
            (b"!root", b"!root", true),
            // A star in the text is a byte like any other.
            (b"a", b"*", false),
            (b"\xff?", b"\xff\xfe", true),
        ];
        for &(pattern, text, expected) in table {
            let said = (pattern.escape_ascii(), text.escape_ascii());
            assert_eq!(matches(pattern, text), expected, "{} on {}", said.0, said.1);
        }
    }

    /// Lost otherwise: one constraint keeps the agent busy for the age of the universe.
    #[test]
    fn the_worst_pattern_costs_no_more_than_its_limits_multiplied() {
        let text = [b'a'; MAX_USER_NAME];
        let many_stars = b"*a".repeat(MAX_USER_PATTERN / 2 - 1);
        assert!(!matches(&[&many_stars[..], b"b"].concat(), &text));
        let one_star = [b"*", &[b'a'; MAX_USER_PATTERN - 2][..], b"b"].concat();
        for _ in 0..100 {
            assert!(!matches(&one_star, &text));
        }
    }

    #[test]
    fn beyond_its_limits_nothing_matches() {
        assert!(matches(&[b'*'; MAX_USER_PATTERN], b"root"));
        assert!(!matches(&[b'*'; MAX_USER_PATTERN + 1], b"root"));
        assert!(matches(b"*", &[b'a'; MAX_USER_NAME]));
        assert!(!matches(b"*", &[b'a'; MAX_USER_NAME + 1]));
    }

    /// The definition, in the obvious and exponential form.
    fn by_definition(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern, text) {
            ([], _) => text.is_empty(),
            ([b'*', rest @ ..], _) => (0..=text.len()).any(|n| by_definition(rest, &text[n..])),
            ([b'?', rest @ ..], [_, tail @ ..]) => by_definition(rest, tail),
            ([byte, rest @ ..], [first, tail @ ..]) => byte == first && by_definition(rest, tail),
            (_, []) => false,
        }
    }

    proptest! {
        #[test]
        fn it_agrees_with_the_definition(pattern in "[ab*?]{0,9}", text in "[ab]{0,9}") {
            let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
            prop_assert_eq!(matches(pattern, text), by_definition(pattern, text));
        }
    }
}
