//! An item of the login keychain. macOS itself asks the person when another program than the one that
//! made it wants it.

use std::io;

use security_framework::passwords::{
    delete_generic_password, get_generic_password, set_generic_password,
};
use zeroize::Zeroizing;

pub(super) const KEEPER: Option<&str> = Some("the login keychain");

/// What Keychain Access shows it under.
const SERVICE: &str = "keyfob key store";
/// `errSecItemNotFound`
const NOT_FOUND: i32 = -25300;

pub(super) fn keep(name: &str, secret: &[u8]) -> io::Result<Vec<u8>> {
    set_generic_password(SERVICE, name, secret).map_err(io::Error::other)?;
    Ok(Vec::new())
}

pub(super) fn find(name: &str, _kept: &[u8], secret: &mut [u8]) -> io::Result<()> {
    let found = get_generic_password(SERVICE, name).map_err(|error| match error.code() {
        NOT_FOUND => io::ErrorKind::NotFound.into(),
        _ => io::Error::other(error),
    })?;
    let found = Zeroizing::new(found);
    if found.len() != secret.len() {
        return Err(io::ErrorKind::InvalidData.into());
    }
    secret.copy_from_slice(&found);
    Ok(())
}

pub(super) fn forget(name: &str) -> io::Result<()> {
    match delete_generic_password(SERVICE, name) {
        Err(error) if error.code() == NOT_FOUND => Ok(()),
        other => other.map_err(io::Error::other),
    }
}
