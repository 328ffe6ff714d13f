//! Nothing is waited for beside the search: Ctrl-C ends the process there and then, and a console has
//! no bar to be taken off but the line it stands in.

use keyfob_keys::{Error, PrivateKey};
use keyfob_sys::signals::Held;

use crate::output::Progress;

/// Searches.
pub(super) fn watched(
    held: Option<Held>,
    _progress: &Progress,
    search: impl FnOnce() -> Result<PrivateKey, Error> + Send,
) -> Result<PrivateKey, Error> {
    drop(held);
    search()
}
