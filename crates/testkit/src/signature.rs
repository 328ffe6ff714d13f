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
    /// Reads it from the string in a sign response.
    #[track_caller]
    pub fn parse(blob: &[u8]) -> Self {
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
        let signature = client.sign(named, &Self::provable_data(), flags).signature();
        signature.is_proved_by_ssh_keygen(world, key);
        signature
    }

    /// What has to be signed for [`Signature::is_proved_by_ssh_keygen`].
    pub fn provable_data() -> Vec<u8> {
        let digest = Sha512::digest(MESSAGE);
        Message::fields().raw(b"SSHSIG").raw(about()).string(digest).body().to_vec()
    }

    /// Has `ssh-keygen` judge whether this is the key's signature over
    /// [`Signature::provable_data`].
    #[track_caller]
    pub fn is_proved_by_ssh_keygen(&self, world: &World, key: &KeyFile) {
        let head = Message::fields().raw(b"SSHSIG").number(1);
        let file = head.string(key.blob()).raw(about()).string(&self.blob);
        let path = world.write("signature", armour(file.body()), 0o600);
        world
            .system_program("ssh-keygen")
            .args(["-Y", "check-novalidate", "-n", NAMESPACE, "-s"])
            .arg(path)
            .stdin(MESSAGE)
            .output()
            .exits(0);
    }
}

/// What stands in the file and in what is signed.
fn about() -> Message {
    Message::fields().string(NAMESPACE).string(b"").string(b"sha512")
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
