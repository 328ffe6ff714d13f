//! What the cases of `ssh-keygen` expect to read: texts that depend on the key or the release.

use base64ct::{Base64Unpadded, Encoding};
use keyfob_testkit::{KeyFile, World};
use sha2::{Digest, Sha256};

/// The fingerprint, hashed here and not by the program under test.
pub(crate) fn fingerprint(blob: &[u8]) -> String {
    format!("SHA256:{}", Base64Unpadded::encode_string(&Sha256::digest(blob)))
}

/// The line of `ssh-keygen -l`.
pub(crate) fn listed(key: &KeyFile, bits: u32, comment: &str, kind: &str) -> String {
    format!("{bits} {} {comment} ({kind})\n", fingerprint(&key.blob()))
}

/// What is said of a private key file that others may read.
pub(crate) fn unprotected(mode: &str, path: &str) -> String {
    let frame = "@".repeat(59);
    format!(
        "{frame}\n\
         @         WARNING: UNPROTECTED PRIVATE KEY FILE!          @\n\
         {frame}\n\
         Permissions {mode} for '{path}' are too open.\n\
         It is required that your private key files are NOT accessible by others.\n\
         This private key will be ignored.\n"
    )
}

/// The question for the passphrase of a file; its name stands there since 9.9.
pub(crate) fn question(world: &World, path: &str) -> String {
    if world.behaves_as("9.9") {
        format!("Enter passphrase for \"{path}\": ")
    } else {
        "Enter passphrase: ".to_owned()
    }
}

/// The question for the passphrase of a new file.
pub(crate) fn new_question(world: &World, path: &str) -> String {
    if world.behaves_as("9.9") {
        format!("Enter passphrase for \"{path}\" (empty for no passphrase): ")
    } else {
        "Enter passphrase (empty for no passphrase): ".to_owned()
    }
}

/// Asked behind it.
pub(crate) const AGAIN: &str = "Enter same passphrase again: ";

/// Where a question for a file name points to: the usual key of the usual type.
pub(crate) fn usual_file(world: &World) -> String {
    let name = if world.behaves_as("9.5") { "id_ed25519" } else { "id_rsa" };
    world.home().join(".ssh").join(name).display().to_string()
}

/// The question for the file a mode reads.
pub(crate) fn which_file(world: &World) -> String {
    format!("Enter file in which the key is ({}): ", usual_file(world))
}
