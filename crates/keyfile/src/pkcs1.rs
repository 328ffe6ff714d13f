//! RSA private keys of PKCS#1 (RFC 8017 appendix A.1.2).

use keyfob_keys::{PrivateKey, RsaParts};
use pkcs8::der::{Decode, asn1::UintRef};

use crate::error::{Error, Feature};
use crate::format::Format;

/// Reads a DER document. The two exponents modulo p-1 and q-1 it also carries are not
/// used: they follow from the rest.
pub(crate) fn read(der: &[u8]) -> Result<PrivateKey, Error> {
    let key = pkcs1::RsaPrivateKey::<UintRef<'_>>::from_der(der)
        .map_err(|error| Error::corrupt(Format::Pkcs1, error.to_string()))?;
    if key.other_prime_infos.is_some() {
        return Err(Error::Unsupported {
            what: Feature::Key("an RSA key of more than two primes".to_owned()),
            because: "SSH has no form for it",
        });
    }
    PrivateKey::rsa_from_parts(RsaParts {
        n: key.modulus.as_bytes(),
        e: key.public_exponent.as_bytes(),
        d: key.private_exponent.as_bytes(),
        p: key.prime1.as_bytes(),
        q: key.prime2.as_bytes(),
        iqmp: key.coefficient.as_bytes(),
    })
    .map_err(|error| Error::of_key(Format::Pkcs1, error))
}
