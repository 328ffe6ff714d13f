//! Frames that are right with bodies that are not.

use keyfob_testkit::wire::number;
use keyfob_testkit::{
    Authority, Case, CertificateRequest, Destination, Hop, KeyType, Message, Notary, RawClient,
    World, case, ours,
};

use crate::chance::Chance;
use crate::target::Target;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(every_number_with_bodies_of_chance),
        ours!(locks_of_chance),
        case!(a_flipped_bit_in_each_byte_of_a_signature_request),
        case!(a_flipped_bit_in_each_byte_of_a_bind),
        case!(a_flipped_bit_in_each_byte_of_a_destination),
        case!(a_flipped_bit_in_each_byte_of_a_certificate),
    ]
}

/// Bodies of every small length and some larger ones, two of three of which are lengths.
fn bodies(chance: &mut Chance) -> Vec<Vec<u8>> {
    let lengths = [0, 1, 3, 4, 5, 8, 20, 33, 68, 120, 1000, 20_000];
    lengths.into_iter().flat_map(|length| [chance.bytes(length), Chance::lengths(length)]).collect()
}

/// Sends it and wants one whole answer.
#[track_caller]
fn is_answered(client: &mut RawClient, message: &Message) -> u8 {
    client.request(message).kind()
}

/// All but those that lock, of which OpenSSH's agent dies (compliance, `malformed`).
fn every_number_with_bodies_of_chance(world: &World) {
    let mut target = Target::new(world);
    let mut chance = Chance::new(0x2545_f491_4f6c_dd1d);
    let without_fields = [1, number::REMOVE_ALL_V1, number::REQUEST_IDENTITIES, number::REMOVE_ALL];
    let mut client = target.client();
    for kind in (0..=255).filter(|kind| ![number::LOCK, number::UNLOCK].contains(kind)) {
        for body in bodies(&mut chance) {
            let answer = is_answered(&mut client, &Message::new(kind).raw(body));
            assert!(
                matches!(answer, number::FAILURE | number::EXTENSION_FAILURE)
                    || without_fields.contains(&kind),
                "{kind} was answered with {answer}"
            );
        }
    }
    // Those that remove all did, whatever came behind the number.
    assert!(client.list().is_empty(), "a key was added by chance");
    target.has_its_key();
    target.is_whole();
}

fn locks_of_chance(world: &World) {
    let mut target = Target::new(world);
    let mut chance = Chance::new(0x1234_5678_9abc_def1);
    let mut client = target.client();
    for kind in [number::LOCK, number::UNLOCK] {
        for body in bodies(&mut chance) {
            // A length of 16 with 16 bytes behind it is a passphrase.
            let is_right = body.len() == 20 && body[..4] == [0, 0, 0, 16];
            if !is_right {
                client.request(&Message::new(kind).raw(body)).fails();
            }
        }
    }
    target.is_whole();
}

/// Sends the message with one bit of each byte flipped, on connections of their own, and again from
/// the start as often as this.
#[track_caller]
fn flips(target: &Target<'_>, message: &Message, rounds: usize) -> usize {
    let mut chance = Chance::new(0xdead_beef_cafe_f00d);
    let mut taken = 0;
    for _ in 0..rounds {
        for at in 1..message.body().len() {
            let mut body = message.body().to_vec();
            body[at] ^= 1 << chance.below(8);
            let answer = is_answered(&mut target.client(), &Message::fields().raw(body));
            taken += usize::from(matches!(answer, number::SUCCESS | number::SIGN_RESPONSE));
        }
    }
    taken
}

fn a_flipped_bit_in_each_byte_of_a_signature_request(world: &World) {
    let mut target = Target::new(world);
    flips(&target, &target.sign_request(), 2);
    target.is_whole();
}

/// No byte but that which says whether the agent is forwarded may be changed.
fn a_flipped_bit_in_each_byte_of_a_bind(world: &World) {
    let mut target = Target::new(world);
    let notary = Notary::new(world);
    let bind = notary.bind(&notary.host("host"), b"the session", false).message();
    let taken = flips(&target, &bind, 1);
    assert!(taken <= 1, "{taken} changed binds were taken");
    target.is_whole();
}

fn a_flipped_bit_in_each_byte_of_a_destination(world: &World) {
    let mut target = Target::new(world);
    let key = world.key(KeyType::Ed25519, "restricted");
    let host = world.key(KeyType::Ed25519, "host");
    let steps = [Destination::direct(Hop::host("host", &host).user("user"))];
    let add = key.add_message(number::ADD_ID_CONSTRAINED, "restricted");
    flips(&target, &add.raw(Destination::constraint(&steps)), 1);
    target.has_its_key();
    target.is_whole();
}

fn a_flipped_bit_in_each_byte_of_a_certificate(world: &World) {
    let mut target = Target::new(world);
    let key = world.key(KeyType::Ed25519, "certified");
    Authority::new(world, "authority").certify(&key, &CertificateRequest::default());
    flips(&target, &key.add_certificate_message(number::ADD_IDENTITY, "certified"), 1);
    target.has_its_key();
    target.is_whole();
}
