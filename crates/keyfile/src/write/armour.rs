//! The text around what is written: `-----BEGIN …-----`, header lines, base64.

use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

/// Columns of base64 in a PEM block (RFC 7468 §2).
pub(crate) const PEM_COLUMNS: usize = 64;

/// A block with a label, header lines (each with its line end, and a blank line behind the
/// last) and bytes. The buffer has its whole length from the start: growing would leave
/// pieces of a key in freed memory.
pub(crate) fn block(
    label: &[u8],
    headers: &[u8],
    bytes: &[u8],
    columns: usize,
) -> Zeroizing<Vec<u8>> {
    let base64 = Zeroizing::new(Base64::encode_string(bytes));
    let dashes = "-----BEGIN -----\n-----END -----\n".len();
    let lines = base64.len().div_ceil(columns);
    let length = dashes + 2 * label.len() + headers.len() + base64.len() + lines;
    let mut text = Zeroizing::new(Vec::with_capacity(length));
    put(&mut text, &[b"-----BEGIN ", label, b"-----\n", headers]);
    put_lines(&mut text, base64.as_bytes(), columns);
    put(&mut text, &[b"-----END ", label, b"-----\n"]);
    debug_assert_eq!(text.len(), length);
    text
}

/// Cuts a text into lines. The buffer must have room for it.
pub(crate) fn put_lines(out: &mut Vec<u8>, text: &[u8], columns: usize) {
    for line in text.chunks(columns) {
        out.extend_from_slice(line);
        out.push(b'\n');
    }
}

fn put(out: &mut Vec<u8>, parts: &[&[u8]]) {
    parts.iter().for_each(|part| out.extend_from_slice(part));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_has_lines_of_so_many_columns() {
        let text = block(b"X", b"A: b\n\n", &[0; 49], 64);
        let expected =
            format!("-----BEGIN X-----\nA: b\n\n{}\n{}\n-----END X-----\n", "A".repeat(64), "AA==");
        assert_eq!(*text, expected.as_bytes());
        assert_eq!(*block(b"X", b"", &[], 64), *b"-----BEGIN X-----\n-----END X-----\n");
    }
}
