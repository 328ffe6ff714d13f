//! Host keys of a destination, looked up in known hosts files as `ssh-add -h` does.
//!
//! Reads the files; what their lines mean is in `keyfob-hosts`.

use std::collections::HashMap;
use std::path::PathBuf;

use keyfob_hosts::{HostKey, Index, Search};
use keyfob_keys::{Fingerprint, HashKind, PublicKey};

use crate::files;

/// The files `ssh` itself would read, `~` not yet expanded.
pub(crate) const DEFAULT_FILES: [&str; 4] = [
    "~/.ssh/known_hosts",
    "~/.ssh/known_hosts2",
    "/etc/ssh/ssh_known_hosts",
    "/etc/ssh/ssh_known_hosts2",
];

/// Known hosts files of large sites have many thousand lines.
const LARGEST: usize = 64 << 20;

/// What was found, and what could not be read.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// In the order of the files and lines; revoked keys are left out.
    pub(crate) keys: Vec<HostKey>,
    /// Files that exist but could not be read, and lines that make no sense.
    pub(crate) complaints: Vec<String>,
}

/// `host:port` as known hosts files write it, `[host]:port`, and not at all where it is 22.
pub(crate) fn as_written(name: &str) -> String {
    let (host, port) = match name.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, "")) => (host, "22"),
        Some((host, port)) => (host, port.strip_prefix(':').unwrap_or(port)),
        None => match name.split_once(':') {
            // With several it is an address of IPv6.
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, port),
            _ => (name, "22"),
        },
    };
    if port == "22" { host.to_owned() } else { format!("[{host}]:{port}") }
}

/// All keys for a host, as these files name it.
///
/// A missing file is no complaint: the default ones rarely all exist.
pub(crate) fn look_up(host: &[u8], paths: &[PathBuf]) -> Found {
    let mut found = Found::default();
    for path in paths {
        match files::open(path).map_err(Into::into).and_then(|mut file| file.read_up_to(LARGEST)) {
            Ok(text) => {
                let (keys, complaints) = keyfob_hosts::keys_of(host, &text);
                found.keys.extend(keys);
                let place = |line| format!("{}:{line}", path.display());
                let complaints = complaints.into_iter();
                found
                    .complaints
                    .extend(complaints.map(|c| format!("{}: {}", place(c.line), c.why)));
            }
            Err(error) if error.is_missing() => {}
            Err(error) => found.complaints.push(format!("{}: {error}", path.display())),
        }
    }
    found
}

/// What all hosts of these files are called, by the SHA-256 of their keys.
#[derive(Debug, Default)]
pub(crate) struct Names {
    index: Index,
    keys: HashMap<[u8; 32], PublicKey>,
}

impl Names {
    /// Of the files that can be read; what cannot is told by whoever looks a host up.
    pub(crate) fn read(paths: &[PathBuf]) -> Self {
        let mut names = Self::default();
        for path in paths {
            if let Ok(mut file) = files::open(path)
                && let Ok(text) = file.read_up_to(LARGEST)
            {
                names.index.read(&text);
            }
        }
        let keys = names.index.blobs().filter_map(|blob| PublicKey::from_blob(blob).ok());
        names.keys = keys.map(|key| (print(&key), key)).collect();
        names
    }

    /// What the host of this key is called: without doubles, empty where nobody says it. Hashed
    /// names are found if they are among the candidates.
    pub(crate) fn of(&self, print: &[u8; 32], candidates: &[String]) -> Vec<String> {
        let search = |key| Search { key, candidates, unix: 0 };
        self.keys.get(print).map(|key| self.index.names(&search(key))).unwrap_or_default()
    }
}

/// The SHA-256 of a key's blob.
pub(crate) fn print(key: &PublicKey) -> [u8; 32] {
    match key.fingerprint(HashKind::Sha256) {
        Fingerprint::Sha256(hash) => hash,
        _ => [0; 32],
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHU6rb2yviiPNJtMtZqM1V5bo/DzzNLcgBln/8DC0ngN";

    #[test]
    fn a_complaint_names_the_file_and_the_line_and_a_missing_file_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("known hosts");
        std::fs::write(&path, format!("h ssh-ed25519 !!!\nh {KEY}\n")).unwrap();
        let found = look_up(b"h", &[folder.path().join("missing"), path.clone()]);
        assert_eq!(found.keys.len(), 1);
        assert_eq!(found.complaints.len(), 1, "{:?}", found.complaints);
        let place = format!("{}:1: ", path.display());
        assert!(found.complaints[0].starts_with(&place), "{:?}", found.complaints);
    }

    #[test]
    fn a_directory_in_place_of_the_file_is_a_complaint_not_a_hang() {
        let folder = tempfile::tempdir().unwrap();
        let found = look_up(b"h", &[folder.path().to_owned()]);
        assert_eq!(found.complaints.len(), 1);
    }
}
