//! A private key in its wire form.
//!
//! Kept as the bytes a message or a file carries, wiped on drop, and known to be whole:
//! no value of this type exists whose public and private halves are of two keys. It does
//! not sign; that is [`crate::Signer`]'s work.

mod derive;
mod dss;
mod fields;
pub(crate) mod rsa;

pub(crate) use derive::ml_dsa_expanded;
pub(crate) use dss::REASON as DSS_REASON;
pub(crate) use fields::Fields;
pub(crate) use rsa::RsaFields;

use std::fmt;

use keyfob_sys::traces::{Stack, leaving_none};
use zeroize::Zeroizing;

use crate::key_data::KeyData;
use crate::public_key::read_type;
use crate::wire::{self, Put, Reader, strip_zeros};
use crate::{Algorithm, Certificate, Curve, Error, PublicKey, Result};

/// A private key, with or without a certificate. Wiped on drop; never cloned or compared, and
/// printed only by the name of its public half.
pub struct PrivateKey {
    public: PublicKey,
    fields: Fields,
}

/// The numbers of an RSA key, big-endian, zeros in front allowed.
#[derive(Clone, Copy)]
pub struct RsaParts<'a> {
    /// Modulus.
    pub n: &'a [u8],
    /// Public exponent.
    pub e: &'a [u8],
    /// Private exponent.
    pub d: &'a [u8],
    /// First prime.
    pub p: &'a [u8],
    /// Second prime.
    pub q: &'a [u8],
    /// Inverse of q modulo p.
    pub iqmp: &'a [u8],
}

/// The numbers of a DSA key, big-endian, zeros in front allowed.
#[derive(Clone, Copy)]
pub struct DsaParts<'a> {
    /// Modulus.
    pub p: &'a [u8],
    /// Order of the group.
    pub q: &'a [u8],
    /// Generator of the group.
    pub g: &'a [u8],
    /// Public value.
    pub y: &'a [u8],
    /// Private value.
    pub x: &'a [u8],
}

impl PrivateKey {
    /// Reads `string type` and the fields of that type, as they stand in
    /// `SSH_AGENTC_ADD_IDENTITY` and in `openssh-key-v1`; what follows stays in the reader.
    ///
    /// # Errors
    /// What is wrong; [`Error::Mismatch`] when the private and public halves are not of one
    /// key; [`Error::BadSignature`] or what is wrong with the signature for a certificate its
    /// CA did not sign, which OpenSSH's agent refuses too.
    pub fn decode(reader: &mut Reader<'_>) -> Result<Self> {
        let (algorithm, is_certificate) = read_type(reader)?;
        let public = if is_certificate {
            read_certificate(reader, algorithm)?
        } else {
            PublicKey::from_data(read_public_fields(reader, algorithm)?)
        };
        let fields = match public.data() {
            // By itself: the frame of what reads every type is as deep as the deepest of them.
            KeyData::Ed25519(key) => {
                leaving_none(Stack::Shallow, || Fields::read_ed25519(reader, key))
            }
            data => leaving_none(Stack::Deep, || Fields::read(reader, data)),
        }?;
        Ok(Self { public, fields })
    }

    /// Appends the form [`PrivateKey::decode`] reads. Leaves no copy behind when the buffer
    /// has to grow.
    pub fn encode(&self, out: &mut Zeroizing<Vec<u8>>) {
        let name = self.public.type_name().as_bytes();
        // The public half is in the blob (or is it); its fields are never longer.
        let public_len = wire::string_len(name.len()) + wire::string_len(self.public.blob().len());
        wire::reserve_wiping(out, public_len + self.fields.encoded_len());
        out.put_string(name);
        if self.public.certificate().is_some() {
            out.put_string(self.public.blob());
            repeated_fields(self.public.data()).for_each(|field| out.put_string(field));
        } else {
            write_public_fields(self.public.data(), out);
        }
        self.fields.write(self.public.data(), out);
    }

    /// The public key; the certificate if there is one.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// A copy that has this certificate, which must be of this key.
    ///
    /// # Errors
    /// [`Error::Mismatch`] when it is of another key or no certificate.
    pub fn with_certificate(&self, certificate: &PublicKey) -> Result<Self> {
        let fits = certificate.certificate().is_some() && certificate.data() == self.public.data();
        if !fits {
            return Err(Error::Mismatch("the key and the certificate"));
        }
        let fields = leaving_none(Stack::Shallow, || self.fields.duplicate());
        Ok(Self { public: certificate.clone(), fields })
    }

    /// A copy without the certificate, if there is one.
    #[must_use]
    pub fn plain(&self) -> Self {
        let fields = leaving_none(Stack::Shallow, || self.fields.duplicate());
        Self { public: self.public.plain(), fields }
    }

    /// An Ed25519 key of its seed.
    #[must_use]
    pub fn ed25519_from_seed(seed: &[u8; 32]) -> Self {
        let (public, fields) = leaving_none(Stack::Shallow, || {
            (derive::ed25519(seed), Fields::Ed25519(Box::new(Zeroizing::new(*seed))))
        });
        Self { public: PublicKey::from_data(KeyData::Ed25519(public)), fields }
    }

    /// An ECDSA key of its private scalar, big-endian, zeros in front allowed or missing.
    ///
    /// # Errors
    /// [`Error::Malformed`] when the scalar is zero or not below the curve's order.
    pub fn ecdsa_from_scalar(curve: Curve, scalar: &[u8]) -> Result<Self> {
        let (scalar, point) = leaving_none(Stack::Deep, || {
            let scalar = fields::padded_scalar(curve, strip_zeros(scalar))?;
            let point = derive::ecdsa(curve, &scalar)?;
            Ok((scalar, point))
        })?;
        Ok(Self {
            public: PublicKey::from_data(KeyData::Ecdsa { curve, point }),
            fields: Fields::Ecdsa(scalar),
        })
    }

    /// A composite key of its two seeds.
    #[must_use]
    pub fn ml_dsa44_ed25519_from_seeds(ml_dsa: &[u8; 32], ed25519: &[u8; 32]) -> Self {
        let (public, seeds) = leaving_none(Stack::Deep, || {
            let mut seeds = Box::new(Zeroizing::new([0; 64]));
            seeds[..32].copy_from_slice(ml_dsa);
            seeds[32..].copy_from_slice(ed25519);
            (derive::composite(&seeds), seeds)
        });
        Self {
            public: PublicKey::from_data(KeyData::MlDsa44Ed25519(public)),
            fields: Fields::MlDsa44Ed25519(seeds),
        }
    }

    /// An RSA key of its numbers.
    ///
    /// # Errors
    /// [`Error::Mismatch`] when they are not of one key.
    pub fn rsa_from_parts(parts: RsaParts<'_>) -> Result<Self> {
        let data = KeyData::rsa(strip_zeros(parts.n), strip_zeros(parts.e))?;
        let fields = leaving_none(Stack::Deep, || RsaFields::check(&parts))?;
        Ok(Self { public: PublicKey::from_data(data), fields: Fields::Rsa(fields) })
    }

    /// A DSA key of its numbers. It can be shown and converted; it does not sign.
    ///
    /// # Errors
    /// [`Error::Malformed`] or [`Error::TooLarge`] for numbers of no DSA key,
    /// [`Error::Mismatch`] when they are not of one key.
    pub fn dsa_from_parts(parts: DsaParts<'_>) -> Result<Self> {
        let [p, q, g, y] = [parts.p, parts.q, parts.g, parts.y].map(strip_zeros);
        let data = KeyData::dss(p, q, g, y)?;
        let public = PublicKey::from_data(data);
        let fields = leaving_none(Stack::Deep, || match public.data() {
            KeyData::Dss(numbers) => dss::check(numbers, strip_zeros(parts.x)).map(Fields::Dss),
            // Made one line above.
            _ => Err(Error::Mismatch("the numbers of the DSA key")),
        })?;
        Ok(Self { public, fields })
    }

    /// A DSA key of its group and private value alone, for forms (PKCS#8) that leave the
    /// public value to be computed.
    ///
    /// # Errors
    /// As [`PrivateKey::dsa_from_parts`].
    pub fn dsa_from_group(p: &[u8], q: &[u8], g: &[u8], x: &[u8]) -> Result<Self> {
        let [p, q, g, x] = [p, q, g, x].map(strip_zeros);
        // Until there is a public value the generator, which has the same bounds, is in its place.
        let y = leaving_none(Stack::Deep, || match KeyData::dss(p, q, g, g)? {
            KeyData::Dss(group) => dss::public_value(&group, x),
            // Made one line above.
            _ => Err(Error::Mismatch("the numbers of the DSA key")),
        })?;
        Self::dsa_from_parts(DsaParts { p, q, g, y: &y, x })
    }

    /// Whether signatures can be made with this key here. What says no can be shown and
    /// converted, and no agent should take it.
    ///
    /// # Errors
    /// [`Error::Unsupported`] with the reason.
    pub fn ensure_signs(&self) -> Result<()> {
        match self.fields {
            Fields::Dss(_) => Err(Error::Unsupported { what: "a DSA key", why: DSS_REASON }),
            Fields::Fido(_) => Err(Error::Unsupported {
                what: "a FIDO key",
                why: "signing with it needs the token it was made on",
            }),
            Fields::Rsa(_) | Fields::Ecdsa(_) | Fields::Ed25519(_) | Fields::MlDsa44Ed25519(_) => {
                Ok(())
            }
        }
    }

    /// What a FIDO key asks of its token (`SSH_SK_USER_PRESENCE_REQD` and the like, PROTOCOL.u2f);
    /// none for other keys.
    #[must_use]
    pub fn fido_flags(&self) -> Option<u8> {
        match &self.fields {
            Fields::Fido(fido) => Some(fido.flags),
            _ => None,
        }
    }

    pub(crate) fn fields(&self) -> &Fields {
        &self.fields
    }

    /// Puts together what belongs together: for the shield, whose seal proves it.
    pub(crate) fn from_trusted(public: PublicKey, fields: Fields) -> Self {
        Self { public, fields }
    }
}

/// Which key, and nothing of it.
impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({:?})", self.public)
    }
}

/// Reads a certificate of this algorithm, and what of the public key is repeated after it.
fn read_certificate(reader: &mut Reader<'_>, algorithm: Algorithm) -> Result<PublicKey> {
    let public = PublicKey::from_blob(reader.string()?)?;
    if public.certificate().is_none() || public.algorithm() != algorithm {
        return Err(Error::Mismatch("the key type and the certificate"));
    }
    // With SHA-1, as OpenSSH here: who accepts such a certificate is a server's affair. Whatever
    // else is wrong with the signature refuses: OpenSSH's clients throw a whole listing away for
    // one certificate they cannot read.
    public.certificate().map_or(Ok(()), Certificate::verify_allowing_sha1)?;
    for field in repeated_fields(public.data()) {
        if reader.string()? != field {
            return Err(Error::Mismatch("the key and the certificate"));
        }
    }
    Ok(public)
}

/// What stands before the private fields once more although the certificate says it: the public
/// key of the Ed25519 types (PROTOCOL.agent names it `pk`), and the application of FIDO keys.
fn repeated_fields(data: &KeyData) -> impl Iterator<Item = &[u8]> {
    let (public, application) = match data {
        KeyData::Ed25519(public) => (Some(public.as_slice()), None),
        KeyData::SkEd25519 { public, application } => {
            (Some(public.as_slice()), Some(application.as_slice()))
        }
        KeyData::SkEcdsaP256 { application, .. } => (None, Some(application.as_slice())),
        _ => (None, None),
    };
    public.into_iter().chain(application)
}

/// The public fields as they stand before the private ones: as in a blob, but for RSA,
/// which says the modulus first here and the exponent first there.
fn read_public_fields(reader: &mut Reader<'_>, algorithm: Algorithm) -> Result<KeyData> {
    let mut number = || reader.padded_mpint();
    match algorithm {
        Algorithm::Rsa => {
            let (n, e) = (number()?, number()?);
            KeyData::rsa(n, e)
        }
        Algorithm::Dss => KeyData::dss(number()?, number()?, number()?, number()?),
        _ => KeyData::read(reader, algorithm),
    }
}

fn write_public_fields(data: &KeyData, out: &mut Vec<u8>) {
    if let KeyData::Rsa { n, e } = data {
        out.put_mpint(n);
        out.put_mpint(e);
    } else {
        data.write(out);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::HashKind;

    fn encoded(key: &PrivateKey) -> Vec<u8> {
        let mut out = Zeroizing::new(Vec::new());
        key.encode(&mut out);
        out.to_vec()
    }

    fn decode(bytes: &[u8]) -> Result<PrivateKey> {
        PrivateKey::decode(&mut Reader::new(bytes))
    }

    /// Type, then strings.
    fn wire(kind: &str, fields: &[&[u8]]) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.put_string(kind.as_bytes());
        for field in fields {
            bytes.put_string(field);
        }
        bytes
    }

    #[test]
    fn every_key_is_read_as_it_was_written_and_what_follows_stays() {
        let keys = [
            PrivateKey::ed25519_from_seed(&[1; 32]),
            PrivateKey::ecdsa_from_scalar(Curve::P256, &[1; 32]).unwrap(),
            PrivateKey::ecdsa_from_scalar(Curve::P384, &[1; 48]).unwrap(),
            PrivateKey::ecdsa_from_scalar(Curve::P521, &[1; 66]).unwrap(),
            PrivateKey::ml_dsa44_ed25519_from_seeds(&[1; 32], &[2; 32]),
        ];
        for key in keys {
            let bytes = [encoded(&key), b"rest".to_vec()].concat();
            let mut reader = Reader::new(&bytes);
            let read = PrivateKey::decode(&mut reader).unwrap();
            assert_eq!(reader.rest(), b"rest");
            assert_eq!(read.public(), key.public());
            assert_eq!(encoded(&read), encoded(&key));
        }
    }

    #[test]
    fn a_key_cut_anywhere_is_refused() {
        let bytes = encoded(&PrivateKey::ed25519_from_seed(&[1; 32]));
        for end in 0..bytes.len() {
            assert!(decode(&bytes[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn halves_of_two_ed25519_keys_are_refused() {
        let (seed, other) = ([1; 32], [2; 32]);
        let public = derive::ed25519(&seed);
        let kind = "ssh-ed25519";
        let good = [seed, public].concat();
        assert!(decode(&wire(kind, &[&public, &good])).is_ok());
        let mismatch = Some(HALVES);
        let of_another = [other, public].concat();
        assert_eq!(decode(&wire(kind, &[&public, &of_another])).err(), mismatch);
        let other_public = derive::ed25519(&other);
        assert_eq!(decode(&wire(kind, &[&other_public, &good])).err(), mismatch);
        assert!(decode(&wire(kind, &[&public, &seed])).is_err(), "no public half");
    }

    const HALVES: Error = Error::Mismatch("the private and the public half");

    /// Lost otherwise: what lies deeper is not wiped. A stack that is too short ends the test.
    #[test]
    fn an_ed25519_key_is_read_within_the_part_of_the_stack_that_is_wiped() {
        let key = PrivateKey::ed25519_from_seed(&[1; 32]);
        let both = [&[1; 32], &key.public().blob()[19..]].concat();
        let mut wire = Vec::new();
        wire.put_string(&both);
        let KeyData::Ed25519(public) = *key.public().data() else { panic!("another type") };
        let read = move || Fields::read_ed25519(&mut Reader::new(&wire), &public).is_ok();
        let short = std::thread::Builder::new().stack_size(Stack::Shallow.bytes());
        assert!(short.spawn(read).unwrap().join().unwrap());
    }

    #[test]
    fn halves_of_two_ecdsa_keys_are_refused() {
        let kind = "ecdsa-sha2-nistp256";
        let point = derive::ecdsa(Curve::P256, &[1; 32]).unwrap();
        let with = |scalar: &[u8]| decode(&wire(kind, &[b"nistp256", &point, scalar]));
        assert!(with(&[1; 32]).is_ok());
        assert_eq!(with(&[2; 32]).err(), Some(HALVES));
        assert!(with(&[]).is_err(), "zero");
        assert!(with(&[1; 33]).is_err(), "longer than the field");
        assert!(with(&[0; 32]).is_err(), "zero, and long");
        let padded = [&[0, 0], &[1; 32][..]].concat();
        assert_eq!(encoded(&with(&padded).unwrap()), encoded(&with(&[1; 32]).unwrap()));
        let order = [0, 0xff, 0xff, 0xff, 0xff];
        assert!(with(&[&order[..], &[0xff; 28]].concat()).is_err(), "above the order");
    }

    #[test]
    fn halves_of_two_composite_keys_are_refused() {
        let kind = "ssh-mldsa44-ed25519@openssh.com";
        let public = derive::composite(&[1; 64]);
        assert!(decode(&wire(kind, &[&public, &[1; 64]])).is_ok());
        for changed in [0, 31, 32, 63] {
            let mut seeds = [1; 64];
            seeds[changed] = 2;
            assert_eq!(decode(&wire(kind, &[&public, &seeds])).err(), Some(HALVES));
        }
        assert!(decode(&wire(kind, &[&public, &[1; 63]])).is_err());
    }

    #[test]
    fn a_short_scalar_is_an_mpint_on_the_wire_and_a_full_one_inside() {
        let key = PrivateKey::ecdsa_from_scalar(Curve::P521, &[0, 0, 5]).unwrap();
        let bytes = encoded(&key);
        assert!(bytes.ends_with(&[0, 0, 0, 1, 5]));
        assert_eq!(encoded(&decode(&bytes).unwrap()), bytes);
        assert!(PrivateKey::ecdsa_from_scalar(Curve::P256, &[]).is_err());
    }

    #[test]
    fn a_type_of_tomorrow_is_unknown() {
        assert!(matches!(decode(&wire("ssh-ed448", &[])), Err(Error::UnknownAlgorithm(_))));
    }

    #[test]
    fn s4_printed_it_is_named_and_not_shown() {
        let key = PrivateKey::ed25519_from_seed(&[0x61; 32]);
        let printed = format!("{key:?}");
        let fingerprint = key.public().fingerprint(HashKind::Sha256);
        assert_eq!(printed, format!("PrivateKey(PublicKey(ssh-ed25519 {fingerprint}))"));
    }

    #[test]
    fn encoding_leaves_nothing_behind_in_a_buffer_that_had_to_grow() {
        let mut out = Zeroizing::new(Vec::new());
        PrivateKey::ed25519_from_seed(&[1; 32]).encode(&mut out);
        let exact = out.len();
        assert!(out.capacity() >= exact);
        let before = out.as_ptr();
        out.clear();
        PrivateKey::ed25519_from_seed(&[2; 32]).encode(&mut out);
        assert_eq!(out.as_ptr(), before, "room was made once, before the first secret byte");
    }
}
