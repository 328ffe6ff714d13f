//! The decoders, for `tests/fuzz` and the property tests: what each must keep to whatever it is
//! given. Not a part of the crate otherwise.

use keyfob_keys::Secret;

use crate::content;
use crate::facts::Facts;
use crate::id::VaultId;
use crate::item::{Kind, Sealed};
use crate::slot::Slot;
use crate::state::State;
use crate::{Name, RecoveryCode, manifest, store};

/// Decoders there are: the first byte of the input chooses.
pub const DECODERS: u8 = 10;

/// Gives all but the first byte to the decoder that it chooses.
///
/// # Panics
/// When a decoder takes something that is not written the same again.
#[allow(clippy::expect_used, clippy::panic, reason = "a fuzz target says what is wrong by ending")]
pub fn decode(input: &[u8]) {
    let Some((choice, bytes)) = input.split_first() else { return };
    let vault = VaultId::parse("000102030405060708090a0b0c0d0e0f").expect("a good id");
    match choice % DECODERS {
        0 => {
            if let Ok(slot) = Slot::read(bytes, vault) {
                assert_eq!(slot.file(), bytes);
            }
        }
        1 => {
            if let Ok(sealed) = Sealed::read(bytes, vault) {
                assert_eq!(sealed.file(), bytes);
            }
        }
        2 => manifest::fuzz(bytes),
        3 => facts(bytes),
        4 => content(bytes, Kind::Key),
        5 => content(bytes, Kind::Reference),
        6 => content(bytes, Kind::Secret),
        7 => State::fuzz(bytes, vault),
        8 => {
            if let Ok(code) = RecoveryCode::parse(&Secret::from(bytes.to_vec())) {
                let text = Secret::from(code.to_text().as_bytes().to_vec());
                let again = RecoveryCode::parse(&text).expect("what was written");
                assert_eq!(*again.to_text(), *code.to_text());
            }
        }
        _ => {
            let _ = store::read_vault(bytes);
            if let Some(name) = Name::proposed(bytes) {
                assert!(Name::new(name.as_str()).is_ok(), "{name:?}");
                assert!(name.numbered(u32::MAX).is_none_or(|it| Name::new(it.as_str()).is_ok()));
            }
        }
    }
}

#[allow(clippy::expect_used, reason = "as above")]
fn facts(bytes: &[u8]) {
    if let Ok(facts) = Facts::decode(bytes) {
        assert_eq!(facts.encode().expect("what was read"), bytes);
    }
}

/// The check words of a key are random, so it is what was read that must be the same.
#[allow(clippy::expect_used, reason = "as above")]
fn content(bytes: &[u8], kind: Kind) {
    let Ok((facts, content)) = content::decode(bytes, kind) else { return };
    assert_eq!(content.kind(), kind);
    // A key that may be kept and not used: it signs nothing.
    let Ok(plain) = content::encode(&facts, &content) else { return };
    let (again, _) = content::decode(&plain, kind).expect("what was written");
    assert_eq!(again, facts);
    if kind != Kind::Key {
        assert!(bytes.starts_with(&plain), "there was another way to write it");
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use keyfob_keys::PrivateKey;
    use proptest::prelude::*;

    use super::*;
    use crate::item::Label;
    use crate::root::Root;
    use crate::{AccountKey, Content, Cost, Destination, SlotKind, Terms};

    fn some_facts() -> impl Strategy<Value = Facts> {
        let bytes = || prop::collection::vec(any::<u8>(), 0..300);
        let destination =
            (bytes(), bytes()).prop_map(|(text, constraint)| Destination { text, constraint });
        let destinations = prop::collection::vec(destination, 0..3);
        let seconds = any::<Option<u32>>;
        let terms = (seconds(), seconds(), any::<bool>(), destinations).prop_map(
            |(lifetime, idle, confirm, destinations)| Terms {
                lifetime,
                idle,
                confirm,
                destinations,
            },
        );
        let public = any::<Option<u8>>().prop_map(|number| {
            number.map(|it| PrivateKey::ed25519_from_seed(&[it; 32]).public().clone())
        });
        (bytes(), any::<u64>(), public, terms).prop_map(|(comment, created, public, terms)| Facts {
            comment,
            created,
            public,
            certificate: None,
            terms,
        })
    }

    /// Something good for each decoder, to be damaged.
    fn good() -> Vec<Vec<u8>> {
        let vault = VaultId::parse("000102030405060708090a0b0c0d0e0f").unwrap();
        let (root, code) = (Root::fresh().unwrap(), RecoveryCode::fresh().unwrap());
        let key = PrivateKey::ed25519_from_seed(&[1; 32]);
        let facts = Facts { public: Some(key.public().clone()), ..Facts::default() };
        let label = Label {
            id: VaultId::fresh().unwrap(),
            generation: 7,
            name: Name::new("work").unwrap(),
            device: crate::DeviceId::fresh().unwrap(),
        };
        let content = Content::Key(key);
        let sealed = Sealed::make(&root, vault, label, &facts, &content).unwrap().file();
        let key = content::encode(&facts, &content).unwrap().to_vec();
        let link = Content::Reference { path: "/a".into(), passphrase: None };
        let link = content::encode(&facts, &link).unwrap().to_vec();
        let token = Content::Secret(Secret::from(b"token".to_vec()));
        let token = content::encode(&Facts::default(), &token).unwrap().to_vec();
        let slot = Slot::make(vault, SlotKind::RecoveryCode, &code, &root).unwrap().file();
        let (device, secret) = (crate::DeviceId::fresh().unwrap(), [1; 32]);
        let account = AccountKey::of(device, &secret).unwrap();
        let account = Slot::make(vault, SlotKind::Account(device), &account, &root).unwrap();
        let dear = Cost::LEAST;
        let passphrase = Secret::from(b"x".to_vec());
        let other = Slot::make(vault, SlotKind::Passphrase(dear), &passphrase, &root);
        let text = b"item 000102030405060708090a0b0c0d0e0f 7 live 0001020304050607\n".to_vec();
        let state = format!("keyfob-state 1 {vault} 0001020304050607\nseen 0001020304050607 9\n");
        let good = [
            (0, slot),
            (0, other.unwrap().file()),
            (0, account.file()),
            (1, sealed),
            (2, text),
            (3, facts.encode().unwrap()),
            (4, key),
            (5, link),
            (6, token),
            (7, state.into_bytes()),
            (8, code.to_text().as_bytes().to_vec()),
            (9, b"keyfob-vault 1 000102030405060708090a0b0c0d0e0f\n".to_vec()),
        ];
        good.map(|(choice, bytes)| [vec![choice], bytes].concat()).to_vec()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn any_bytes_are_read_as_they_are_written_or_refused(
            bytes in prop::collection::vec(any::<u8>(), 0..600),
        ) {
            decode(&bytes);
        }

        #[test]
        fn any_facts_come_back_as_they_were(facts in some_facts()) {
            prop_assert_eq!(Facts::decode(&facts.encode().unwrap()).unwrap(), facts);
        }
    }

    #[test]
    fn what_is_good_but_for_a_few_bytes_is_read_as_it_is_written_or_refused() {
        for input in good() {
            decode(&input);
            for at in 1..input.len() {
                for byte in [0, b' ', b'\n', b'0', b'g', 0x80, 0xff, input[at] ^ 1] {
                    let mut changed = input.clone();
                    changed[at] = byte;
                    decode(&changed);
                }
                decode(&input[..at]);
            }
        }
    }
}
