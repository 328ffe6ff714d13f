//! Certificates in the agent, over the wire.

use keyfob_testkit::wire::number;
use keyfob_testkit::{
    Authority, Case, CertificateKind, CertificateRequest, KeyFile, KeyType, Message, Signature,
    World, case, divergent,
};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(k1_every_key_type_signs_under_its_certificate),
        case!(k1_key_and_certificate_are_two_entries),
        case!(k1_a_certificate_alone_does_not_sign_under_the_plain_key),
        case!(k1_removing_the_certificate_leaves_the_key),
        case!(k1_removing_the_key_leaves_the_certificate),
        case!(k1_rsa_flags_hold_under_a_certificate),
        case!(a_host_certificate_is_a_certificate),
        case!(an_expired_certificate_is_taken_and_signs),
        case!(p10_a_certificate_of_many_principals_is_taken),
        case!(p10_a_certificate_of_16_kibibytes_signs),
        case!(more_than_256_principals_are_refused),
        divergent!(
            a_certificate_of_another_key,
            original_takes_a_certificate_of_another_key,
            ours_refuses_a_certificate_of_another_key
        ),
        case!(a_certificate_with_a_damaged_authority_signature_is_refused),
        case!(each_has_its_own_constraints),
    ]
}

/// A key certified by an authority of this world.
fn certified(world: &World, kind: KeyType, request: &CertificateRequest<'_>) -> KeyFile {
    let key = world.key(kind, &format!("key-{}", kind.wire_name()));
    Authority::new(world, "authority").certify(&key, request);
    key
}

fn plainly_certified(world: &World) -> KeyFile {
    certified(world, KeyType::Ed25519, &CertificateRequest::default())
}

fn k1_every_key_type_signs_under_its_certificate(world: &World) {
    for kind in KeyType::EACH {
        let agent = world.agent();
        let mut client = agent.client();
        let key = certified(world, kind, &CertificateRequest::default());
        client.request(&key.add_certificate_message(number::ADD_IDENTITY, "comment")).succeeds();
        let certificate = key.certificate_blob();
        assert_eq!(client.list(), [(certificate.clone(), "comment".to_owned())]);
        let signature = Signature::proved_by_ssh_keygen(world, &mut client, &key, &certificate, 4);
        let wanted = if kind == KeyType::Rsa2048 { "rsa-sha2-512" } else { kind.wire_name() };
        assert_eq!(signature.algorithm, wanted);
    }
}

/// A key and its certificate in the agent, in this order.
fn both(world: &World) -> (keyfob_testkit::RunningAgent, KeyFile) {
    let agent = world.agent();
    let key = plainly_certified(world);
    let mut client = agent.client();
    client.add(&key, "plain").succeeds();
    client.request(&key.add_certificate_message(number::ADD_IDENTITY, "certified")).succeeds();
    (agent, key)
}

fn removal(blob: &[u8]) -> Message {
    Message::new(number::REMOVE_IDENTITY).string(blob)
}

fn k1_key_and_certificate_are_two_entries(world: &World) {
    let (agent, key) = both(world);
    let wanted =
        [(key.blob(), "plain".to_owned()), (key.certificate_blob(), "certified".to_owned())];
    assert_eq!(agent.list(), wanted);
}

fn k1_a_certificate_alone_does_not_sign_under_the_plain_key(world: &World) {
    let agent = world.agent();
    let key = plainly_certified(world);
    let mut client = agent.client();
    client.request(&key.add_certificate_message(number::ADD_IDENTITY, "certified")).succeeds();
    client.sign(&key.blob(), b"data", 0).fails();
    client.request(&removal(&key.blob())).fails();
}

fn k1_removing_the_certificate_leaves_the_key(world: &World) {
    let (agent, key) = both(world);
    let mut client = agent.client();
    client.request(&removal(&key.certificate_blob())).succeeds();
    assert_eq!(client.comments(), ["plain"]);
    client.sign(&key.blob(), b"data", 0).signature();
    client.sign(&key.certificate_blob(), b"data", 0).fails();
}

fn k1_removing_the_key_leaves_the_certificate(world: &World) {
    let (agent, key) = both(world);
    let mut client = agent.client();
    client.request(&removal(&key.blob())).succeeds();
    assert_eq!(client.comments(), ["certified"]);
    client.sign(&key.certificate_blob(), b"data", 0).signature();
    client.sign(&key.blob(), b"data", 0).fails();
}

fn k1_rsa_flags_hold_under_a_certificate(world: &World) {
    let agent = world.agent();
    let mut client = agent.client();
    let key = certified(world, KeyType::Rsa2048, &CertificateRequest::default());
    client.request(&key.add_certificate_message(number::ADD_IDENTITY, "comment")).succeeds();
    for (flags, wanted) in [(0, "ssh-rsa"), (2, "rsa-sha2-256"), (4, "rsa-sha2-512")] {
        let signature = client.sign(&key.certificate_blob(), b"data", flags).signature();
        assert_eq!(signature.algorithm, wanted);
    }
}

/// `sshd` may hold its host key in an agent.
fn a_host_certificate_is_a_certificate(world: &World) {
    let request =
        CertificateRequest { kind: CertificateKind::Host, ..CertificateRequest::default() };
    let key = certified(world, KeyType::EcdsaP384, &request);
    let agent = world.agent();
    let mut client = agent.client();
    client.request(&key.add_certificate_message(number::ADD_IDENTITY, "host")).succeeds();
    client.sign(&key.certificate_blob(), b"data", 0).signature();
}

/// Whether it has expired is for the server to judge, by its own clock.
fn an_expired_certificate_is_taken_and_signs(world: &World) {
    let request =
        CertificateRequest { validity: "20200101:20200102", ..CertificateRequest::default() };
    let key = certified(world, KeyType::Ed25519, &request);
    let agent = world.agent();
    let mut client = agent.client();
    client.request(&key.add_certificate_message(number::ADD_IDENTITY, "expired")).succeeds();
    assert_eq!(client.comments(), ["expired"]);
    client.sign(&key.certificate_blob(), b"data", 0).signature();
}

/// As many principals of this length.
fn principals(count: usize, length: usize) -> String {
    (0..count).map(|number| format!("{number:0length$}")).collect::<Vec<_>>().join(",")
}

#[track_caller]
fn is_taken_and_signs(world: &World, principals: &str) -> usize {
    let request = CertificateRequest { principals, ..CertificateRequest::default() };
    let key = certified(world, KeyType::Ed25519, &request);
    let agent = world.agent();
    let mut client = agent.client();
    client.request(&key.add_certificate_message(number::ADD_IDENTITY, "comment")).succeeds();
    client.sign(&key.certificate_blob(), b"data", 0).signature();
    key.certificate_blob().len()
}

fn p10_a_certificate_of_many_principals_is_taken(world: &World) {
    is_taken_and_signs(world, &principals(256, 4));
}

fn p10_a_certificate_of_16_kibibytes_signs(world: &World) {
    assert!(is_taken_and_signs(world, &principals(250, 70)) > 16 * 1024);
}

/// `ssh-keygen` makes no such certificate, so one more is written into a good one; its signature
/// is wrong then, but the count is seen first by whoever reads in order.
fn more_than_256_principals_are_refused(world: &World) {
    let request =
        CertificateRequest { principals: &principals(256, 4), ..CertificateRequest::default() };
    let key = certified(world, KeyType::Ed25519, &request);
    let certificate = key.certificate_blob();
    // Each principal is a length of 4 and four digits; the list's own length stands before it.
    let list = (256_u32 * 8).to_be_bytes();
    let at = certificate.windows(4).position(|bytes| bytes == list).unwrap();
    let longer = [
        &certificate[..at],
        &(257_u32 * 8).to_be_bytes(),
        &[0, 0, 0, 4],
        b"more",
        &certificate[at + 4..],
    ]
    .concat();
    let fields = key.private_fields();
    let message = Message::new(number::ADD_IDENTITY)
        .string("ssh-ed25519-cert-v01@openssh.com")
        .string(longer)
        .string(&fields[1])
        .string(&fields[2])
        .string("comment");
    world.client().request(&message).fails();
}

/// A key, told to be certified by the certificate of another.
fn wrongly_certified(world: &World, kind: KeyType) -> Message {
    let key = certified(world, kind, &CertificateRequest::default());
    let other = world.key(kind, &format!("other-{}", kind.name()));
    std::fs::copy(key.certificate_path(), other.certificate_path()).unwrap();
    other.add_certificate_message(number::ADD_IDENTITY, "comment")
}

/// Of an Ed25519 key it sees it, because the public half is sent twice.
fn original_takes_a_certificate_of_another_key(world: &World) {
    let mut client = world.client();
    client.request(&wrongly_certified(world, KeyType::Ed25519)).fails();
    client.request(&wrongly_certified(world, KeyType::EcdsaP256)).succeeds();
}

fn ours_refuses_a_certificate_of_another_key(world: &World) {
    let mut client = world.client();
    for kind in KeyType::EACH {
        client.request(&wrongly_certified(world, kind)).fails();
    }
    assert!(client.list().is_empty());
}

fn a_certificate_with_a_damaged_authority_signature_is_refused(world: &World) {
    let key = plainly_certified(world);
    let mut certificate = key.certificate_blob();
    *certificate.last_mut().unwrap() ^= 1;
    let fields = key.private_fields();
    let message = Message::new(number::ADD_IDENTITY)
        .string("ssh-ed25519-cert-v01@openssh.com")
        .string(certificate)
        .string(&fields[1])
        .string(&fields[2])
        .string("comment");
    world.client().request(&message).fails();
}

fn each_has_its_own_constraints(world: &World) {
    let agent = world.agent();
    let key = plainly_certified(world);
    let mut client = agent.client();
    client.add(&key, "plain").succeeds();
    let message = key.add_certificate_message(number::ADD_ID_CONSTRAINED, "certified");
    client.request(&message.byte(number::CONSTRAIN_CONFIRM)).succeeds();
    client.sign(&key.blob(), b"data", 0).signature();
    // No askpass is set.
    client.sign(&key.certificate_blob(), b"data", 0).fails();
}
