//! All that is in a folder, to compare it with what was there before.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// Path to content, with kind and mode in front of it.
pub(crate) type Tree = BTreeMap<PathBuf, (String, Vec<u8>)>;

/// Everything below a folder but sockets.
pub(crate) fn tree(folder: &Path) -> Tree {
    let mut tree = Tree::new();
    add(folder, &mut tree);
    tree
}

fn add(folder: &Path, tree: &mut Tree) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let facts = fs::symlink_metadata(&path).unwrap();
        let mode = facts.permissions().mode() & 0o7777;
        if facts.is_symlink() {
            let target = fs::read_link(&path).unwrap().into_os_string();
            tree.insert(path, ("link".to_owned(), target.into_encoded_bytes()));
        } else if facts.is_dir() {
            tree.insert(path.clone(), (format!("folder {mode:o}"), Vec::new()));
            add(&path, tree);
        } else if facts.is_file() {
            let content = fs::read(&path).unwrap();
            tree.insert(path, (format!("file {mode:o}"), content));
        }
    }
}
