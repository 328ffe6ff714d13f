//! What the first bytes of a request tell about the work it will be, before anything of it is read.

use keyfob_protocol::{extension, number};

/// An addition of so many bytes is of a key on a curve, or of one that is as quickly read: handing
/// the thread's clients on takes longer.
const SHORT_ADDITION: usize = 512;

/// A key is given to the agent.
pub(crate) fn adds_a_key(body: &[u8]) -> bool {
    is_one_of(body, &[number::ADD_IDENTITY, number::ADD_ID_CONSTRAINED])
}

/// The answer hangs on what is in the key store.
pub(crate) fn is_about_stored_keys(body: &[u8]) -> bool {
    let all = [
        number::REQUEST_IDENTITIES,
        number::SIGN_REQUEST,
        number::REMOVE_IDENTITY,
        number::EXTENSION,
    ];
    is_one_of(body, &all)
}

/// It is one of keyfob's own, which only its own clients ask: keys to list, the store, the log.
pub(crate) fn is_of_keyfob(body: &[u8]) -> bool {
    extension(body).is_some_and(|name| name.ends_with(b"@keyfob"))
}

/// It is one of PuTTY's, which Pageant's own client asks, and has a person asked for passphrases.
pub(crate) fn is_of_pageant(body: &[u8]) -> bool {
    use keyfob_protocol::putty::{ADD_PPK, REENCRYPT, REENCRYPT_ALL};
    let all = [ADD_PPK, REENCRYPT, REENCRYPT_ALL];
    extension(body).is_some_and(|name| all.iter().any(|known| name == known.as_bytes()))
}

/// The name of an extension.
fn extension(body: &[u8]) -> Option<&[u8]> {
    let (length, rest) = body.get(1..)?.split_first_chunk()?;
    let name = rest.get(..u32::from_be_bytes(*length) as usize)?;
    Some(name).filter(|_| is_one_of(body, &[number::EXTENSION]))
}

/// Deciding it may take milliseconds, or as long as a file system hangs. Reading a private key checks
/// its arithmetic; binding a session checks a host's signature and looks for its names in files.
pub(crate) fn takes_long(body: &[u8]) -> bool {
    adds_a_key(body) && body.len() > SHORT_ADDITION || binds_a_session(body)
}

fn binds_a_session(body: &[u8]) -> bool {
    is_one_of(body, &[number::EXTENSION])
        && body.get(5..).is_some_and(|rest| rest.starts_with(extension::SESSION_BIND.as_bytes()))
}

fn is_one_of(body: &[u8], numbers: &[u8]) -> bool {
    body.first().is_some_and(|number| numbers.contains(number))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use keyfob_protocol::putty;

    use super::*;

    /// Lost otherwise: those whom this thread serves wait for a large key or for a hanging file system.
    #[test]
    fn long_keys_and_bindings_take_long_and_all_else_does_not() {
        let of = |number: u8, rest: &[u8]| takes_long(&[&[number], rest].concat());
        assert!(of(number::ADD_IDENTITY, &[0; SHORT_ADDITION]));
        assert!(of(number::ADD_ID_CONSTRAINED, &[0; SHORT_ADDITION]));
        assert!(!of(number::ADD_IDENTITY, &[0; SHORT_ADDITION - 1]));
        assert!(of(number::EXTENSION, b"\0\0\0\x18session-bind@openssh.com\0\0\0\x33"));
        assert!(!of(number::EXTENSION, b"\0\0\0\x05query"));
        assert!(!of(number::SIGN_REQUEST, &[0; 4096]));
        assert!(!takes_long(&[]));
    }

    #[test]
    fn extensions_of_keyfob_are_known_by_their_name_alone() {
        let of = |number: u8, rest: &[u8]| is_of_keyfob(&[&[number], rest].concat());
        assert!(of(number::EXTENSION, b"\0\0\0\x0cstore@keyfob\0"));
        assert!(!of(number::EXTENSION, b"\0\0\0\x05query@keyfob"));
        assert!(!of(number::EXTENSION, b"\xff\xff\xff\xffstore@keyfob"));
        assert!(!of(number::SIGN_REQUEST, b"\0\0\0\x0cstore@keyfob"));
        assert!(!is_of_keyfob(&[number::EXTENSION]));
        let named = |name: &str| {
            let length = u32::try_from(name.len()).unwrap().to_be_bytes();
            [&[number::EXTENSION][..], &length, name.as_bytes(), b"rest"].concat()
        };
        for asked in [putty::ADD_PPK, putty::REENCRYPT, putty::REENCRYPT_ALL] {
            assert!(is_of_pageant(&named(asked)), "{asked}");
        }
        assert!(!is_of_pageant(&named(putty::LIST_EXTENDED)), "it is nothing to a person");
    }
}
