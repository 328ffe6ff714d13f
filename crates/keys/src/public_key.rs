//! A public key, plain or as certificate: what it is, its blob, its fingerprint.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::certificate::Certificate;
use crate::key_data::KeyData;
use crate::private_key::DSS_REASON;
use crate::wire::Reader;
use crate::{Algorithm, Error, Fingerprint, HashKind, Result, line, verify};

/// A public key or certificate. Cloning costs a reference count; two are equal when their
/// blobs are.
#[derive(Clone)]
pub struct PublicKey {
    inner: Arc<Inner>,
}

struct Inner {
    blob: Arc<[u8]>,
    data: KeyData,
    /// Boxed: most keys have none, and an agent may hold ten thousand.
    certificate: Option<Box<Certificate>>,
}

impl PublicKey {
    /// Reads a blob, to its last byte.
    ///
    /// # Errors
    /// What is wrong with it; see [`Error`].
    pub fn from_blob(blob: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(blob);
        let (algorithm, is_certificate) = read_type(&mut reader)?;
        if is_certificate {
            let blob: Arc<[u8]> = blob.into();
            let (data, certificate) = Certificate::read(&blob, algorithm)?;
            return Ok(Self::new(blob, data, Some(Box::new(certificate))));
        }
        let data = KeyData::read(&mut reader, algorithm)?;
        reader.finish()?;
        Ok(Self::new(blob.into(), data, None))
    }

    /// Reads `type base64 comment`, the line of a `.pub` file. The comment is whatever
    /// follows, and may be empty.
    ///
    /// # Errors
    /// [`Error::Malformed`] when it is no such line or the type outside is not the type
    /// inside; else as [`PublicKey::from_blob`].
    pub fn from_line(text: &[u8]) -> Result<(Self, Vec<u8>)> {
        line::read(text)
    }

    /// A plain key of its fields.
    pub(crate) fn from_data(data: KeyData) -> Self {
        Self::new(data.to_blob().into(), data, None)
    }

    fn new(blob: Arc<[u8]>, data: KeyData, certificate: Option<Box<Certificate>>) -> Self {
        Self { inner: Arc::new(Inner { blob, data, certificate }) }
    }

    /// The wire form.
    #[must_use]
    pub fn blob(&self) -> &[u8] {
        &self.inner.blob
    }

    /// The algorithm; of a certificate that of its key.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.inner.data.algorithm()
    }

    /// The type name on the wire, with `-cert-v01@openssh.com` for a certificate.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        if self.certificate().is_some() {
            self.algorithm().certificate_name()
        } else {
            self.algorithm().name()
        }
    }

    /// The type in listings: `ED25519`, `RSA-CERT`, …
    #[must_use]
    pub fn short_name(&self) -> String {
        let name = self.algorithm().short_name();
        if self.certificate().is_some() { format!("{name}-CERT") } else { name.to_owned() }
    }

    /// The bits, as `ssh-keygen -l` prints them.
    #[must_use]
    pub fn bits(&self) -> u32 {
        self.inner.data.bits()
    }

    /// What the certificate says, if this is one.
    #[must_use]
    pub fn certificate(&self) -> Option<&Certificate> {
        self.inner.certificate.as_deref()
    }

    /// The key itself: of a certificate the key it certifies.
    #[must_use]
    pub fn plain(&self) -> Self {
        if self.certificate().is_some() {
            Self::from_data(self.inner.data.clone())
        } else {
            self.clone()
        }
    }

    /// The fingerprint. Of a certificate: of its key, as OpenSSH does, so that a key and
    /// its certificate are recognised as one.
    #[must_use]
    pub fn fingerprint(&self, kind: HashKind) -> Fingerprint {
        if self.certificate().is_some() {
            Fingerprint::of(&self.inner.data.to_blob(), kind)
        } else {
            Fingerprint::of(self.blob(), kind)
        }
    }

    /// `type base64 comment`, without a line end; without a comment also without the blank.
    #[must_use]
    pub fn to_line(&self, comment: &[u8]) -> Vec<u8> {
        line::write(self, comment)
    }

    /// Checks a signature blob (`string algorithm, string signature`) over `data`. RSA is
    /// checked by the hash the signature names, SHA-1 refused.
    ///
    /// # Errors
    /// [`Error::BadSignature`] when it does not verify, [`Error::WrongScheme`] when this
    /// key cannot have made it, or what is wrong with the blob.
    pub fn verify(&self, data: &[u8], signature_blob: &[u8]) -> Result<(), Error> {
        verify::check(&self.inner.data, data, signature_blob, verify::Sha1::Refused)
    }

    /// As [`PublicKey::verify`], and RSA signatures with SHA-1 (`ssh-rsa`) are checked too.
    /// For `ssh-add -T` and old network gear only.
    ///
    /// # Errors
    /// As [`PublicKey::verify`].
    pub fn verify_allowing_sha1(&self, data: &[u8], signature_blob: &[u8]) -> Result<(), Error> {
        verify::check(&self.inner.data, data, signature_blob, verify::Sha1::Allowed)
    }

    /// Makes sure that the point of an Ed25519 key is one, and not of small order: no private key
    /// belongs to such a key, or its signatures can be made without one. Reading a blob does not
    /// look, for the agent's sake, but for the other curves; whoever reads a file does.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub fn check_point(&self) -> Result<()> {
        let public = match self.data() {
            KeyData::Ed25519(public) | KeyData::SkEd25519 { public, .. } => Some(public),
            KeyData::MlDsa44Ed25519(both) => both.last_chunk(),
            _ => None,
        };
        match public {
            Some(public) if !verify::is_ed25519_point(public) => {
                Err(Error::Malformed("Ed25519 key (not a point of its curve)"))
            }
            _ => Ok(()),
        }
    }

    /// The application a FIDO key is for, `ssh:` for most; none for other keys. From outside:
    /// escape it before it is shown.
    #[must_use]
    pub fn application(&self) -> Option<&[u8]> {
        match self.data() {
            KeyData::SkEd25519 { application, .. } | KeyData::SkEcdsaP256 { application, .. } => {
                Some(application)
            }
            _ => None,
        }
    }

    /// Whether signatures of this key are believed here.
    ///
    /// # Errors
    /// [`Error::Unsupported`] with the reason.
    pub fn ensure_verifies(&self) -> Result<()> {
        match self.algorithm() {
            Algorithm::Dss => Err(Error::Unsupported { what: "a DSA key", why: DSS_REASON }),
            _ => Ok(()),
        }
    }

    pub(crate) fn data(&self) -> &KeyData {
        &self.inner.data
    }
}

/// Reads a type name.
pub(crate) fn read_type(reader: &mut Reader<'_>) -> Result<(Algorithm, bool)> {
    let name = reader.string()?;
    std::str::from_utf8(name)
        .ok()
        .and_then(Algorithm::from_name)
        .ok_or_else(|| Error::unknown(name))
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.blob() == other.blob()
    }
}

impl Eq for PublicKey {}

impl Hash for PublicKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.blob().hash(state);
    }
}

/// A map of keys is asked with a blob, as the wire brings it.
impl Borrow<[u8]> for PublicKey {
    fn borrow(&self) -> &[u8] {
        self.blob()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fingerprint = self.fingerprint(HashKind::Sha256);
        write!(f, "PublicKey({} {fingerprint})", self.type_name())
    }
}
