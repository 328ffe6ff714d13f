//! Comments in the headers of RFC 4716 and ssh.com: their quotation marks.

/// The text between quotation marks, if it stands between two (RFC 4716 §3.3.2).
pub(crate) fn unquoted(value: &[u8]) -> &[u8] {
    value.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(value)
}

/// As [`unquoted`], and a quotation mark or backslash inside may have a backslash in front of
/// it, as puttygen writes them. The RFC does not say; other backslashes stay, because
/// `"DOMAIN\user"` of other programs means what it says.
pub(crate) fn unescaped(value: &[u8]) -> Vec<u8> {
    let inner = unquoted(value);
    if inner.len() == value.len() {
        return value.to_vec();
    }
    let mut text = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let [first, more @ ..] = rest {
        match (first, more) {
            (b'\\', [escaped @ (b'\\' | b'"'), after @ ..]) => {
                text.push(*escaped);
                rest = after;
            }
            _ => {
                text.push(*first);
                rest = more;
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotation_marks_come_in_pairs() {
        for (value, text) in [
            (&b"plain"[..], &b"plain"[..]),
            (b"\"quoted\"", b"quoted"),
            (b"\"", b"\""),
            (b"\"\"", b""),
            (b"", b""),
            (b"\"half", b"\"half"),
            (b"say \"so\"", b"say \"so\""),
        ] {
            assert_eq!(unquoted(value), text);
            assert_eq!(unescaped(value), text);
        }
    }

    #[test]
    fn only_what_had_to_be_escaped_is_escaped() {
        assert_eq!(unescaped(br#""a \"b\" \\ c""#), br#"a "b" \ c"#);
        assert_eq!(unescaped(br#""DOMAIN\user""#), br"DOMAIN\user");
        assert_eq!(unescaped(br"a\\b"), br"a\\b", "not between quotation marks");
        assert_eq!(unescaped(br#""end\""#), br"end\");
    }
}
