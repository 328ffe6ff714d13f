//! What `--json` prints: one object, by words that mean the same in every command. (`keyfob log` prints
//! the lines of the log as they were written, maybe by an older agent.)
//!
//! A key is known by its `fingerprint`, SHA-256 unless another is asked for; its `public_key` is the line
//! of a `.pub` file. `comment` is what the key says of itself, `name` what the key store calls it. What was
//! found is a `fact`, perhaps with a `hint`. Times are seconds since 1970, spans are seconds.

use serde::Serialize;
use zeroize::Zeroizing;

/// The document and a line end. Some have a recovery code in them, so it is wiped in the end.
pub(crate) fn document(value: &impl Serialize) -> Zeroizing<Vec<u8>> {
    // What is printed so are plain structs of plain fields: serialising them cannot fail.
    let mut bytes = Zeroizing::new(serde_json::to_vec_pretty(value).unwrap_or_default());
    bytes.push(b'\n');
    bytes
}
