//! Text from outside, made safe to show.
//!
//! A comment, a file name or a process name comes from a stranger. Shown as it is it could move
//! the cursor, rewrite the lines above, or turn the reading direction so that a question says
//! something else than it asks. Everything that is not a visible character is spelt out.
//! The result is for eyes only: it is not meant to be read back (a backslash stays a backslash).

use std::fmt::Write as _;

/// The whole text, safe for a terminal or a dialog, on one line.
pub fn for_display(text: &[u8]) -> String {
    let mut shown = String::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        for character in chunk.valid().chars() {
            push(&mut shown, character);
        }
        for byte in chunk.invalid() {
            push_byte(&mut shown, *byte);
        }
    }
    shown
}

/// At most `limit` characters of it, the last one `…` when something is missing.
///
/// For dialogs: a comment may have any length, a window has not, and neither has the argument
/// of a program (128 KiB on Linux; beyond it the program would not start at all).
pub fn for_display_within(text: &[u8], limit: usize) -> String {
    // A character takes at most four bytes, so more than this cannot be shown anyway.
    let enough = limit.saturating_add(1).saturating_mul(4).min(text.len());
    let shown = for_display(&text[..enough]);
    let Some((cut, _)) = shown.char_indices().nth(limit) else {
        return shown;
    };
    let last = shown[..cut].char_indices().next_back().map_or(0, |(at, _)| at);
    format!("{}…", &shown[..last])
}

fn push(shown: &mut String, character: char) {
    match character {
        '\0'..='\x1f' | '\x7f' => push_byte(shown, character as u8),
        _ if is_hidden(character) => {
            // Writing to a String cannot fail.
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(character));
        }
        _ => shown.push(character),
    }
}

fn push_byte(shown: &mut String, byte: u8) {
    let _ = write!(shown, "\\x{byte:02x}");
}

/// Characters that are not seen but change what is seen (Unicode's controls and formats, and
/// its two line ends).
fn is_hidden(character: char) -> bool {
    matches!(
        character,
        '\u{80}'..='\u{9f}'                     // C1 controls: terminals obey them
            | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}'
            | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}' | '\u{ffa0}' // blank letters
            | '\u{200b}'..='\u{200f}'           // zero width, direction marks
            | '\u{2028}'..='\u{202e}'           // line ends, direction overrides
            | '\u{2060}'..='\u{206f}'           // joiners, isolates, deprecated formats
            | '\u{feff}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'         // tags: a whole hidden alphabet
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ordinary_text_of_any_language_is_left_alone() {
        for text in ["", "me@host", "Schlüssel für Zürich", "鍵", "ключ", "key (old) \\ backup"]
        {
            assert_eq!(for_display(text.as_bytes()), text);
        }
    }

    #[test]
    fn what_a_terminal_would_obey_is_spelt_out() {
        assert_eq!(for_display(b"\x1b[2Jgone\r\n"), r"\x1b[2Jgone\x0d\x0a");
        assert_eq!(for_display("\u{9b}2J".as_bytes()), r"\u{9b}2J");
        assert_eq!(for_display(b"a\0b\x7f"), r"a\x00b\x7f");
    }

    #[test]
    fn nothing_turns_the_reading_direction() {
        assert_eq!(for_display("gpj.\u{202e}exe".as_bytes()), r"gpj.\u{202e}exe");
        assert_eq!(for_display("a\u{2066}b\u{200b}".as_bytes()), r"a\u{2066}b\u{200b}");
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_as_bytes() {
        assert_eq!(for_display(b"caf\xe9 \xf0\x9f"), r"caf\xe9 \xf0\x9f");
    }

    #[test]
    fn long_text_is_cut_where_one_can_see_it() {
        assert_eq!(for_display_within("abcdef".as_bytes(), 6), "abcdef");
        assert_eq!(for_display_within("abcdef".as_bytes(), 5), "abcd…");
        assert_eq!(for_display_within("ключи".as_bytes(), 3), "кл…");
        assert_eq!(for_display_within(b"ab", 0), "…");
        assert_eq!(for_display_within(b"", 0), "");
    }

    proptest! {
        #[test]
        fn whatever_comes_in_nothing_hidden_comes_out(text in any::<Vec<u8>>()) {
            let shown = for_display(&text);
            prop_assert!(!shown.chars().any(|c| c.is_control() || is_hidden(c)), "{shown:?}");
        }

        #[test]
        fn any_character_comes_out_visible(text in any::<String>()) {
            let shown = for_display(text.as_bytes());
            prop_assert!(!shown.chars().any(|c| c.is_control() || is_hidden(c)), "{shown:?}");
        }

        #[test]
        fn a_limit_is_kept(text in any::<Vec<u8>>(), limit in 0_usize..40) {
            let shown = for_display_within(&text, limit);
            prop_assert!(shown.chars().count() <= limit.max(1));
        }
    }
}
