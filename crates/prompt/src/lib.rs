//! Asks a person: on a terminal, or through the program named by `SSH_ASKPASS`.
//!
//! It asks and returns the answer. It decides nothing about keys, holds no lock while a person
//! thinks, and prints nothing but the question. Texts from outside must be made harmless with
//! [`escape`] before they become part of a question.

pub mod askpass;
mod choice;
#[cfg(windows)]
pub mod dialog;
mod error;
pub mod escape;
pub mod program;
pub mod screen;
pub mod terminal;
mod way;

pub use choice::{Choice, Offered, in_words};
pub use error::Error;
pub use way::{Asker, Facts, Surroundings, Way, choose};

/// A passphrase: bytes in no particular encoding, wiped when dropped.
pub type Secret = secrecy::SecretSlice<u8>;

/// The longest passphrase, in bytes: OpenSSH reads into 1024 with a terminating zero, and drops
/// the rest both when it encrypts a key and when it opens one. So do we, or such a key would
/// not open here.
pub const MAX_PASSPHRASE: usize = 1023;

/// Asks for a passphrase in the way `ssh-add` would: see [`choose`].
///
/// # Errors
/// [`Error`]; [`Error::Cancelled`] when the person does not want to answer.
pub fn passphrase(surroundings: &Surroundings, question: &str) -> Result<Secret, Error> {
    match choose(surroundings, Asker::Client, Facts::of_process()) {
        Way::Askpass(program) => askpass::Askpass::new(program).passphrase(question),
        Way::Terminal => terminal::read_passphrase(question),
        Way::Stdin => terminal::read_passphrase_from_stdin(question),
        Way::Nobody(reason) => Err(Error::Nobody(reason)),
    }
}

/// Makes a secret of the first line in a buffer: without its end, without a NUL byte and what
/// follows it (a C string ends there, so OpenSSH's passphrases do), no longer than allowed.
pub fn first_line(bytes: &[u8]) -> Secret {
    let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r' | 0));
    let line = &bytes[..end.unwrap_or(bytes.len()).min(MAX_PASSPHRASE)];
    // Boxed at its exact size: a vector with room to spare would be copied, and the copy
    // left behind unwiped.
    Secret::from(Box::<[u8]>::from(line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn a_passphrase_ends_where_opensshs_would() {
        for (input, expected) in [
            (&b"plain"[..], &b"plain"[..]),
            (b"with blank \n", b"with blank "),
            (b"one\r\ntwo\n", b"one"),
            (b"\xff\xfe\n", b"\xff\xfe"),
            (b"a\0b\n", b"a"),
            (b"\n", b""),
            (b"", b""),
        ] {
            assert_eq!(first_line(input).expose_secret(), expected);
        }
    }

    #[test]
    fn what_is_too_long_is_cut_as_openssh_cuts_it() {
        assert_eq!(first_line(&[b'a'; 5000]).expose_secret().len(), 1023);
    }
}
