//! DSA private keys as OpenSSL writes them outside PKCS#8: a sequence of version, p, q, g,
//! public and private value. No standard says so.

use keyfob_keys::{DsaParts, PrivateKey};
use pkcs8::der::{self, Decode, Reader, SliceReader, asn1::UintRef};

use crate::error::Error;
use crate::format::Format;

/// Reads a DER document.
pub(crate) fn read(der: &[u8]) -> Result<PrivateKey, Error> {
    let damaged = |error: der::Error| Error::corrupt(Format::Dsa, error.to_string());
    let (version, [p, q, g, y, x]) = numbers(der).map_err(damaged)?;
    if version != 0 {
        return Err(Error::corrupt(Format::Dsa, "it is of an unknown version"));
    }
    PrivateKey::dsa_from_parts(DsaParts { p, q, g, y, x })
        .map_err(|error| Error::of_key(Format::Dsa, error))
}

fn numbers(der: &[u8]) -> der::Result<(u8, [&[u8]; 5])> {
    let mut reader = SliceReader::new(der)?;
    let both = reader.sequence(|inner: &mut SliceReader<'_>| {
        let version = u8::decode(inner)?;
        let mut numbers = [&[][..]; 5];
        for number in &mut numbers {
            *number = UintRef::decode(inner)?.as_bytes();
        }
        Ok::<_, der::Error>((version, numbers))
    })?;
    reader.finish()?;
    Ok(both)
}
