//! Pipes go with their agent: nothing of it is left to be removed.

use std::path::Path;

/// There are none.
#[allow(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
pub(in crate::commands::agent) fn sockets(_home: &Path, _all_hosts: bool) -> Result<(), String> {
    Ok(())
}
