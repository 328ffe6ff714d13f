//! OpenSSH certificates (PROTOCOL.certkeys): read, and their CA's signature checked.
//!
//! Whether a certificate is valid *now*, for this user or host, is for the caller: this
//! crate has no clock and no opinion.

use std::sync::Arc;

use crate::key_data::KeyData;
use crate::limits::MAX_PRINCIPALS;
use crate::private_key::DSS_REASON;
use crate::public_key::read_type;
use crate::wire::Reader;
use crate::{Algorithm, Error, PublicKey, Result};

/// Whom a certificate speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CertificateKind {
    /// A user (type 1).
    User,
    /// A host (type 2).
    Host,
}

/// What a certificate says.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// The serial number its CA gave it.
    pub serial: u64,
    /// Whom it speaks of.
    pub kind: CertificateKind,
    /// Free text of its CA, for logs. From outside: escape it before it is shown.
    pub key_id: Vec<u8>,
    /// User or host names it is valid for. At most [`MAX_PRINCIPALS`].
    pub principals: Vec<Vec<u8>>,
    /// Valid from, in seconds since 1970.
    pub valid_after: u64,
    /// Valid until before, in seconds since 1970; `u64::MAX` for ever.
    pub valid_before: u64,
    /// Name and value, in the order of the certificate. Unknown ones must be refused by
    /// whoever accepts the certificate.
    pub critical_options: Vec<(Vec<u8>, Vec<u8>)>,
    /// Name and value, in the order of the certificate. Unknown ones are ignored.
    pub extensions: Vec<(Vec<u8>, Vec<u8>)>,
    /// The CA's key.
    pub authority: PublicKey,
    /// The CA's signature (`string algorithm, string signature`).
    pub signature: Vec<u8>,
    /// The whole blob, of which the first `signed` bytes are signed.
    blob: Arc<[u8]>,
    signed: usize,
}

impl Certificate {
    /// Checks the CA's signature. SHA-1 is refused, as OpenSSH's clients and servers do.
    ///
    /// # Errors
    /// [`Error::BadSignature`] when it does not verify.
    pub fn verify(&self) -> Result<()> {
        self.authority.verify(self.signed_part()?, &self.signature)
    }

    /// As [`Certificate::verify`], and a CA's RSA signature with SHA-1 is checked too.
    ///
    /// # Errors
    /// As [`Certificate::verify`].
    pub fn verify_allowing_sha1(&self) -> Result<()> {
        self.authority.verify_allowing_sha1(self.signed_part()?, &self.signature)
    }

    /// The name of the CA's kind of signature (`rsa-sha2-512`, …), as `ssh-keygen -L` prints it;
    /// none when the signature is not one. From outside: escape it before it is shown.
    #[must_use]
    pub fn signature_algorithm(&self) -> Option<&str> {
        Reader::new(&self.signature).utf8().ok()
    }

    fn signed_part(&self) -> Result<&[u8]> {
        // Never fails: `signed` is the blob's length less what follows.
        self.blob.get(..self.signed).ok_or(Error::Truncated)
    }

    /// Reads a whole certificate blob whose type name says `algorithm`.
    pub(crate) fn read(blob: &Arc<[u8]>, algorithm: Algorithm) -> Result<(KeyData, Self)> {
        let mut reader = Reader::new(blob);
        read_type(&mut reader)?;
        let _nonce = reader.string()?;
        let data = KeyData::read(&mut reader, algorithm)?;
        let serial = reader.u64()?;
        let kind = match reader.u32()? {
            1 => CertificateKind::User,
            2 => CertificateKind::Host,
            _ => return Err(Error::Malformed("certificate (neither user nor host)")),
        };
        let key_id = read_name(reader.string()?)?;
        let principals = read_principals(reader.string()?)?;
        let valid_after = reader.u64()?;
        let valid_before = reader.u64()?;
        let critical_options = read_options(reader.string()?)?;
        let extensions = read_options(reader.string()?)?;
        let _reserved = reader.string()?;
        let authority = read_authority(reader.string()?)?;
        let signed = blob.len() - reader.remaining();
        let signature = reader.string()?.to_vec();
        reader.finish()?;
        let certificate = Self {
            serial,
            kind,
            key_id,
            principals,
            valid_after,
            valid_before,
            critical_options,
            extensions,
            authority,
            signature,
            blob: Arc::clone(blob),
            signed,
        };
        Ok((data, certificate))
    }
}

fn read_principals(field: &[u8]) -> Result<Vec<Vec<u8>>> {
    let mut reader = Reader::new(field);
    let mut principals = Vec::new();
    while !reader.is_empty() {
        if principals.len() == MAX_PRINCIPALS {
            return Err(Error::TooLarge {
                what: "principals of a certificate",
                limit: MAX_PRINCIPALS,
            });
        }
        principals.push(read_name(reader.string()?)?);
    }
    Ok(principals)
}

/// A text that C programs keep with a NUL at its end: one there is dropped, one inside refused, as
/// OpenSSH does. It could not read a listing with such a certificate at all.
fn read_name(name: &[u8]) -> Result<Vec<u8>> {
    let name = name.strip_suffix(b"\0").unwrap_or(name);
    if name.contains(&0) {
        return Err(Error::Malformed("certificate (NUL in a name)"));
    }
    Ok(name.to_vec())
}

fn read_options(field: &[u8]) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
    let mut reader = Reader::new(field);
    let mut options = Vec::new();
    while !reader.is_empty() {
        options.push((reader.string()?.to_vec(), reader.string()?.to_vec()));
    }
    Ok(options)
}

/// A CA's key must be a plain one: certificates do not chain. Looked at before it is
/// parsed, or a certificate within a certificate within … would use up the stack.
fn read_authority(blob: &[u8]) -> Result<PublicKey> {
    let (algorithm, is_certificate) = read_type(&mut Reader::new(blob))?;
    if is_certificate {
        return Err(Error::Malformed("certificate (signed by a certificate)"));
    }
    if algorithm == Algorithm::Dss {
        return Err(Error::Unsupported { what: "a certificate signed with DSA", why: DSS_REASON });
    }
    PublicKey::from_blob(blob)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::wire::Put;
    use crate::{PrivateKey, SignatureScheme, Signer};

    /// What goes into a certificate that a test wants to be odd.
    struct Recipe {
        kind: u32,
        key_id: &'static [u8],
        principals: usize,
        /// One more, of this name.
        principal: Option<&'static [u8]>,
        authority: Vec<u8>,
        /// In the place of the true one.
        signature: Option<Vec<u8>>,
        trailing: bool,
    }

    fn authority() -> PrivateKey {
        PrivateKey::ed25519_from_seed(&[2; 32])
    }

    impl Recipe {
        fn good() -> Self {
            Self {
                kind: 1,
                key_id: b"id",
                principals: 1,
                principal: None,
                authority: authority().public().blob().to_vec(),
                signature: None,
                trailing: false,
            }
        }

        /// The blob, truly signed.
        fn make(&self) -> Vec<u8> {
            let mut blob = Vec::new();
            blob.put_string(Algorithm::Ed25519.certificate_name().as_bytes());
            blob.put_string(b"nonce");
            PrivateKey::ed25519_from_seed(&[1; 32]).public().data().write(&mut blob);
            blob.put_u64(5);
            blob.put_u32(self.kind);
            blob.put_string(self.key_id);
            let mut principals = Vec::new();
            for n in 0..self.principals {
                principals.put_string(n.to_string().as_bytes());
            }
            if let Some(name) = self.principal {
                principals.put_string(name);
            }
            blob.put_string(&principals);
            blob.put_u64(0);
            blob.put_u64(u64::MAX);
            for _ in ["critical options", "extensions", "reserved"] {
                blob.put_string(b"");
            }
            blob.put_string(&self.authority);
            let signer = Signer::prepare(&authority()).unwrap();
            let signature = signer.sign(&blob.clone(), SignatureScheme::Default).unwrap();
            blob.put_string(self.signature.as_ref().unwrap_or(&signature));
            if self.trailing {
                blob.push(0);
            }
            blob
        }
    }

    fn read(recipe: &Recipe) -> Result<PublicKey> {
        PublicKey::from_blob(&recipe.make())
    }

    #[test]
    fn a_good_one_is_read_and_verifies() {
        let key = read(&Recipe::good()).unwrap();
        let certificate = key.certificate().unwrap();
        certificate.verify().unwrap();
        assert_eq!(certificate.principals, [b"0".to_vec()]);
        assert_eq!(&certificate.authority, authority().public());
    }

    #[test]
    fn p10_256_principals_are_read_and_257_refused() {
        let with = |principals| read(&Recipe { principals, ..Recipe::good() });
        assert!(with(256).is_ok());
        assert!(matches!(with(257), Err(Error::TooLarge { limit: 256, .. })));
    }

    #[test]
    fn one_signed_by_a_certificate_is_refused_however_deep() {
        let mut recipe = Recipe::good();
        // A thousand deep would use up the stack, were it followed before it is refused.
        for _ in 0..1000 {
            recipe.authority = recipe.make();
        }
        let refused = read(&recipe);
        assert_eq!(refused.err(), Some(Error::Malformed("certificate (signed by a certificate)")));
    }

    #[test]
    fn neither_user_nor_host_is_refused() {
        for kind in [0, 3, u32::MAX] {
            assert!(read(&Recipe { kind, ..Recipe::good() }).is_err());
        }
    }

    #[test]
    fn bytes_after_the_signature_are_refused() {
        let recipe = Recipe { trailing: true, ..Recipe::good() };
        assert_eq!(read(&recipe).err(), Some(Error::Trailing(1)));
    }

    #[test]
    fn the_kind_of_its_signature_is_named_when_it_is_one() {
        let key = read(&Recipe::good()).unwrap();
        assert_eq!(key.certificate().unwrap().signature_algorithm(), Some("ssh-ed25519"));
        for signature in [b"".to_vec(), vec![0, 0], vec![0, 0, 0, 1, 0xff]] {
            let key = read(&Recipe { signature: Some(signature), ..Recipe::good() }).unwrap();
            assert_eq!(key.certificate().unwrap().signature_algorithm(), None);
        }
    }

    #[test]
    fn one_that_another_ca_signed_does_not_verify() {
        let recipe = Recipe {
            authority: PrivateKey::ed25519_from_seed(&[3; 32]).public().blob().to_vec(),
            ..Recipe::good()
        };
        let key = read(&recipe).unwrap();
        assert_eq!(key.certificate().unwrap().verify(), Err(Error::BadSignature));
    }
    /// The private key of the recipes with this certificate, as a client adds it.
    fn added(recipe: &Recipe) -> Result<PrivateKey> {
        let key = PrivateKey::ed25519_from_seed(&[1; 32]);
        let mut public = Vec::new();
        key.public().data().write(&mut public);
        let mut bytes = Vec::new();
        bytes.put_string(Algorithm::Ed25519.certificate_name().as_bytes());
        bytes.put_string(&recipe.make());
        bytes.extend_from_slice(&public);
        bytes.put_string(&[&[1; 32], &public[4..]].concat());
        PrivateKey::decode(&mut Reader::new(&bytes))
    }

    /// Lost otherwise: whoever may add a key adds one whose certificate OpenSSH cannot read, and
    /// its clients throw the whole listing away.
    #[test]
    fn a_private_key_comes_with_no_certificate_that_openssh_cannot_read() {
        assert!(added(&Recipe::good()).is_ok());
        let mut named = Vec::new();
        named.put_string(b"ssh-rsa");
        named.put_string(&[7; 64]);
        let mut longer = Vec::new();
        longer.put_string(b"ssh-ed25519");
        longer.put_string(&[7; 64]);
        longer.push(0);
        for signature in [b"".to_vec(), vec![0, 0], named, longer] {
            let recipe = Recipe { signature: Some(signature.clone()), ..Recipe::good() };
            assert!(added(&recipe).is_err(), "{}", signature.escape_ascii());
        }
    }

    #[test]
    fn a_name_with_a_nul_inside_is_refused_and_one_at_its_end_dropped() {
        for inside in [&b"a\0b"[..], b"\0\0"] {
            assert!(read(&Recipe { key_id: inside, ..Recipe::good() }).is_err());
            assert!(read(&Recipe { principal: Some(inside), ..Recipe::good() }).is_err());
        }
        let ends = Recipe { key_id: b"id\0", principal: Some(b"host\0"), ..Recipe::good() };
        let key = read(&ends).unwrap();
        let certificate = key.certificate().unwrap();
        assert_eq!(certificate.key_id, b"id");
        assert_eq!(certificate.principals[1], b"host");
        certificate.verify().unwrap();
    }
}
