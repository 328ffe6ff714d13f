//! Each request by its number: what is read, what is refused, and what is written.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use keyfob_keys::{PrivateKey, PublicKey, Secret};
use keyfob_protocol::limits::MAX_FRAME;
use keyfob_protocol::request::{AddIdentity, RefusalReply, Request, SignRequest};
use keyfob_protocol::{Constraints, Error, FrameBuffer, Response};
use proptest::prelude::*;
use secrecy::ExposeSecret as _;
use support::{
    Bytes, accepted, add, encoded_body, every_cut_is_refused, private_key, public_key, refused,
};

#[test]
fn each_number_is_its_request() {
    let sign = Bytes::new(13).string("key").string("data").u32(4);
    assert!(matches!(accepted(&Bytes::new(11)), Request::Identities));
    assert!(matches!(
        accepted(&sign),
        Request::Sign(SignRequest { key: b"key", data: b"data", flags: 4 })
    ));
    assert!(matches!(accepted(&add(17)), Request::Add(_)));
    assert!(matches!(accepted(&Bytes::new(18).string("key")), Request::Remove(b"key")));
    assert!(matches!(accepted(&Bytes::new(19)), Request::RemoveAll));
    assert!(matches!(accepted(&Bytes::new(9)), Request::RemoveAllV1));
    assert!(matches!(accepted(&Bytes::new(22).string("p")), Request::Lock(_)));
    assert!(matches!(accepted(&Bytes::new(23).string("p")), Request::Unlock(_)));
    assert!(matches!(accepted(&add(25)), Request::Add(_)));
    assert!(matches!(accepted(&Bytes::new(27).string("query")), Request::Extension(_)));
}

/// Lost otherwise: a client that tries something new is cut off instead of told no.
#[test]
fn p6_every_other_number_is_unsupported_whatever_follows() {
    for number in 0..=255 {
        if ![9, 11, 13, 17, 18, 19, 22, 23, 25, 27].contains(&number) {
            let body = Bytes::new(number).string("anything").raw([0xff; 9]);
            assert!(matches!(accepted(&body), Request::Unsupported(n) if n == number));
        }
    }
}

#[test]
fn an_empty_body_is_refused() {
    let refusal = refused(b"".as_slice());
    assert_eq!(refusal.reason, Error::Empty);
    assert_eq!(refusal.response(), Response::Failure);
}

/// Lost otherwise: flags, keys or constraints are taken from the bytes of the next request.
#[test]
fn p6_a_body_shorter_than_its_fields_does_not_read_into_the_next_frame() {
    let cut = Bytes::new(13).string("key").string("data");
    let next = Bytes::new(13).string("key").string("other").u32(2);
    let mut buffer = FrameBuffer::new();
    buffer.push(Bytes::default().string(&cut).string(&next).as_ref());
    let first = buffer.next_frame().unwrap().unwrap();
    assert_eq!(refused(first).reply, RefusalReply::Failure);
    let second = buffer.next_frame().unwrap().unwrap();
    assert!(matches!(
        accepted(second),
        Request::Sign(SignRequest { data: b"other", flags: 2, .. })
    ));
}

#[test]
fn p6_every_cut_of_every_request_is_refused() {
    every_cut_is_refused(&Bytes::new(13).string("key").string("data").u32(0));
    every_cut_is_refused(&Bytes::new(18).string("key"));
    every_cut_is_refused(&Bytes::new(22).string("passphrase"));
    every_cut_is_refused(&Bytes::new(23).string("passphrase"));
    every_cut_is_refused(&add(17));
    every_cut_is_refused(&Bytes::new(27).string("query"));
}

#[test]
fn p6_bytes_after_the_last_field_are_refused() {
    let longer = [
        Bytes::new(13).string("key").string("data").u32(0),
        Bytes::new(18).string("key"),
        Bytes::new(22).string("passphrase"),
        Bytes::new(23).string("passphrase"),
        add(17),
        Bytes::new(27).string("query"),
    ];
    for body in longer {
        refused(&body.raw([0]));
    }
}

/// Lost otherwise: a remove-all with a stray byte leaves the keys where they are.
#[test]
fn a_request_without_fields_may_have_bytes_behind_it() {
    assert!(matches!(accepted(&Bytes::new(11).raw("junk")), Request::Identities));
    assert!(matches!(accepted(&Bytes::new(19).raw("junk")), Request::RemoveAll));
    assert!(matches!(accepted(&Bytes::new(9).raw("junk")), Request::RemoveAllV1));
}

/// Lost otherwise: six bytes from any client end the agent, and all keys are gone.
#[test]
fn a_lock_that_cannot_be_read_is_an_ordinary_failure() {
    for number in [22, 23] {
        let refusal = refused(&Bytes::new(number).u32(9));
        assert_eq!(refusal.response(), Response::Failure);
        assert_eq!(refusal.number, number);
    }
}

/// Lost otherwise: whoever types a passphrase in another encoding can lock but not unlock.
#[test]
fn a_passphrase_is_bytes() {
    let typed = b"\xff\0 not UTF-8";
    let body = Bytes::new(22).string(typed);
    let Request::Lock(secret) = accepted(&body) else { panic!() };
    assert_eq!(secret.expose_secret(), typed);
}

#[test]
fn sign_flags_are_handed_on_unknown_bits_included() {
    let body = Bytes::new(13).string("").string("").u32(0x8000_0001);
    assert!(matches!(accepted(&body), Request::Sign(SignRequest { flags: 0x8000_0001, .. })));
}

#[test]
fn an_added_key_comes_with_its_comment() {
    let body = add(17);
    let Request::Add(added) = accepted(&body) else { panic!() };
    assert_eq!(added.key.public(), &public_key(1));
    assert_eq!(added.comment, b"a comment");
    assert!(added.constraints.is_none());
}

#[test]
fn p9_a_comment_may_be_empty_and_need_not_be_text() {
    for comment in [&b""[..], b"\xff\xfe", "naïve".as_bytes()] {
        let body = Bytes::new(17).raw(support::private_fields(1)).string(comment);
        let Request::Add(added) = accepted(&body) else { panic!() };
        assert_eq!(added.comment, comment);
    }
}

/// Lost otherwise: with one such comment, OpenSSH's clients list no key at all; with one very
/// long one, there is no room for the others.
#[test]
fn a_comment_that_would_spoil_the_listing_is_refused() {
    let with = |comment: &[u8]| Bytes::new(17).raw(support::private_fields(1)).string(comment);
    assert_eq!(refused(&with(b"a\0b")).reason, Error::Nul("comment"));
    accepted(&with(&[b'c'; 4096]));
    assert!(matches!(refused(&with(&[b'c'; 4097])).reason, Error::TooLarge { .. }));
}

/// Lost otherwise: a connection ends because of a key type of tomorrow.
#[test]
fn p6_a_key_type_we_do_not_know_is_an_ordinary_failure() {
    for name in ["ssh-ed448", "ssh-dss", "", "sk-ssh-ed25519@openssh.com"] {
        let refusal = refused(&Bytes::new(17).string(name).string([1; 57]).string("c"));
        assert_eq!(refusal.reply, RefusalReply::Failure);
        assert!(matches!(refusal.reason, Error::Field { what: "private key", .. }), "{name}");
    }
}

/// Lost otherwise: the agent offers a key it does not sign with.
#[test]
fn a_dsa_key_is_read_and_refused_with_the_reason() {
    let (public, private) = support::dsa_fields();
    let refusal = refused(&Bytes::new(17).raw(&public).raw(&private).string("c"));
    assert_eq!(refusal.reply, RefusalReply::Failure);
    let reason = refusal.reason.to_string();
    assert_eq!(
        reason,
        "private key: a DSA key is not supported: OpenSSH has removed DSA and its keys are too \
         short to be safe"
    );
    // It is a good key, or it would be refused for another reason.
    PublicKey::from_blob(&public.0).unwrap();
}

/// Lost otherwise: the agent offers a key whose token nobody can ask.
#[test]
fn a_fido_key_is_read_and_refused_with_the_reason() {
    let key = Bytes::new(25).string("sk-ssh-ed25519@openssh.com").string([1; 32]);
    let key = key.string("ssh:").u8(1).string([7; 64]).string("").string("c");
    let provided = key.clone().u8(255).string("sk-provider@openssh.com").string("internal");
    for body in [key, provided] {
        let refusal = refused(&body);
        assert_eq!(refusal.reply, RefusalReply::Failure);
        assert_eq!(
            refusal.reason.to_string(),
            "private key: a FIDO key is not supported: signing with it needs the token it was \
             made on"
        );
    }
}

/// Lost otherwise: the agent offers a key it cannot sign with.
#[test]
fn a_key_whose_halves_are_of_two_keys_is_refused() {
    let mut body = add(17).0;
    let flipped = 1 + 4 + 11 + 4;
    body[flipped] ^= 1;
    assert!(matches!(refused(&body).reason, Error::Field { what: "private key", .. }));
}

#[test]
fn nothing_of_a_request_is_printed() {
    let lock = Bytes::new(22).string("hush");
    assert_eq!(format!("{:?}", accepted(&lock)), "Request(22)");
    let body = add(17);
    let Request::Add(added) = accepted(&body) else { panic!() };
    assert!(!format!("{added:?}").contains("comment"));
}

/// What the log says is safe to print, whatever a client sends.
#[test]
fn a_refusal_quotes_nothing_it_has_not_escaped() {
    let body = add(25).u8(255).string("evil\x1b[2J\nname@example.com");
    let text = refused(&body).to_string();
    assert!(!text.contains(char::is_control), "{text:?}");
    let unknown_key = Bytes::new(17).string("ssh-\x1b]0;pwned\x07").string("");
    assert!(!refused(&unknown_key).to_string().contains(char::is_control));
}

#[test]
fn what_is_written_is_read_back() {
    let secret = || Secret::from(b"hush".to_vec());
    let requests = [
        (Request::Identities, Bytes::new(11)),
        (
            Request::Sign(SignRequest { key: b"key", data: b"data", flags: 2 }),
            Bytes::new(13).string("key").string("data").u32(2),
        ),
        (Request::Remove(b"key"), Bytes::new(18).string("key")),
        (Request::RemoveAll, Bytes::new(19)),
        (Request::RemoveAllV1, Bytes::new(9)),
        (Request::Lock(secret()), Bytes::new(22).string("hush")),
        (Request::Unlock(secret()), Bytes::new(23).string("hush")),
        (
            Request::Add(Box::new(AddIdentity {
                key: private_key(1),
                comment: b"a comment".to_vec(),
                constraints: Constraints::default(),
            })),
            add(17),
        ),
        (
            Request::Add(Box::new(AddIdentity {
                key: private_key(1),
                comment: b"a comment".to_vec(),
                constraints: Constraints { confirm: true, ..Constraints::default() },
            })),
            add(25).u8(2),
        ),
    ];
    for (request, expected) in requests {
        assert_eq!(*encoded_body(&request), expected.0, "{request:?}");
        assert_eq!(accepted(&expected).number(), request.number());
    }
}

/// No program here makes such a key, so its fields are put together by hand.
#[test]
fn a_composite_key_goes_both_ways() {
    let (ml_dsa, ed25519) = ([3; 32], [4; 32]);
    let key = PrivateKey::ml_dsa44_ed25519_from_seeds(&ml_dsa, &ed25519);
    let blob = key.public().blob().to_vec();
    let name = "ssh-mldsa44-ed25519@openssh.com";
    let public = &blob[4 + name.len() + 4..];
    assert_eq!(public.len(), 1312 + 32);
    let body = Bytes::new(25)
        .string(name)
        .string(public)
        .string([ml_dsa, ed25519].concat())
        .string("pq")
        .u8(2);
    let request = accepted(&body);
    let Request::Add(added) = &request else { panic!() };
    assert_eq!(added.key.public(), key.public());
    assert_eq!(*encoded_body(&request), body.0);
}

/// Lost otherwise: the client sends what makes the agent close the connection, and reports
/// that "communication failed".
#[test]
fn a_request_no_agent_would_take_is_not_written() {
    let data = vec![0; MAX_FRAME];
    let room = MAX_FRAME - (1 + 4 + 4 + 4);
    let sign = |data| Request::Sign(SignRequest { key: b"", data, flags: 0 });
    assert_eq!(sign(&data[..room]).encode().unwrap().len(), 4 + MAX_FRAME);
    assert!(matches!(sign(&data[..=room]).encode(), Err(Error::TooLarge { .. })));
}

proptest! {
    #[test]
    fn any_bytes_at_all_break_nothing(body in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Request::decode(&body);
    }

    /// As above, but past the first fields, where random bytes do not get to by themselves.
    #[test]
    fn a_good_message_with_bytes_changed_breaks_nothing(
        which in 0..4_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let good = [
            add(25).u8(1).u32(60).u8(2),
            add(25).u8(255).string("restrict-destination-v00@openssh.com").string([0; 40]),
            Bytes::new(13).string("key").string("data").u32(2),
            Bytes::new(27).string("session-bind@openssh.com").string(public_key(2).blob())
                .string([1; 32]).string([2; 80]).u8(1),
        ];
        let mut body = good[which].0.clone();
        for (index, byte) in changes {
            let at = index.index(body.len());
            body[at] = byte;
        }
        let _ = Request::decode(&body);
    }

    #[test]
    fn any_sign_request_is_read_back_as_it_was_written(
        key in prop::collection::vec(any::<u8>(), 0..200),
        data in prop::collection::vec(any::<u8>(), 0..2000),
        flags: u32,
    ) {
        let body = encoded_body(&Request::Sign(SignRequest { key: &key, data: &data, flags }));
        let Request::Sign(read) = accepted(&body[..]) else { panic!() };
        let same = read == SignRequest { key: &key, data: &data, flags };
        prop_assert!(same);
    }

    #[test]
    fn any_added_key_is_read_back_as_it_was_written(
        seed: u8,
        comment in prop::collection::vec(1..=255_u8, 0..200),
        lifetime: Option<u32>,
        confirm: bool,
    ) {
        let idle = lifetime;
        let constraints = Constraints { lifetime, idle, confirm, destinations: Vec::new() };
        let key = private_key(seed);
        let added = AddIdentity { key, comment: comment.clone(), constraints: constraints.clone() };
        let body = encoded_body(&Request::Add(Box::new(added)));
        let Request::Add(read) = accepted(&body[..]) else { panic!() };
        prop_assert_eq!(read.key.public(), &public_key(seed));
        prop_assert_eq!(read.comment, comment);
        prop_assert_eq!(read.constraints, constraints);
    }
}
