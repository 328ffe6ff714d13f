//! `session-bind@openssh.com`: which connection belongs to which session with which host.

use keyfob_testkit::wire::number;
use keyfob_testkit::{
    Authority, Case, CertificateKind, CertificateRequest, Destination, Hop, KeyType, Message,
    Notary, RawClient, Reply, SessionBind, World, case, divergent, userauth,
};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(p4_every_host_key_type_binds),
        case!(p4_a_host_certificate_binds),
        case!(p4_a_signature_over_another_session_fails),
        case!(p4_a_signature_by_another_host_fails),
        case!(p4_a_damaged_signature_fails),
        case!(p4_a_bind_without_its_last_byte_fails),
        divergent!(
            bytes_behind_a_bind,
            original_ignores_bytes_behind_a_bind,
            ours_fails_bytes_behind_a_bind
        ),
        case!(the_same_bind_twice_is_one),
        case!(a_session_under_another_host_key_fails),
        case!(a_bind_behind_a_login_bind_fails),
        case!(sixteen_binds_are_kept_and_a_seventeenth_fails),
        case!(the_longest_session_id_binds),
        case!(a_longer_session_id_fails).since("10.5"),
        case!(an_rsa_signature_with_sha_1_is_judged_like_any_other),
        case!(p4_any_byte_but_zero_means_forwarding),
        case!(p5_after_a_failed_bind_restricted_keys_are_refused).since("9.6"),
        case!(a_failed_bind_does_not_disturb_free_keys),
        case!(p4b_a_bind_is_recorded_while_locked).since("10.5"),
        case!(a_bind_concerns_its_own_connection_only),
    ]
}

/// A known extension that failed: 28 since 10.3, plain failure before.
#[track_caller]
fn failed(world: &World, reply: &Reply) {
    if world.behaves_as("10.3") { reply.fails_as_extension() } else { reply.fails() }
}

fn p4_every_host_key_type_binds(world: &World) {
    let notary = Notary::new(world);
    let agent = world.agent();
    for kind in KeyType::EACH {
        let host = notary.host_with(kind.wire_name(), kind);
        notary.bind(&host, b"session", false).sent_on(&mut agent.client());
    }
}

fn p4_a_host_certificate_binds(world: &World) {
    let notary = Notary::new(world);
    let authority = Authority::new(world, "authority");
    let agent = world.agent();
    for kind in KeyType::EACH {
        let host = notary.host_with(kind.wire_name(), kind);
        let request =
            CertificateRequest { kind: CertificateKind::Host, ..CertificateRequest::default() };
        authority.certify(&host.key, &request);
        let mut bind = notary.bind(&host, b"session", false);
        bind.host_key = host.key.certificate_blob();
        bind.sent_on(&mut agent.client());
    }
}

fn p4_a_signature_over_another_session_fails(world: &World) {
    let notary = Notary::new(world);
    let mut bind = notary.bind(&notary.host("host"), b"session", false);
    bind.session = b"another session".to_vec();
    failed(world, &world.client().request(&bind.message()));
}

fn p4_a_signature_by_another_host_fails(world: &World) {
    let notary = Notary::new(world);
    let mut bind = notary.bind(&notary.host("host"), b"session", false);
    bind.host_key = notary.host("other").key.blob();
    failed(world, &world.client().request(&bind.message()));
}

fn p4_a_damaged_signature_fails(world: &World) {
    let notary = Notary::new(world);
    let agent = world.agent();
    for kind in KeyType::EACH {
        let mut bind = notary.bind(&notary.host_with(kind.wire_name(), kind), b"session", false);
        let last = bind.signature.len() - 1;
        bind.signature[last] ^= 1;
        failed(world, &agent.client().request(&bind.message()));
        bind.signature = Vec::new();
        failed(world, &agent.client().request(&bind.message()));
    }
}

fn p4_a_bind_without_its_last_byte_fails(world: &World) {
    let notary = Notary::new(world);
    let bind = notary.bind(&notary.host("host"), b"session", false).message();
    failed(world, &world.client().request(&bind.shortened(1)));
}

fn with_bytes_behind(world: &World) -> Message {
    let notary = Notary::new(world);
    notary.bind(&notary.host("host"), b"session", false).message().byte(0)
}

fn original_ignores_bytes_behind_a_bind(world: &World) {
    world.client().request(&with_bytes_behind(world)).succeeds();
}

fn ours_fails_bytes_behind_a_bind(world: &World) {
    failed(world, &world.client().request(&with_bytes_behind(world)));
}

fn the_same_bind_twice_is_one(world: &World) {
    let notary = Notary::new(world);
    let bind = notary.bind(&notary.host("host"), b"session", true);
    let agent = world.agent();
    let mut client = agent.client();
    for _ in 0..20 {
        bind.sent_on(&mut client);
    }
}

fn a_session_under_another_host_key_fails(world: &World) {
    let notary = Notary::new(world);
    let agent = world.agent();
    let mut client = agent.client();
    notary.bind(&notary.host("host"), b"session", true).sent_on(&mut client);
    let other = notary.bind(&notary.host("other"), b"session", true);
    failed(world, &client.request(&other.message()));
}

/// Who has logged in somewhere does not forward from there.
fn a_bind_behind_a_login_bind_fails(world: &World) {
    let notary = Notary::new(world);
    let agent = world.agent();
    let mut client = agent.client();
    notary.bind(&notary.host("host"), b"session", false).sent_on(&mut client);
    let next = notary.bind(&notary.host("next"), b"next session", true);
    failed(world, &client.request(&next.message()));
}

fn sixteen_binds_are_kept_and_a_seventeenth_fails(world: &World) {
    let notary = Notary::new(world);
    let host = notary.host("host");
    let agent = world.agent();
    let mut client = agent.client();
    for number in 0..16 {
        notary.bind(&host, format!("session {number}").as_bytes(), true).sent_on(&mut client);
    }
    let last = notary.bind(&host, b"session 16", true);
    failed(world, &client.request(&last.message()));
}

fn the_longest_session_id_binds(world: &World) {
    let notary = Notary::new(world);
    notary.bind(&notary.host("host"), &[7; 128], false).sent_on(&mut world.client());
}

fn a_longer_session_id_fails(world: &World) {
    let notary = Notary::new(world);
    let bind = notary.bind(&notary.host("host"), &[7; 129], false);
    failed(world, &world.client().request(&bind.message()));
}

/// Old servers sign their key exchange so; the agent cannot choose for them.
fn an_rsa_signature_with_sha_1_is_judged_like_any_other(world: &World) {
    let notary = Notary::new(world);
    let host = notary.host_with("host", KeyType::Rsa2048);
    let mut bind = notary.bind(&host, b"session", false);
    bind.signature = notary.signature(&host, b"session", 0);
    bind.sent_on(&mut world.client());
    bind.session = b"another".to_vec();
    failed(world, &world.client().request(&bind.message()));
}

/// An agent with a key that may be used to log in at `host` and nowhere else.
fn restricted_to(
    world: &World,
    host: &keyfob_testkit::Host,
) -> (keyfob_testkit::RunningAgent, Vec<u8>) {
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "restricted");
    let step = Destination::direct(Hop::host(&host.name, &host.key));
    let message = key.add_message(number::ADD_ID_CONSTRAINED, "restricted");
    agent.client().request(&message.raw(Destination::constraint(&[step]))).succeeds();
    (agent, key.blob())
}

fn log_in(client: &mut RawClient, session: &[u8], key: &[u8], host: &[u8]) -> Reply {
    client.sign(key, &userauth(session, "user", "ssh-ed25519", key, Some(host)), 0)
}

/// A forwarded agent shows and signs only what may go on from that host: here nothing.
fn p4_any_byte_but_zero_means_forwarding(world: &World) {
    let notary = Notary::new(world);
    let host = notary.host("host");
    let (agent, key) = restricted_to(world, &host);
    for byte in [1, 2, 0x80, 0xff] {
        let mut client = agent.client();
        let bind = SessionBind { forwarding: byte, ..notary.bind(&host, b"session", false) };
        bind.sent_on(&mut client);
        assert!(client.list().is_empty(), "byte {byte}");
        log_in(&mut client, b"session", &key, &host.key.blob()).fails();
    }
}

fn p5_after_a_failed_bind_restricted_keys_are_refused(world: &World) {
    let notary = Notary::new(world);
    let host = notary.host("host");
    let (agent, key) = restricted_to(world, &host);
    let mut client = agent.client();
    let mut bad = notary.bind(&host, b"session", false);
    bad.signature = Vec::new();
    failed(world, &client.request(&bad.message()));
    let good = notary.bind(&host, b"session", false);
    client.request(&good.message());
    log_in(&mut client, b"session", &key, &host.key.blob()).fails();
}

fn a_failed_bind_does_not_disturb_free_keys(world: &World) {
    let notary = Notary::new(world);
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    let mut client = agent.client();
    let mut bad = notary.bind(&notary.host("host"), b"session", false);
    bad.signature = Vec::new();
    client.request(&bad.message());
    assert_eq!(client.list().len(), 1);
    client.sign(&key.blob(), b"data", 0).signature();
}

/// 10.5: an agent that ignored binds while locked took a forwarded session for a local one.
fn p4b_a_bind_is_recorded_while_locked(world: &World) {
    let notary = Notary::new(world);
    let host = notary.host("host");
    let (agent, key) = restricted_to(world, &host);
    agent.lock("secret");
    let mut client = agent.client();
    notary.bind(&host, b"session", true).sent_on(&mut client);
    client.request(&Message::new(number::UNLOCK).string("secret"));
    agent.client().request(&Message::new(number::UNLOCK).string("secret"));
    assert!(client.list().is_empty(), "the session is a forwarded one");
    log_in(&mut client, b"session", &key, &host.key.blob()).fails();
    assert_eq!(agent.list().len(), 1, "and the agent is unlocked");
}

fn a_bind_concerns_its_own_connection_only(world: &World) {
    let notary = Notary::new(world);
    let host = notary.host("host");
    let (agent, key) = restricted_to(world, &host);
    let mut bound = agent.client();
    notary.bind(&host, b"session", false).sent_on(&mut bound);
    log_in(&mut agent.client(), b"session", &key, &host.key.blob()).fails();
    log_in(&mut bound, b"session", &key, &host.key.blob()).signature();
}
