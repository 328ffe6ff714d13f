//! Text in lines that fit, with nothing in it that a terminal would obey.

use keyfob_prompt::escape;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// The lines of a text from the agent, each no wider than this. The agent has made it safe already;
/// this is a program of its own, and does not rely on it.
pub(super) fn of(text: &[u8], width: usize) -> Vec<String> {
    let lines = text.split(|byte| *byte == b'\n');
    lines.flat_map(|line| wrapped(&escape::for_display(line), width)).collect()
}

/// One line, cut at its end where it is too wide.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let (mut kept, mut room) = (String::new(), width.saturating_sub(1));
    for character in text.chars() {
        let cells = character.width().unwrap_or(0);
        if cells > room {
            break;
        }
        room -= cells;
        kept.push(character);
    }
    if width > 0 {
        kept.push('…');
    }
    kept
}

/// Broken between words, and within one that is too long for a line.
fn wrapped(line: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in line.split_inclusive(' ') {
        let bare = word.trim_end_matches(' ').width();
        if used > 0 && used + bare > width {
            lines.push(String::new());
            used = 0;
        }
        for character in word.chars() {
            let cells = character.width().unwrap_or(0);
            if used + cells > width {
                // A space at the end of a line is not missed.
                if character == ' ' {
                    continue;
                }
                lines.push(String::new());
                used = 0;
            }
            if let Some(last) = lines.last_mut() {
                last.push(character);
            }
            used += cells;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_lose_nothing() {
        let lines = of(b"Allow use of key me@host?\nAsked by ssh.", 10);
        assert_eq!(lines, ["Allow use ", "of key ", "me@host?", "Asked by ", "ssh."]);
        assert_eq!(of(b"abcdefghijkl", 5), ["abcde", "fghij", "kl"]);
        assert_eq!(of("鍵鍵鍵".as_bytes(), 5), ["鍵鍵", "鍵"]);
        assert_eq!(of(b"", 5), [""]);
        assert!(of(b"abc", 0).len() >= 3);
    }

    /// Lost otherwise: an agent that is not what it seems draws a question of its own.
    #[test]
    fn nothing_reaches_the_terminal_that_it_would_obey() {
        let lines = of(b"a\x1b[2Jb\r\xe2\x80\xaec", 80);
        assert_eq!(lines, ["a\\x1b[2Jb\\x0d\\u{202e}c"]);
    }

    #[test]
    fn a_cut_is_seen() {
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("abc", 4), "abc");
        assert_eq!(cut("鍵鍵鍵", 4), "鍵…");
        assert_eq!(cut("abc", 0), "");
    }
}
