//! The other programs: what each can make and read, and how it is asked.
//!
//! What a program does not know is written down here as `None`, measured with Debian 12's
//! OpenSSH 9.2, PuTTY 0.78 and OpenSSL 3.0.

pub(crate) mod openssl;
pub(crate) mod puttygen;
pub(crate) mod ssh_keygen;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::key::{PASSPHRASE, Subject};

/// Runs a program without a terminal; what it prints, or what it complains of.
pub(crate) fn run(command: &mut Command) -> Result<String, String> {
    let output = command
        .stdin(Stdio::null())
        .env_remove("SSH_ASKPASS")
        .env_remove("DISPLAY")
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command:?}: {}: {said}", output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// `type base64` of a public key line.
pub(crate) fn key_of(line: &str) -> Result<Option<String>, String> {
    let words: Vec<&str> = line.split_whitespace().take(2).collect();
    if words.len() == 2 { Ok(Some(words.join(" "))) } else { Err(format!("no key: {line:?}")) }
}

/// A file with the passphrase of this key in its first line, empty for none.
pub(crate) fn passphrase_file(subject: Subject, key: &Path) -> PathBuf {
    let path = key.with_extension("passphrase");
    let text = if subject.encrypted { format!("{PASSPHRASE}\n") } else { String::new() };
    fs::write(&path, text).expect("the test's folder is writable");
    path
}
