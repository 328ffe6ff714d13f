//! The modes of `ssh-keygen` that keyfob does not have yet, each named at the
//! place in the original's order where it would begin.

use std::ffi::OsStr;

use keyfob_sys::os_text::OsStrExt as _;

use super::flags::Given;
use super::wrong;
use crate::exit::Exit;
use crate::output;
use crate::voice::shown;

/// Signatures of files; only their names are known here.
const OPERATIONS: [&[u8]; 5] =
    [b"find-principals", b"match-principals", b"sign", b"check-novalidate", b"verify"];

/// `-Y`
pub(super) fn signatures(operation: &OsStr) -> Result<(), Exit> {
    let operation = operation.as_bytes();
    if OPERATIONS.iter().any(|known| operation.starts_with(known)) {
        return Err(missing("make or check signatures of files (-Y)"));
    }
    Err(wrong(&format!("Unsupported operation for -Y: \"{}\"", shown(operation))))
}

/// What goes before `-L`.
pub(super) fn before_certificates(given: &Given) -> Result<(), Exit> {
    refuse(
        given,
        &[
            ('k', "make revocation lists (-k)"),
            ('Q', "query revocation lists (-Q)"),
            ('s', "sign certificates (-s)"),
        ],
    )
}

/// What goes before `-l`.
pub(super) fn before_fingerprints(given: &Given) -> Result<(), Exit> {
    refuse(
        given,
        &[
            ('F', "search known_hosts (-F)"),
            ('R', "remove hosts from known_hosts (-R)"),
            ('H', "hash known_hosts (-H)"),
            ('D', "read keys from a token (-D)"),
            ('K', "download keys from a token (-K)"),
        ],
    )
}

/// What goes before generation.
pub(super) fn before_generation(given: &Given) -> Result<(), Exit> {
    let modes = [('r', "make DNS records (-r)"), ('M', "make groups for Diffie-Hellman (-M)")];
    refuse(given, &modes)
}

/// `-t ed25519-sk` and the like.
pub(super) fn token() -> Exit {
    missing("make keys on a token")
}

fn refuse(given: &Given, modes: &[(char, &str)]) -> Result<(), Exit> {
    match modes.iter().find(|(letter, _)| given.has(*letter)) {
        Some((_, what)) => Err(missing(what)),
        None => Ok(()),
    }
}

fn missing(what: &str) -> Exit {
    output::note(format!("keyfob's ssh-keygen does not {what} yet"));
    output::hint("OpenSSH's own ssh-keygen does");
    Exit::Failure
}
