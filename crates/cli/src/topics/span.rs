//! Texts in which backquotes mark what is meant to be typed.

/// A piece of a text: what it says, and whether it is to be typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span<'a> {
    pub(crate) text: &'a str,
    pub(crate) is_typed: bool,
}

/// The pieces, without the marks.
pub(crate) fn spans(text: &str) -> impl Iterator<Item = Span<'_>> {
    let pieces = text.split('`').enumerate();
    pieces
        .map(|(at, text)| Span { text, is_typed: at % 2 == 1 })
        .filter(|span| !span.text.is_empty())
}

/// What is to be typed.
#[cfg(test)]
pub(super) fn typed(text: &str) -> Vec<String> {
    spans(text).filter(|span| span.is_typed).map(|span| span.text.to_owned()).collect()
}

/// The words of the rest.
#[cfg(test)]
pub(super) fn spoken(text: &str) -> Vec<String> {
    let rest = spans(text).filter(|span| !span.is_typed);
    rest.flat_map(|span| span.text.split_whitespace().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_take_turns() {
        assert_eq!(typed("`a b` or `c`, as you like"), ["a b", "c"]);
        assert_eq!(spoken("`a b` or `c`, as you like"), ["or", ",", "as", "you", "like"]);
        assert_eq!(spans("bare").count(), 1);
    }
}
