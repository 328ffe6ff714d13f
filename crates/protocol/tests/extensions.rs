//! Extensions: which are known, how each is refused, and what binds a connection.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use keyfob_protocol::request::{RefusalReply, Request};
use keyfob_protocol::{Error, Extension, Response};
use support::{Bytes, accepted, encoded_body, public_key, refused};

fn extension(name: &str) -> Bytes {
    Bytes::new(27).string(name)
}

fn bind(session_id: &[u8], forwarding: u8) -> Bytes {
    extension("session-bind@openssh.com")
        .string(public_key(2).blob())
        .string(session_id)
        .string("a signature")
        .u8(forwarding)
}

fn read(body: &Bytes) -> Extension<'_> {
    let Request::Extension(extension) = accepted(body) else { panic!() };
    extension
}

#[test]
fn query_has_no_content() {
    assert_eq!(read(&extension("query")), Extension::Query);
    let refusal = refused(&extension("query").u8(0));
    assert_eq!(refusal.response(), Response::ExtensionFailure);
}

/// RFC 9987 §5.8: an unknown extension is an ordinary failure; 28 would say that it is known.
#[test]
fn p8_an_unknown_extension_is_named_not_refused_whatever_it_contains() {
    let body = extension("no-such@example.com").raw([0xff; 30]);
    assert_eq!(read(&body), Extension::Unknown(b"no-such@example.com"));
    // Known names are known to the last letter: another agent fakes this one (agents.md P3).
    let body = bind(&[1; 32], 0).0;
    let org = String::from_utf8_lossy(&body[5..29]).replace(".com", ".org");
    let body = extension(&org).raw(&body[29..]);
    assert!(matches!(read(&body), Extension::Unknown(_)));
}

#[test]
fn an_extension_without_a_readable_name_is_an_ordinary_failure() {
    let nameless = [
        Bytes::new(27),
        Bytes::new(27).u32(9),
        Bytes::new(27).string(""),
        Bytes::new(27).string("\0"),
        Bytes::new(27).string("que\0ry"),
    ];
    for body in nameless {
        let refusal = refused(&body);
        assert_eq!(refusal.reply, RefusalReply::Failure);
        assert!(!refusal.was_session_bind);
    }
}

#[test]
fn a_session_bind_is_read() {
    let body = bind(&[5; 64], 1);
    let Extension::SessionBind(read) = read(&body) else { panic!() };
    assert_eq!(read.host_key, public_key(2));
    assert_eq!(read.session_id, [5; 64]);
    assert_eq!(read.signature, b"a signature");
    assert!(read.forwarding);
}

/// Lost otherwise: remote use passes for local (agents.md P4).
#[test]
fn p4_every_byte_but_zero_is_a_forwarding() {
    for byte in 0..=255 {
        let body = bind(&[5; 32], byte);
        let Extension::SessionBind(read) = read(&body) else { panic!() };
        assert_eq!(read.forwarding, byte != 0);
    }
}

/// Lost otherwise: a garbled bind leaves the connection looking local (agents.md P5).
#[test]
fn p5_a_bind_that_cannot_be_read_is_known_as_a_bind() {
    let whole = bind(&[5; 32], 0);
    let name = extension("session-bind@openssh.com").0.len();
    let spoilt = (name..whole.0.len()).map(|end| whole.0[..end].to_vec()).chain([
        whole.clone().u8(0).0,
        bind(&[], 0).0,
        bind(&[5; 129], 0).0,
        extension("session-bind@openssh.com").string("no key").string([5; 32]).string("").u8(0).0,
    ]);
    for body in spoilt {
        let refusal = refused(&body);
        assert!(refusal.was_session_bind);
        assert_eq!(refusal.response(), Response::ExtensionFailure);
    }
    accepted(&bind(&[5; 128], 0));
    accepted(&bind(&[5], 0));
}

/// Lost otherwise: what used to fail when it was read counts as read.
#[test]
fn a_bind_to_a_dsa_host_cannot_be_read() {
    let (public, _) = support::dsa_fields();
    let body =
        extension("session-bind@openssh.com").string(&public).string([1; 32]).string("").u8(0);
    let refusal = refused(&body);
    assert!(refusal.was_session_bind);
    assert!(refusal.reason.to_string().contains("host key: a DSA key"), "{}", refusal.reason);
}

#[test]
fn p3_a_bind_is_not_believed_without_its_signature() {
    let good_form = Bytes::default().string("ssh-ed25519").string([7; 64]);
    for signature in [Bytes::default(), good_form] {
        let body = extension("session-bind@openssh.com")
            .string(public_key(2).blob())
            .string([5; 32])
            .string(signature)
            .u8(0);
        let Extension::SessionBind(read) = read(&body) else { panic!() };
        assert!(matches!(read.verify(), Err(Error::Field { .. })));
    }
}

#[test]
fn the_listing_of_our_own_has_no_content() {
    assert_eq!(read(&extension("identities@keyfob")), Extension::Details);
    let refusal = refused(&extension("identities@keyfob").u8(0));
    assert_eq!(refusal.response(), Response::ExtensionFailure);
    assert!(!refusal.was_session_bind);
}

#[test]
fn what_is_written_is_what_was_read() {
    for body in [
        extension("query"),
        extension("identities@keyfob"),
        extension("x@example.com"),
        bind(&[5; 32], 1),
    ] {
        assert_eq!(*encoded_body(&accepted(&body)), body.0);
    }
}
