//! Checks signatures.

use crate::key_data::KeyData;
use crate::{Error, Result};

/// Whether RSA signatures with SHA-1 are looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sha1 {
    Refused,
    Allowed,
}

pub(crate) fn check(
    _key: &KeyData,
    _data: &[u8],
    _signature_blob: &[u8],
    _sha1: Sha1,
) -> Result<(), Error> {
    todo!("verify")
}
