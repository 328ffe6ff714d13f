//! A signature from an agent, checked by `ssh-keygen` and not by our own code.

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha512};

use crate::client::RawClient;
use crate::key_file::KeyFile;
use crate::wire::{Fields, Message};
use crate::world::World;

/// What the signed text is about; any fixed words do.
const NAMESPACE: &str = "keyfob-test";
const MESSAGE: &[u8] = b"the text that is signed\n";

/// A signature as it stands in a sign response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The algorithm it names, for example `rsa-sha2-512`.
    pub algorithm: String,
    /// The whole: algorithm and signature bytes.
    pub blob: Vec<u8>,
}

impl Signature {
    #[track_caller]
    pub(crate) fn parse(blob: &[u8]) -> Self {
        let mut fields = Fields::of(blob);
        let algorithm = String::from_utf8_lossy(fields.string()).into_owned();
        assert!(!fields.string().is_empty(), "an empty signature");
        fields.end();
        Self { algorithm, blob: blob.to_vec() }
    }

    /// Lets the agent sign what an SSH signature file signs, puts that file together and has
    /// OpenSSH's `ssh-keygen -Y check-novalidate` judge it. `named` is the blob that stands in the
    /// request: the key or its certificate. Not for SHA-1, which such files do not allow.
    #[track_caller]
    pub fn proved_by_ssh_keygen(
        world: &World,
        client: &mut RawClient,
        key: &KeyFile,
        named: &[u8],
        flags: u32,
    ) -> Self {
        let digest = Sha512::digest(MESSAGE);
        let head = Message::fields().raw(b"SSHSIG");
        let about = Message::fields().string(NAMESPACE).string(b"").string(b"sha512");
        let signed = head.clone().raw(&about).string(digest);
        let signature = client.sign(named, signed.body(), flags).signature();
        let file = head.number(1).string(key.blob()).raw(&about).string(&signature.blob);
        let armour = armour(file.body());
        let path = world.write("signature", armour, 0o600);
        world
            .system_program("ssh-keygen")
            .args(["-Y", "check-novalidate", "-n", NAMESPACE, "-s"])
            .arg(path)
            .stdin(MESSAGE)
            .output()
            .exits(0);
        signature
    }
}

fn armour(bytes: &[u8]) -> String {
    let base64 = Base64::encode_string(bytes);
    let lines: Vec<&str> = base64
        .as_bytes()
        .chunks(70)
        .map(|line| std::str::from_utf8(line).expect("base64 is ASCII"))
        .collect();
    format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", lines.join("\n"))
}
