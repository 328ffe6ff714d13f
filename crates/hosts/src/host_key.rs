//! The keys of a host, as `ssh-add -h` looks them up.
//!
//! Every line counts that means the host; what a key found here may be used for is not judged.

use keyfob_keys::PublicKey;

use crate::line::{Line, Marker};
use crate::names;

/// A key some line gives for the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostKey {
    /// The key itself, or the authority's.
    pub key: PublicKey,
    /// Whether hosts are identified by certificates this key signed.
    pub is_authority: bool,
}

/// A line that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// Its number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

/// All keys for a host in the text of one file, in the order of its lines; revoked ones are left
/// out. The host is as the file writes it, `[host]:port` where the port is not 22.
pub fn keys_of(host: &[u8], text: &[u8]) -> (Vec<HostKey>, Vec<Complaint>) {
    let host = host.to_ascii_lowercase();
    let (mut keys, mut complaints) = (Vec::new(), Vec::new());
    for (index, bytes) in text.split(|byte| *byte == b'\n').enumerate() {
        let mut complain = |why| complaints.push(Complaint { line: index + 1, why });
        match Line::parse(bytes) {
            Ok(Some(line)) if names::matches(line.names, &host) => match line.key() {
                Ok(key) if line.marker != Marker::Revoked => {
                    keys.push(HostKey { key, is_authority: line.marker == Marker::Authority });
                }
                Ok(_) => {}
                Err(why) => complain(why.to_string()),
            },
            Ok(_) => {}
            Err(why) => complain(why.to_owned()),
        }
    }
    (keys, complaints)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const A: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHU6rb2yviiPNJtMtZqM1V5bo/DzzNLcgBln/8DC0ngN";
    const B: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIdDU8jt3BhCxqytNoZ2kkY/Ff3bAzlISB/BRjTqhGxf";

    fn lines(host: &str, text: &str) -> Vec<(String, bool)> {
        let (keys, _) = keys_of(host.as_bytes(), text.as_bytes());
        let line = |key: &PublicKey| String::from_utf8(key.to_line(b"")).unwrap();
        keys.iter().map(|host| (line(&host.key), host.is_authority)).collect()
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
        let (keys, complaints) = keys_of(b"h", text.as_bytes());
        assert_eq!(keys.len(), 1);
        let numbers: Vec<_> = complaints.iter().map(|complaint| complaint.line).collect();
        assert_eq!(numbers, [1, 2, 3], "{complaints:?}");
    }
}
