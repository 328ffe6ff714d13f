//! What an agent leaves behind that was ended without a word.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// Removes the file of a socket that nobody listens at any more, if it is there, and what is above it of
/// the folders of ours on this machine, as far as nothing else is in them.
pub(crate) fn remove(path: &Path) {
    if fs::remove_file(path).is_err_and(|error| error.kind() != ErrorKind::NotFound) {
        return;
    }
    // Ours in the account's folder, what is in it on Windows (`data`), and one for the socket. A folder
    // with something in it cannot be removed.
    for folder in path.ancestors().skip(1).take(3) {
        if fs::remove_dir(folder).is_err() {
            return;
        }
    }
}
