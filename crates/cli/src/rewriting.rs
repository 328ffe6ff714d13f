//! Key files written anew in memory: made, read back and compared, before anything on the disk
//! is touched.

use keyfob_keyfile::{
    Error as KeyFile, Format, Inspection, Limits, PrivateFile, PrivateForm, Protection, PublicForm,
    Randomness, read_private_within, read_public, write_private, write_public,
};
use keyfob_keys::PublicKey;
use zeroize::Zeroizing;

/// Why there is nothing to save.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The form has no room for the key, or the like.
    #[error(transparent)]
    KeyFile(#[from] KeyFile),
    /// What was written is not what was read.
    #[error("what was to be written does not read back as the same key")]
    Differs,
}

/// The form a private file has, if it is one that is written here.
pub(crate) fn form_of(inspection: &Inspection, bytes: &[u8]) -> Option<PrivateForm> {
    Some(match inspection.format {
        Format::OpenSsh => PrivateForm::OpenSsh,
        Format::Pkcs1 | Format::Sec1 | Format::Dsa => PrivateForm::Pem,
        Format::Pkcs8 => PrivateForm::Pkcs8,
        Format::Ppk if is_version_2(bytes) => PrivateForm::Ppk2,
        Format::Ppk => PrivateForm::Ppk3,
        _ => return None,
    })
}

/// Whether this form keeps a comment, and a certificate.
pub(crate) fn keeps_comment(form: PrivateForm) -> bool {
    matches!(form, PrivateForm::OpenSsh | PrivateForm::Ppk3 | PrivateForm::Ppk2)
}

/// Whether this form keeps a certificate.
pub(crate) fn keeps_certificate(form: PrivateForm) -> bool {
    matches!(form, PrivateForm::Ppk3 | PrivateForm::Ppk2)
}

/// The file in this form, found to hold the same key.
///
/// # Errors
/// [`Error`].
pub(crate) fn written(
    file: &PrivateFile,
    form: PrivateForm,
    protection: Option<&Protection<'_>>,
    limits: &Limits,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let randomness = Randomness::fresh()?;
    let bytes = write_private(&file.key, &file.comment, form, protection, &randomness)?;
    let passphrase = protection.map(|protection| protection.passphrase);
    // Within the limits: a file that takes too long to open is better not written.
    let back = read_private_within(&bytes, passphrase, limits)?;
    if is_same(file, &back, form) { Ok(bytes) } else { Err(Error::Differs) }
}

/// Whether this form keeps everything: comment and certificate.
pub(crate) fn is_whole(form: PublicForm) -> bool {
    matches!(form, PublicForm::Line | PublicForm::Rfc4716)
}

/// The public key in this form, found to be the same key.
///
/// # Errors
/// [`Error`].
pub(crate) fn written_public(
    key: &PublicKey,
    comment: &[u8],
    form: PublicForm,
) -> Result<Vec<u8>, Error> {
    let bytes = write_public(key, comment, form)?;
    let (back, _) = read_public(&bytes)?;
    let same = if is_whole(form) { back == *key } else { back == key.plain() };
    if same { Ok(bytes) } else { Err(Error::Differs) }
}

/// Reading has found that private and public half belong together: equal public halves are
/// equal keys.
fn is_same(file: &PrivateFile, back: &PrivateFile, form: PrivateForm) -> bool {
    let (wanted, found) = (file.key.public(), back.key.public());
    let same_key = if keeps_certificate(form) { wanted == found } else { wanted.plain() == *found };
    same_key && (back.comment == file.comment || !keeps_comment(form))
}

fn is_version_2(bytes: &[u8]) -> bool {
    const HEAD: &[u8] = b"PuTTY-User-Key-File-2:";
    bytes.windows(HEAD.len()).any(|window| window == HEAD)
}
