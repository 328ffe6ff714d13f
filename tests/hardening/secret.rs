//! What must not be found: the private numbers of a key, and what gives them away.
//!
//! Taken from the key file by the testkit's own reader; what a signer derives from them is
//! computed here.

use keyfob_testkit::KeyFile;
use sha2::{Digest, Sha512};

use crate::number::{predecessor, remainder, strip};

/// Bytes that must stay where they belong, and what to call them.
#[derive(Clone, Debug)]
pub(crate) struct Secret {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

impl Secret {
    pub(crate) fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), bytes: bytes.into() }
    }

    /// Everything private about a key; each number without zeros in front.
    pub(crate) fn of(key: &KeyFile) -> Vec<Self> {
        let fields = key.private_fields();
        let mut kind = String::from_utf8_lossy(&fields[0]).into_owned();
        let fields: Vec<&[u8]> = fields.iter().map(Vec::as_slice).collect();
        let numbers = match fields[..] {
            [b"ssh-ed25519", _, both] => ed25519(&both[..32]),
            [b"ssh-rsa", n, _, d, iqmp, p, q] => {
                kind = format!("{kind} {}", strip(n).len() * 8);
                rsa(d, iqmp, p, q)
            }
            [_, _, _, scalar] => vec![("scalar", strip(scalar).to_vec())],
            _ => panic!("a key type without a list of its secrets: {kind}"),
        };
        named(&kind, numbers)
    }

    /// The same of a composite key, given by its seeds.
    pub(crate) fn of_composite(ml_dsa: &[u8], seed: &[u8]) -> Vec<Self> {
        let numbers = [vec![("ml-dsa seed", ml_dsa.to_vec())], ed25519(seed)].concat();
        named("composite", numbers)
    }
}

fn named(kind: &str, numbers: Vec<(&'static str, Vec<u8>)>) -> Vec<Secret> {
    let name = |(part, bytes)| Secret::new(format!("{kind} {part}"), bytes);
    numbers.into_iter().map(name).collect()
}

/// The seed, and the two halves of its hash: what signs is the first, as a number (RFC 8032
/// §5.1.5), and who knows the second as well as one signature knows the first.
fn ed25519(seed: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let hash = Sha512::digest(seed);
    let mut scalar = hash[..32].to_vec();
    scalar[0] &= 248;
    scalar[31] = scalar[31] & 127 | 64;
    vec![
        ("seed", seed.to_vec()),
        ("hash", hash[..32].to_vec()),
        ("clamped hash", scalar),
        ("prefix", hash[32..].to_vec()),
    ]
}

fn rsa(d: &[u8], iqmp: &[u8], p: &[u8], q: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let number = |number| strip(number).to_vec();
    vec![
        ("d", number(d)),
        ("iqmp", number(iqmp)),
        ("p", number(p)),
        ("q", number(q)),
        ("dp", remainder(d, &predecessor(strip(p)))),
        ("dq", remainder(d, &predecessor(strip(q)))),
    ]
}
