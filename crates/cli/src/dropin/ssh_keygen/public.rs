//! The public key a path means to `ssh-keygen`: a line of the file, a line of
//! the one beside it, the readable half of a private file, in this order.
//!
//! Not `public_file`'s order: there the private file's own half goes before a
//! file that lies beside it by chance.

use std::path::Path;

use keyfob_keyfile::{Format, inspect, read_public};
use keyfob_keys::PublicKey;
use keyfob_sys::os_text::OsStrExt as _;
use zeroize::Zeroizing;

use super::line;
use crate::files;

/// A public key, and its comment where the file has any.
pub(super) type Loaded = (PublicKey, Option<Vec<u8>>);

/// Looks for it; no passphrase is needed.
pub(super) fn load(path: &Path) -> Option<Loaded> {
    let bytes = read(path);
    let here = bytes.as_ref().and_then(|bytes| first_line(path, bytes));
    let beside = || {
        let path = files::beside(path, ".pub");
        read(&path).and_then(|bytes| first_line(&path, &bytes))
    };
    here.or_else(beside).or_else(|| bytes.and_then(|bytes| of_private(&bytes)))
}

fn read(path: &Path) -> Option<Zeroizing<Vec<u8>>> {
    files::open(path).ok()?.read().ok()
}

/// The first key in lines of text. One without a comment is called by its file.
fn first_line(path: &Path, bytes: &[u8]) -> Option<Loaded> {
    let lines = bytes.split(|byte| *byte == b'\n');
    let lines = lines.take_while(|line| !line.starts_with(b"-----BEGIN"));
    let mut keys = lines.filter(|line| !line::is_remark(line));
    let (key, rest) = keys.find_map(|line| line::key_at(line::trim_start(line)).ok())?;
    let comment = line::trim_start(rest).trim_ascii_end();
    let comment = if comment.is_empty() { path.as_os_str().as_bytes() } else { comment };
    Some((key, Some(comment.to_vec())))
}

/// The half that is not encrypted, of the forms that have one, and the other forms of public keys.
fn of_private(bytes: &[u8]) -> Option<Loaded> {
    let format = inspect(bytes).ok()?.format;
    let readable = !format.is_private() || matches!(format, Format::OpenSsh | Format::Ppk);
    let (key, comment) = read_public(bytes).ok().filter(|_| readable)?;
    // In OpenSSH's files the comment belongs to the private half.
    let told = format != Format::OpenSsh && !comment.is_empty();
    Some((key, told.then_some(comment)))
}
