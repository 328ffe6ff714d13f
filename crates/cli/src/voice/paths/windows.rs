//! As both PowerShell and the command prompt take them.

use std::path::Path;

use super::super::shown;

/// The command prompt knows no tilde.
pub(super) const TILDE_COUNTS: bool = false;

/// One word to both shells, and to no program a flag. What PowerShell would read inside of double quotes
/// stands in single ones, which are its alone.
pub(super) fn quoted(path: &Path) -> String {
    const OPENING: [char; 7] = ['$', '`', '\u{201c}', '\u{201d}', '\u{201e}', '\n', '\r'];
    const SINGLE: [char; 5] = ['\'', '\u{2018}', '\u{2019}', '\u{201a}', '\u{201b}'];
    let path = shown(path.as_os_str().as_encoded_bytes());
    let path = match path.strip_prefix('/') {
        Some(rest) => format!("\\{rest}"),
        // A dash alone is standard input.
        None if path.starts_with('-') && path.len() > 1 => format!(".\\{path}"),
        None => path,
    };
    if !path.is_empty() && path.chars().all(is_plain) {
        return path;
    }
    // A backslash in front of the closing quote would be read as part of the word.
    let path = path.trim_end_matches('\\');
    if !path.contains(OPENING) {
        return format!("\"{path}\"");
    }
    let doubled = path.chars().flat_map(|it| {
        let again = SINGLE.contains(&it).then_some(it);
        std::iter::once(it).chain(again)
    });
    format!("'{}'", doubled.collect::<String>())
}

pub(super) fn is_plain(letter: char) -> bool {
    letter.is_alphanumeric() || r"\/:._-+~".contains(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_to_both_shells() {
        for (path, expected) in [
            (r"C:\Users\me\.ssh\id_rsa", r"C:\Users\me\.ssh\id_rsa"),
            (r"C:\Users\Jo Doe\id", r#""C:\Users\Jo Doe\id""#),
            (r"C:\a&calc\id", r#""C:\a&calc\id""#),
            (r"C:\it's (one);two", r#""C:\it's (one);two""#),
            (r"$(calc)", r"'$(calc)'"),
            (r"it's $env:x", r"'it''s $env:x'"),
            ("a\u{201d};calc;\u{2019}", "'a\u{201d};calc;\u{2019}\u{2019}'"),
            ("/grant", r"\grant"),
            (r"C:\my keys\", r#""C:\my keys""#),
            (r"C:\", r"C:\"),
            ("-x", r".\-x"),
            ("-", "-"),
            ("", "\"\""),
        ] {
            assert_eq!(quoted(Path::new(path)), expected);
        }
    }
}
