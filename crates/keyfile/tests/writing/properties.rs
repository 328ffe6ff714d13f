//! Whatever the comment and the passphrase, what is written reads back.

use keyfob_keyfile::{PrivateForm, Protection, PublicForm, Randomness};
use keyfob_keyfile::{read_private, read_public, write_private, write_public};
use keyfob_keys::{PrivateKey, Secret};
use proptest::prelude::*;

use crate::keys::encoded;

/// Any bytes but those a line has no room for.
fn comment() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..100).prop_map(|bytes| {
        bytes.into_iter().filter(|byte| !matches!(byte, 0 | b'\n' | b'\r')).collect()
    })
}

fn passphrase() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 1..100)
}

fn form() -> impl Strategy<Value = PrivateForm> {
    prop_oneof![Just(PrivateForm::OpenSsh), Just(PrivateForm::Ppk3), Just(PrivateForm::Ppk2)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_seed_and_comment_reads_back(seed: [u8; 32], comment in comment(), form in form()) {
        let key = PrivateKey::ed25519_from_seed(&seed);
        let random = Randomness::fresh().unwrap();
        let text = write_private(&key, &comment, form, None, &random).unwrap();
        let file = read_private(&text, None).unwrap();
        prop_assert_eq!(encoded(&file.key), encoded(&key));
        prop_assert_eq!(file.comment, comment);
    }

    #[test]
    fn any_passphrase_opens_what_it_closed(seed: [u8; 32], passphrase in passphrase()) {
        let key = PrivateKey::ed25519_from_seed(&seed);
        let secret = Secret::from(passphrase.clone());
        let wrong = Secret::from([&passphrase[..], b"x"].concat());
        let protection = Protection { passphrase: &secret, cipher: None, rounds: Some(1) };
        for form in [PrivateForm::OpenSsh, PrivateForm::Ppk2] {
            let random = Randomness::fresh().unwrap();
            let text = write_private(&key, b"", form, Some(&protection), &random).unwrap();
            prop_assert_eq!(encoded(&read_private(&text, Some(&secret)).unwrap().key), encoded(&key));
            prop_assert!(read_private(&text, Some(&wrong)).is_err());
        }
    }

    /// However it is cut into lines, and whatever stands where a line ends.
    #[test]
    fn any_comment_of_rfc_4716_reads_back(comment in comment(), times in 1_usize..5) {
        let comment = comment.repeat(times);
        let key = PrivateKey::ed25519_from_seed(&[1; 32]).public().clone();
        let text = write_public(&key, &comment, PublicForm::Rfc4716).unwrap();
        prop_assert_eq!(read_public(&text).unwrap(), (key, comment));
    }

    /// Blanks around it are not the comment's: the line has them between its words.
    #[test]
    fn any_comment_of_a_line_reads_back(comment in comment()) {
        let comment = comment.trim_ascii();
        let key = PrivateKey::ed25519_from_seed(&[1; 32]).public().clone();
        let line = write_public(&key, comment, PublicForm::Line).unwrap();
        prop_assert_eq!(read_public(&line).unwrap(), (key, comment.to_vec()));
    }
}
