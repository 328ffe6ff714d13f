//! Signatures: each key type, and RSA's flags. `ssh-keygen` judges the signatures.

use std::thread;

use keyfob_testkit::wire::number;
use keyfob_testkit::{Case, KeyType, Message, Signature, World, case, divergent};

const SHA2_256: u32 = 2;
const SHA2_512: u32 = 4;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(every_key_type_signs),
        case!(p1_rsa_signs_with_sha_256_when_asked),
        case!(p1_rsa_signs_with_sha_512_when_asked),
        case!(p1_rsa_without_a_flag_signs_with_sha_1),
        divergent!(p1_both_rsa_flags, original_takes_the_weaker_hash, ours_takes_the_stronger_hash),
        divergent!(
            p2_an_unknown_flag,
            original_ignores_an_unknown_flag,
            ours_refuses_an_unknown_flag
        ),
        case!(rsa_flags_do_not_disturb_other_keys),
        case!(rsa_of_1024_bits_signs),
        case!(rsa_of_3072_bits_signs),
        case!(nothing_can_be_signed),
        case!(two_hundred_kibibytes_are_signed),
        case!(an_unknown_key_does_not_sign),
        case!(ed25519_and_rsa_are_deterministic_and_ecdsa_is_not),
        case!(connections_sign_side_by_side),
    ]
}

/// Adds a key of this type and has a signature by it judged; gives the algorithm it names.
#[track_caller]
fn signs(world: &World, kind: KeyType, flags: u32) -> String {
    let agent = world.agent();
    let key = world.key(kind, &format!("key-{}", kind.bits()));
    agent.add(&key);
    let mut client = agent.client();
    Signature::proved_by_ssh_keygen(world, &mut client, &key, &key.blob(), flags).algorithm
}

fn every_key_type_signs(world: &World) {
    for kind in [KeyType::Ed25519, KeyType::EcdsaP256, KeyType::EcdsaP384, KeyType::EcdsaP521] {
        assert_eq!(signs(world, kind, 0), kind.wire_name());
    }
}

fn p1_rsa_signs_with_sha_256_when_asked(world: &World) {
    assert_eq!(signs(world, KeyType::Rsa2048, SHA2_256), "rsa-sha2-256");
}

fn p1_rsa_signs_with_sha_512_when_asked(world: &World) {
    assert_eq!(signs(world, KeyType::Rsa2048, SHA2_512), "rsa-sha2-512");
}

/// Old network gear knows nothing else. OpenSSH's `ssh-add -T` verifies it.
fn p1_rsa_without_a_flag_signs_with_sha_1(world: &World) {
    let agent = world.agent();
    let key = world.key(KeyType::Rsa2048, "key");
    agent.add(&key);
    assert_eq!(agent.client().sign(&key.blob(), b"data", 0).signature().algorithm, "ssh-rsa");
    let check = world.system_program("ssh-add").env("SSH_AUTH_SOCK", agent.socket());
    check.arg("-T").arg(key.public_path()).output().exits(0);
}

fn original_takes_the_weaker_hash(world: &World) {
    assert_eq!(signs(world, KeyType::Rsa2048, SHA2_256 | SHA2_512), "rsa-sha2-256");
}

fn ours_takes_the_stronger_hash(world: &World) {
    assert_eq!(signs(world, KeyType::Rsa2048, SHA2_256 | SHA2_512), "rsa-sha2-512");
}

const UNKNOWN_FLAGS: [u32; 4] = [1, 8, 0x8000_0000, 0xffff_fff8];

fn original_ignores_an_unknown_flag(world: &World) {
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    for flags in UNKNOWN_FLAGS {
        agent.client().sign(&key.blob(), b"data", flags).signature();
    }
}

fn ours_refuses_an_unknown_flag(world: &World) {
    let agent = world.agent();
    for kind in [KeyType::Ed25519, KeyType::Rsa2048] {
        let key = world.key(kind, kind.name());
        agent.add(&key);
        for flags in UNKNOWN_FLAGS {
            agent.client().sign(&key.blob(), b"data", flags | SHA2_512).fails();
        }
        agent.client().sign(&key.blob(), b"data", SHA2_512).signature();
    }
}

fn rsa_flags_do_not_disturb_other_keys(world: &World) {
    for kind in [KeyType::Ed25519, KeyType::EcdsaP256] {
        assert_eq!(signs(world, kind, SHA2_512), kind.wire_name());
        assert_eq!(signs(world, kind, SHA2_256), kind.wire_name());
    }
}

fn rsa_of_1024_bits_signs(world: &World) {
    assert_eq!(signs(world, KeyType::Rsa1024, SHA2_512), "rsa-sha2-512");
}

fn rsa_of_3072_bits_signs(world: &World) {
    assert_eq!(signs(world, KeyType::Rsa3072, SHA2_256), "rsa-sha2-256");
}

fn nothing_can_be_signed(world: &World) {
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    agent.client().sign(&key.blob(), b"", 0).signature();
}

fn two_hundred_kibibytes_are_signed(world: &World) {
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    agent.client().sign(&key.blob(), &vec![7; 200 * 1024], 0).signature();
}

fn an_unknown_key_does_not_sign(world: &World) {
    let agent = world.agent();
    agent.add(&world.key(KeyType::Ed25519, "one"));
    agent.client().sign(&world.key(KeyType::Ed25519, "two").blob(), b"data", 0).fails();
}

/// A nonce used twice would give an ECDSA key away.
fn ed25519_and_rsa_are_deterministic_and_ecdsa_is_not(world: &World) {
    let agent = world.agent();
    let mut client = agent.client();
    for (kind, repeats) in
        [(KeyType::Ed25519, true), (KeyType::Rsa2048, true), (KeyType::EcdsaP256, false)]
    {
        let key = world.key(kind, kind.name());
        agent.add(&key);
        let mut sign = |data: &[u8]| client.sign(&key.blob(), data, SHA2_256).signature().blob;
        let (first, second, other) = (sign(b"data"), sign(b"data"), sign(b"other"));
        if repeats {
            assert_eq!(first, second, "{kind:?}");
        }
        assert_ne!(first, other, "{kind:?}");
    }
}

fn connections_sign_side_by_side(world: &World) {
    let agent = world.agent();
    let keys = [KeyType::Ed25519, KeyType::EcdsaP384, KeyType::Rsa2048].map(|kind| {
        let key = world.key(kind, kind.name());
        agent.add(&key);
        key.blob()
    });
    let request = |blob: &[u8], data: u8| {
        Message::new(number::SIGN_REQUEST).string(blob).string([data; 64]).number(SHA2_512)
    };
    thread::scope(|scope| {
        for (turn, blob) in keys.iter().cycle().take(6).enumerate() {
            let agent = &agent;
            scope.spawn(move || {
                let mut client = agent.client();
                for round in 0..20 {
                    let data = u8::try_from(turn * 20 + round).unwrap();
                    client.request(&request(blob, data)).signature();
                }
            });
        }
    });
}
