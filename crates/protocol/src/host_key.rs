//! The key of a host, where a message names one.

use keyfob_keys::{PublicKey, Result};

/// Reads a host's key. One whose signatures are never believed (DSA) is refused: a binding to it
/// could only fail, and a destination it stands for never be reached.
pub(crate) fn read(blob: &[u8]) -> Result<PublicKey> {
    let key = PublicKey::from_blob(blob)?;
    key.ensure_verifies()?;
    Ok(key)
}
