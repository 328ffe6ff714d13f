#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
//! Lost without these: the end of a message as its end, and every bound on what a helper that is
//! no longer ours can make the daemon take in.

use super::*;

/// From the root, as each system has one.
const ROOT: &str = if cfg!(windows) { "C:\\" } else { "/" };
const FILE: &str = if cfg!(windows) { r"C:\a\key file" } else { "/a/key file" };

fn secret(bytes: &[u8]) -> Secret {
    Secret::from(bytes.to_vec())
}

fn request(passphrase: Option<&[u8]>) -> Vec<u8> {
    let passphrase = passphrase.map(secret);
    Request::encode(Of::Path(Path::new(FILE)), passphrase.as_ref()).unwrap().to_vec()
}

fn answer(outcome: std::result::Result<Found, Failure>) -> Vec<u8> {
    Answer { walls: Walls::Whole, outcome }.encode().unwrap().to_vec()
}

fn found(comment: &[u8]) -> Found {
    Found { key: PrivateKey::ed25519_from_seed(&[7; 32]), comment: comment.to_vec() }
}

fn failures() -> [Failure; 9] {
    let text = Text::new("words");
    [
        Failure::Gone,
        Failure::NotReadable(text.clone()),
        Failure::NotAKey(text.clone()),
        Failure::PassphraseNeeded,
        Failure::WrongPassphrase,
        Failure::Unusable(text.clone()),
        Failure::TooSlow(text.clone()),
        Failure::Unconfined(text),
        Failure::Closed {
            public: PrivateKey::ed25519_from_seed(&[7; 32]).public().clone(),
            comment: b"c".to_vec(),
        },
    ]
}

/// Every answer there is, as bytes.
fn answers() -> Vec<Vec<u8>> {
    let failed = failures().map(|failure| answer(Err(failure)));
    [vec![answer(Ok(found(b"a comment")))], failed.to_vec()].concat()
}

#[test]
fn a_request_is_read_as_it_was_written_and_nothing_behind_it() {
    for passphrase in [None, Some(&b""[..]), Some(b"secret"), Some(&[0xff; MAX_PASSPHRASE])] {
        let bytes = [request(passphrase), b"rest".to_vec()].concat();
        let mut pipe = &bytes[..];
        let read = Request::read(&mut pipe).unwrap();
        assert!(matches!(read.source, Source::Path(path) if path == Path::new(FILE)));
        let opened = read.passphrase.map(|secret| secret.expose_secret().to_vec());
        assert_eq!(opened.as_deref(), passphrase);
        assert_eq!(pipe, b"rest");
    }
}

#[test]
fn a_request_cut_anywhere_is_refused() {
    let bytes = request(Some(b"secret"));
    for end in 0..bytes.len() {
        assert!(Request::read(&mut &bytes[..end]).is_err(), "{end}");
    }
    for end in 4..bytes.len() {
        assert!(Request::decode(&bytes[4..end]).is_err(), "{end}");
    }
}

#[test]
fn a_request_with_bytes_behind_is_refused() {
    for passphrase in [None, Some(&b"secret"[..])] {
        let bytes = [&request(passphrase)[4..], &[0]].concat();
        assert_eq!(Request::decode(&bytes).err(), Some(Error::Trailing(1)));
    }
}

#[test]
fn a_request_is_as_large_as_its_parts_and_no_larger() {
    let long = |length: usize| PathBuf::from(format!("{ROOT}{}", "x".repeat(length - ROOT.len())));
    let largest = secret(&[1; MAX_PASSPHRASE]);
    let bytes = Request::encode(Of::Path(&long(MAX_PATH)), Some(&largest)).unwrap();
    assert!(Request::read(&mut &bytes[..]).is_ok());
    let bytes = Request::encode(Of::Bytes(&[b'x'; MAX_FILE]), Some(&largest)).unwrap();
    assert_eq!(bytes.len(), 4 + MAX_REQUEST);
    let read = Request::read(&mut &bytes[..]).unwrap();
    assert!(matches!(read.source, Source::Bytes(bytes) if *bytes == [b'x'; MAX_FILE]));
    assert!(Request::encode(Of::Path(&long(MAX_PATH + 1)), None).is_err());
    assert!(Request::encode(Of::Bytes(&[0; MAX_FILE + 1]), None).is_err());
    let longer = secret(&[1; MAX_PASSPHRASE + 1]);
    assert!(Request::encode(Of::Path(&long(9)), Some(&longer)).is_err());
    // What another writer might put into a body that is short enough.
    let mut body = vec![VERSION, PATH];
    body.put_string(FILE.as_bytes());
    body.put_bool(true);
    body.put_string(&[1; MAX_PASSPHRASE + 1]);
    assert!(matches!(Request::decode(&body), Err(Error::TooLarge { .. })));
}

#[test]
fn nothing_is_taken_of_an_announced_length_alone() {
    let error = Request::read(&mut &u32::MAX.to_be_bytes()[..]).err().unwrap();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
}

#[test]
fn a_path_must_begin_at_the_root() {
    assert!(Request::encode(Of::Path(Path::new("key")), None).is_err());
    let mut body = vec![VERSION, PATH];
    body.put_string(b"key");
    body.put_bool(false);
    assert!(Request::decode(&body).is_err());
}

#[test]
fn an_answer_is_read_as_it_was_written() {
    for walls in Walls::EACH {
        for failure in failures() {
            let bytes = Answer { walls, outcome: Err(failure.clone()) }.encode().unwrap();
            let read = Answer::decode(&bytes).unwrap();
            assert_eq!((read.walls, read.outcome.unwrap_err()), (walls, failure));
        }
    }
    let read = Answer::decode(&answer(Ok(found(b"me")))).unwrap().outcome.unwrap();
    assert_eq!(read.comment, b"me");
    assert_eq!(read.key.public(), PrivateKey::ed25519_from_seed(&[7; 32]).public());
}

#[test]
fn an_answer_cut_anywhere_or_followed_by_anything_is_refused() {
    for bytes in answers() {
        assert!(Answer::decode(&bytes).is_ok());
        for end in 0..bytes.len() {
            assert!(Answer::decode(&bytes[..end]).is_err(), "{end} of {bytes:?}");
        }
        let longer = [&bytes[..], &[0]].concat();
        assert_eq!(Answer::decode(&longer).err(), Some(Error::Trailing(1)));
    }
}

#[test]
fn no_changed_bit_gives_another_key() {
    let bytes = answer(Ok(found(b"")));
    let own = PrivateKey::ed25519_from_seed(&[7; 32]);
    for bit in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        if let Ok(Answer { outcome: Ok(found), .. }) = Answer::decode(&changed) {
            assert_eq!(found.key.public(), own.public(), "bit {bit}");
        }
    }
}

#[test]
fn what_stands_for_nothing_is_refused() {
    for bytes in [[0, 0, 1], [VERSION + 1, 0, 1], [VERSION, 4, 1], [VERSION, 0, 10]] {
        assert!(matches!(Answer::decode(&bytes), Err(Error::Malformed(_))), "{bytes:?}");
    }
}

#[test]
fn a_comment_is_cut_where_the_agent_would_refuse_it() {
    let bytes = answer(Ok(found(&[b'c'; MAX_COMMENT + 1])));
    let read = Answer::decode(&bytes).unwrap().outcome.unwrap();
    assert_eq!(read.comment.len(), MAX_COMMENT);
    let mut longer = vec![VERSION, 0, 0];
    longer.put_string(&[b'c'; MAX_COMMENT + 1]);
    assert!(matches!(Answer::decode(&longer), Err(Error::TooLarge { .. })));
}

#[test]
fn an_answer_larger_than_any_is_neither_written_nor_read() {
    let bytes = vec![VERSION; MAX_ANSWER + 1];
    assert!(matches!(Answer::decode(&bytes), Err(Error::TooLarge { .. })));
}

/// The helper may be a stranger's by now, so the daemon does not rely on its manners.
#[test]
fn a_text_is_made_harmless_by_who_reads_it_too() {
    let hostile = "red \u{1b}[31m\nline \u{202e}".to_owned() + &"x".repeat(MAX_TEXT);
    let mut bytes = vec![VERSION, 0, 6];
    bytes.put_string(hostile.as_bytes());
    let Err(Failure::Unusable(text)) = Answer::decode(&bytes).unwrap().outcome else { panic!() };
    let shown = text.to_string();
    assert!(shown.starts_with("red \\x1b[31m\\x0aline \\u{202e}"), "{shown}");
    assert_eq!(shown.chars().count(), MAX_TEXT);
    for words in [&[b'x'; MAX_TEXT_BYTES + 1][..], b"\xff"] {
        let mut bytes = vec![VERSION, 0, 6];
        bytes.put_string(words);
        assert!(Answer::decode(&bytes).is_err());
    }
}

#[test]
fn a_text_made_harmless_stays_as_it_is() {
    let once = Text::new("a\\x07 b\u{7}\u{fe0f} ü…");
    assert_eq!(Text::new(once.to_string()), once);
}
