//! Constraints at the end of an add request: each one kept or the key refused.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use keyfob_protocol::destination::{Constraint, Hop, KeySpec, NAME};
use keyfob_protocol::request::{AddIdentity, RefusalReply, Request};
use keyfob_protocol::{Constraints, Error};
use proptest::prelude::*;
use support::{Bytes, accepted, add, encoded_body, private_key, public_key, refused};

fn read(body: &Bytes) -> Constraints {
    let Request::Add(added) = accepted(body) else { panic!() };
    added.constraints
}

/// One end of a step, by hand: `reserved` is what must be empty.
fn hop(user: &str, host: &str, reserved: &str, keys: &[(u8, u8)]) -> Bytes {
    let mut hop = Bytes::default().string(user).string(host).string(reserved);
    for &(seed, is_authority) in keys {
        hop = hop.string(public_key(seed).blob()).u8(is_authority);
    }
    hop
}

fn origin() -> Bytes {
    hop("", "", "", &[])
}

fn step(from: &Bytes, to: &Bytes, reserved: &str) -> Bytes {
    let both = Bytes::default().string(from).string(to).string(reserved);
    Bytes::default().string(both)
}

fn restricted(steps: &[Bytes]) -> Bytes {
    let content: Vec<u8> = steps.iter().flat_map(|step| step.0.clone()).collect();
    add(25).u8(255).string(NAME).string(content)
}

/// Lost otherwise: a restriction names a host that can never be recognised.
#[test]
fn a_destination_with_a_dsa_host_key_is_refused() {
    let (public, _) = support::dsa_fields();
    let to = hop("", "host", "", &[]).string(&public).u8(0);
    let reason = refused(&restricted(&[step(&origin(), &to, "")])).reason.to_string();
    assert!(reason.contains("a DSA key is not supported"), "{reason}");
}

#[test]
fn a_lifetime_is_seconds() {
    assert_eq!(read(&add(25).u8(1).u32(3600)).lifetime, Some(3600));
    assert_eq!(read(&add(25).u8(1).u32(u32::MAX)).lifetime, Some(u32::MAX));
}

/// Lost otherwise: "forget it at once" is taken for "keep it for ever".
#[test]
fn a_lifetime_of_nothing_is_not_no_lifetime() {
    let constraints = read(&add(25).u8(1).u32(0));
    assert_eq!(constraints.lifetime, Some(0));
    assert!(!constraints.is_none());
}

#[test]
fn constraints_come_in_any_order() {
    let constraints = read(&add(25).u8(2).u8(1).u32(60));
    assert!(constraints.confirm);
    assert_eq!(constraints.lifetime, Some(60));
    assert!(read(&add(25)).is_none(), "or not at all");
}

/// Lost otherwise: a client that mixes the two numbers up has its constraints ignored, or its
/// key refused, unlike with OpenSSH.
#[test]
fn constraints_count_after_the_plain_number_too() {
    assert!(read(&add(17).u8(2)).confirm);
}

/// RFC 9987 §5.2.7: the add MUST fail. Lost otherwise: a restriction is dropped in silence.
#[test]
fn an_unknown_constraint_refuses_the_key() {
    for number in (0..=254).filter(|number| ![1, 2].contains(number)) {
        let body = add(25).u8(1).u32(60).u8(number).u32(9);
        assert_eq!(refused(&body).reason, Error::UnknownConstraint(number));
    }
    let body = add(25).u8(255).string("no-such@example.com").string("");
    let refusal = refused(&body);
    assert!(matches!(refusal.reason, Error::UnknownConstraintExtension(_)));
    assert_eq!(refusal.reply, RefusalReply::Failure, "the request failed, not an extension");
}

#[test]
fn a_constraint_given_twice_refuses_the_key() {
    let one = restricted(&[step(&origin(), &hop("", "h", "", &[(2, 0)]), "")]);
    let again = one.0[add(25).0.len()..].to_vec();
    let twice = [add(25).u8(1).u32(0).u8(1).u32(60), add(25).u8(2).u8(2), one.raw(again)];
    for body in twice {
        assert!(matches!(refused(&body).reason, Error::RepeatedConstraint(_)));
    }
}

/// Lost otherwise: a key on a token or a card is taken for one that is here.
#[test]
fn what_belongs_to_tokens_and_cards_refuses_the_key() {
    let token = add(25).u8(255).string("sk-provider@openssh.com").string("internal");
    let card = add(25).u8(255).string("associated-certs-v00@openssh.com").u8(1).string("");
    for body in [token, card] {
        assert!(matches!(refused(&body).reason, Error::Unsupported { .. }));
    }
}

#[test]
fn every_cut_of_a_constraint_is_refused() {
    let body =
        restricted(&[step(&origin(), &hop("u", "h", "", &[(2, 0), (3, 1)]), "")]).u8(1).u32(60);
    let bare = add(25).0.len();
    for end in bare + 1..body.0.len() {
        let message = &body.0[..end];
        // After the destination, and before the lifetime, a message may end.
        if end != body.0.len() - 5 {
            refused(message);
        }
    }
}

#[test]
fn a_destination_is_read() {
    let gateway = hop("", "gateway", "", &[(2, 0), (3, 1)]);
    let target = hop("r*t", "target", "", &[(4, 2)]);
    let body = restricted(&[step(&origin(), &gateway, ""), step(&gateway, &target, "")]);
    let expected_gateway = Hop {
        user: Vec::new(),
        host: b"gateway".to_vec(),
        keys: vec![
            KeySpec { key: public_key(2), is_authority: false },
            KeySpec { key: public_key(3), is_authority: true },
        ],
    };
    let expected_target = Hop {
        user: b"r*t".to_vec(),
        host: b"target".to_vec(),
        // Every byte but 0 is "yes".
        keys: vec![KeySpec { key: public_key(4), is_authority: true }],
    };
    let constraints = read(&body);
    assert!(constraints.destinations[0].from.is_origin());
    assert_eq!(constraints.destinations[0].to, expected_gateway);
    assert_eq!(constraints.destinations[1].from, expected_gateway);
    assert_eq!(constraints.destinations[1].to, expected_target);
    assert_eq!(constraints.destinations.len(), 2);
}

/// Lost otherwise: a condition that is not understood is not enforced either.
#[test]
fn a_destination_that_contradicts_itself_is_refused() {
    let good = hop("u", "h", "", &[(2, 0)]);
    let spoilt = [
        ("a user at the beginning", step(&hop("u", "f", "", &[(3, 0)]), &good, "")),
        ("a user at the origin", step(&hop("u", "", "", &[]), &good, "")),
        ("a beginning without keys", step(&hop("", "f", "", &[]), &good, "")),
        ("a beginning without name", step(&hop("", "", "", &[(3, 0)]), &good, "")),
        ("an end without keys", step(&origin(), &hop("u", "h", "", &[]), "")),
        ("an end without name", step(&origin(), &hop("u", "", "", &[(2, 0)]), "")),
        ("an end without anything", step(&origin(), &origin(), "")),
        ("an extended beginning", step(&hop("", "", "x", &[]), &good, "")),
        ("an extended end", step(&origin(), &hop("u", "h", "x", &[(2, 0)]), "")),
        ("an extended step", step(&origin(), &good, "x")),
        ("a NUL in the host", step(&origin(), &hop("u", "h\0st", "", &[(2, 0)]), "")),
        ("a NUL in the user", step(&origin(), &hop("u\0", "h\0\0", "", &[(2, 0)]), "")),
        ("a key that is none", {
            step(&origin(), &hop("u", "h", "", &[]).string("no key").u8(0), "")
        }),
        ("half a step", Bytes::default().string(Bytes::default().string(origin()))),
        ("more than a step", {
            let step = step(&origin(), &good, "");
            Bytes::default().string([&step.0[4..], b"x"].concat())
        }),
    ];
    for (what, step) in spoilt {
        let refusal = refused(&restricted(&[step]));
        assert_eq!(refusal.reply, RefusalReply::Failure, "{what}");
    }
    accepted(&restricted(&[step(&origin(), &good, "")]));
}

/// Lost otherwise: a key meant to be restricted is added without any restriction, as OpenSSH
/// does.
#[test]
fn a_destination_without_a_step_is_refused() {
    assert!(matches!(refused(&restricted(&[])).reason, Error::Invalid { .. }));
}

#[test]
fn the_limits_of_a_destination_are_openssh_s() {
    let to = |user: &str| step(&origin(), &hop(user, "h", "", &[(2, 0)]), "");
    accepted(&restricted(&[to(&"*".repeat(256))]));
    let long = refused(&restricted(&[to(&"*".repeat(257))]));
    assert!(matches!(long.reason, Error::TooLarge { limit: 256, .. }));
    let host = |length| step(&origin(), &hop("", &"h".repeat(length), "", &[(2, 0)]), "");
    accepted(&restricted(&[host(1024)]));
    assert!(matches!(refused(&restricted(&[host(1025)])).reason, Error::TooLarge { .. }));
    assert_eq!(read(&restricted(&vec![to(""); 1024])).destinations.len(), 1024);
    let many = refused(&restricted(&vec![to(""); 1025]));
    assert!(matches!(many.reason, Error::TooLarge { limit: 1024, .. }));
}

/// Lost otherwise: our messages differ from those of `ssh-add`, and agents that are picky see
/// it first.
#[test]
fn constraints_are_written_in_the_order_of_ssh_add() {
    let destination = restricted(&[step(&origin(), &hop("u", "h", "", &[(2, 1)]), "")]);
    let tail = destination.0[add(25).0.len()..].to_vec();
    let body = add(25).u8(1).u32(60).u8(2).raw(tail);
    let request = accepted(&body);
    assert_eq!(*encoded_body(&request), body.0);
}

fn any_hop() -> impl Strategy<Value = Hop> {
    let spec = (any::<u8>(), any::<bool>())
        .prop_map(|(seed, is_authority)| KeySpec { key: public_key(seed), is_authority });
    let keys = prop::collection::vec(spec, 1..4);
    ("[a-z*?]{0,20}", "[a-z.]{1,40}", keys).prop_map(|(user, host, keys)| Hop {
        user: user.into_bytes(),
        host: host.into_bytes(),
        keys,
    })
}

proptest! {
    #[test]
    fn any_destination_is_read_back_as_it_was_written(
        hops in prop::collection::vec((prop::option::of(any_hop()), any_hop()), 1..6),
    ) {
        let destinations: Vec<Constraint> = hops
            .into_iter()
            .map(|(from, to)| {
                let from = from.map(|hop| Hop { user: Vec::new(), ..hop });
                Constraint { from: from.unwrap_or_default(), to }
            })
            .collect();
        let constraints = Constraints { destinations, ..Constraints::default() };
        let added = AddIdentity {
            key: private_key(1),
            comment: Vec::new(),
            constraints: constraints.clone(),
        };
        let body = Bytes(encoded_body(&Request::Add(Box::new(added))).to_vec());
        prop_assert_eq!(read(&body), constraints);
    }

    #[test]
    fn any_bytes_as_constraints_break_nothing(
        rest in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        let _ = Request::decode(&add(25).raw(&rest).0);
        let _ = Request::decode(&add(25).u8(255).string(NAME).string(rest).0);
    }
}
