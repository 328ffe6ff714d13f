//! Who and what appears: keys, hosts, proofs of connections, all made once.

use std::sync::LazyLock;

use keyfob_keys::signer::{SignatureScheme, Signer};
use keyfob_keys::wire::Put as _;
use keyfob_keys::{Curve, PrivateKey, PublicKey};
use keyfob_protocol::destination::{Constraint, Hop, KeySpec};

/// The hosts' certificate is good from here on for this many seconds.
pub(crate) const DAY: u64 = 1_800_000_000;
const VALID: u64 = 100;

/// Session identifiers.
pub(crate) const IDS: [&[u8]; 4] = [b"A", b"B", b"C", b"D"];
pub(crate) const USERS: [&str; 3] = ["root", "me", "deploy"];

pub(crate) struct Cast {
    /// Among them RSA, and a certificate of the first with its private half.
    pub(crate) keys: Vec<PrivateKey>,
    /// Those of these numbers are in the key store.
    pub(crate) stored: [usize; 2],
    pub(crate) hosts: Vec<Host>,
}

pub(crate) struct Host {
    /// What it shows: its key, or a certificate.
    pub(crate) public: PublicKey,
    /// Its signature of each session identifier.
    pub(crate) signatures: Vec<Vec<u8>>,
}

pub(crate) static CAST: LazyLock<Cast> = LazyLock::new(|| {
    let mut keys: Vec<PrivateKey> = (1..=4).map(key).collect();
    keys.push(PrivateKey::ecdsa_from_scalar(Curve::P256, &[7; 32]).unwrap());
    let rsa = include_bytes!("../../../../crates/keyfile/tests/fixtures/accepted/openssh-rsa-1024");
    keys.push(keyfob_keyfile::read_private(rsa, None).unwrap().key);
    let user = certificate(&key(1), 1, &[]);
    keys.push(key(1).with_certificate(&user).unwrap());
    let mut hosts: Vec<Host> = (101..=103).map(|n| host(&key(n), key(n).public())).collect();
    hosts.push(host(&key(104), &certificate(&key(104), 2, &["host*"])));
    Cast { keys, stored: [2, 3], hosts }
});

fn key(n: u8) -> PrivateKey {
    PrivateKey::ed25519_from_seed(&[n; 32])
}

fn sign(key: &PrivateKey, data: &[u8]) -> Vec<u8> {
    Signer::prepare(key).unwrap().sign(data, SignatureScheme::Default).unwrap()
}

fn host(key: &PrivateKey, public: &PublicKey) -> Host {
    let signatures = IDS.iter().map(|id| sign(key, id)).collect();
    Host { public: public.clone(), signatures }
}

/// A certificate for this key by key 200, of this kind.
fn certificate(subject: &PrivateKey, kind: u32, names: &[&str]) -> PublicKey {
    let mut principals = Vec::new();
    names.iter().for_each(|name| principals.put_string(name.as_bytes()));
    let mut data = Vec::new();
    data.put_string(b"ssh-ed25519-cert-v01@openssh.com");
    data.put_string(&[9; 32]);
    data.extend_from_slice(&subject.public().blob()[4 + b"ssh-ed25519".len()..]);
    data.extend_from_slice(&1_u64.to_be_bytes());
    data.put_u32(kind);
    data.put_string(b"id");
    data.put_string(&principals);
    data.extend_from_slice(&DAY.to_be_bytes());
    data.extend_from_slice(&(DAY + VALID).to_be_bytes());
    [b"", b"", b""].iter().for_each(|empty| data.put_string(*empty));
    data.put_string(key(200).public().blob());
    let signature = sign(&key(200), &data);
    data.put_string(&signature);
    PublicKey::from_blob(&data).unwrap()
}

/// A destination: from here or a host, to a host, for everyone or some.
pub(crate) fn step(from: Option<usize>, to: usize, user: &[u8]) -> Constraint {
    let hop = |at: usize| {
        let public = &CAST.hosts[at].public;
        let (key, is_authority) = match public.certificate() {
            Some(certificate) => (certificate.authority.clone(), true),
            None => (public.clone(), false),
        };
        let host = format!("host{at}").into_bytes();
        Hop { user: Vec::new(), host, keys: vec![KeySpec { key, is_authority }] }
    };
    let to = Hop { user: user.to_vec(), ..hop(to) };
    Constraint { from: from.map(hop).unwrap_or_default(), to }
}

/// The data of a login.
pub(crate) fn login(id: &[u8], user: &str, key: &PublicKey, host: Option<&PublicKey>) -> Vec<u8> {
    let mut data = Vec::new();
    data.put_string(id);
    data.put_u8(50);
    data.put_string(user.as_bytes());
    data.put_string(b"ssh-connection");
    data.put_string(match host {
        Some(_) => b"publickey-hostbound-v00@openssh.com".as_slice(),
        None => b"publickey",
    });
    data.put_u8(1);
    data.put_string(match key.type_name() {
        "ssh-rsa" => b"rsa-sha2-512",
        name => name.as_bytes(),
    });
    data.put_string(key.blob());
    if let Some(host) = host {
        data.put_string(host.blob());
    }
    data
}
