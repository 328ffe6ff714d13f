//! Host keys of a destination, looked up in known hosts files as `ssh-add -h` does.
//!
//! Reads and matches; never writes, never asks the network, and does not
//! judge what a key found here may be used for.

mod line;
mod names;

use std::path::{Path, PathBuf};

use keyfob_keys::PublicKey;

use crate::files;
use line::{Line, Marker};

/// The files `ssh` itself would read, `~` not yet expanded.
pub(crate) const DEFAULT_FILES: [&str; 4] = [
    "~/.ssh/known_hosts",
    "~/.ssh/known_hosts2",
    "/etc/ssh/ssh_known_hosts",
    "/etc/ssh/ssh_known_hosts2",
];

/// Known hosts files of large sites have many thousand lines.
const LARGEST: usize = 64 << 20;

/// A key some file gives for the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HostKey {
    /// The key itself, or the authority's.
    pub(crate) key: PublicKey,
    /// Whether hosts are identified by certificates this key signed.
    pub(crate) is_authority: bool,
}

/// What was found, and what could not be read.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// In the order of the files and lines; revoked keys are left out.
    pub(crate) keys: Vec<HostKey>,
    /// Files that exist but could not be read, and lines that make no sense.
    pub(crate) complaints: Vec<String>,
}

/// All keys for a host, as these files name it.
///
/// A missing file is no complaint: the default ones rarely all exist.
pub(crate) fn look_up(host: &[u8], paths: &[PathBuf]) -> Found {
    let host = host.to_ascii_lowercase();
    let mut found = Found::default();
    for path in paths {
        match files::open(path).map_err(Into::into).and_then(|mut file| file.read_up_to(LARGEST)) {
            Ok(text) => search(&host, path, &text, &mut found),
            Err(error) if error.is_missing() => {}
            Err(error) => found.complaints.push(format!("{}: {error}", path.display())),
        }
    }
    found
}

/// Looks through one file.
fn search(host: &[u8], path: &Path, text: &[u8], found: &mut Found) {
    for (index, bytes) in text.split(|byte| *byte == b'\n').enumerate() {
        match Line::parse(bytes) {
            Ok(Some(line)) if names::matches(line.names, host) => match line.key() {
                Ok(key) if line.marker != Marker::Revoked => {
                    found
                        .keys
                        .push(HostKey { key, is_authority: line.marker == Marker::Authority });
                }
                Ok(_) => {}
                Err(why) => found.complain(path, index, &why.to_string()),
            },
            Ok(_) => {}
            Err(why) => found.complain(path, index, why),
        }
    }
}

impl Found {
    fn complain(&mut self, path: &Path, index: usize, why: &str) {
        self.complaints.push(format!("{}:{}: {why}", path.display(), index + 1));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const A: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHU6rb2yviiPNJtMtZqM1V5bo/DzzNLcgBln/8DC0ngN";
    const B: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIdDU8jt3BhCxqytNoZ2kkY/Ff3bAzlISB/BRjTqhGxf";

    fn found(host: &str, text: &str) -> Found {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("known hosts");
        std::fs::write(&path, text).unwrap();
        look_up(host.as_bytes(), &[folder.path().join("missing"), path])
    }

    fn lines(host: &str, text: &str) -> Vec<(String, bool)> {
        found(host, text)
            .keys
            .iter()
            .map(|host| (String::from_utf8(host.key.to_line(b"")).unwrap(), host.is_authority))
            .collect()
    }

    #[test]
    fn every_line_for_the_host_counts_and_authorities_are_marked() {
        let text = format!(
            "# comment\n\nother {B}\nHost.example,10.0.0.1 {A}\n@cert-authority *.example {B} ca\n"
        );
        assert_eq!(lines("host.EXAMPLE", &text), [(A.to_owned(), false), (B.to_owned(), true)]);
    }

    #[test]
    fn a_revoked_key_identifies_nobody() {
        assert_eq!(lines("h", &format!("@revoked h {A}\n")), []);
    }

    #[test]
    fn a_bad_line_does_not_hide_the_rest() {
        let text = format!("h ssh-ed25519 !!!\n@unknown h {A}\nh\nh {A}\n");
        let found = found("h", &text);
        assert_eq!(found.keys.len(), 1);
        assert_eq!(found.complaints.len(), 3, "{:?}", found.complaints);
    }

    #[test]
    fn a_directory_in_place_of_the_file_is_a_complaint_not_a_hang() {
        let folder = tempfile::tempdir().unwrap();
        let found = look_up(b"h", &[folder.path().to_owned()]);
        assert_eq!(found.complaints.len(), 1);
    }
}
