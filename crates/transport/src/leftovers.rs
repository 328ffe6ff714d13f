//! What an agent leaves behind that was ended without a word.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// Removes the file of a socket that nobody listens at any more, if it is there, and so many folders of
/// ours above it, as far as nothing else is in them.
pub(crate) fn remove(path: &Path, folders: usize) {
    if fs::remove_file(path).is_err_and(|error| error.kind() != ErrorKind::NotFound) {
        return;
    }
    // One with something in it cannot be removed.
    for folder in path.ancestors().skip(1).take(folders) {
        if fs::remove_dir(folder).is_err() {
            return;
        }
    }
}
