//! `ssh-keygen -L`: what a certificate says, to the byte.

use keyfob_testkit::{
    Authority, Case, CertificateKind, CertificateRequest, KeyFile, KeyType, World, case, divergent,
};

use crate::keygen_words::fingerprint;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(a_user_certificate),
        case!(a_host_certificate_without_anything),
        case!(options_known_and_unknown),
        case!(the_authority_s_hash_is_named),
        case!(times_are_those_of_the_place),
        case!(every_kind_of_validity),
        case!(the_hash_can_be_chosen),
        case!(several_certificates_in_a_file),
        case!(a_certificate_from_stdin),
        case!(what_is_no_certificate_is_reported),
        case!(a_missing_file_is_fatal),
        case!(a_folder_holds_none),
        divergent!(
            a_name_that_steers_the_terminal,
            original_prints_it_as_it_is,
            ours_escapes_it_on_a_terminal
        ),
    ]
}

fn certified<'w>(world: &'w World, request: &CertificateRequest<'_>) -> (KeyFile, Authority<'w>) {
    let key = world.key(KeyType::Ed25519, "key");
    let authority = Authority::new(world, "ca");
    authority.certify(&key, request);
    (key, authority)
}

/// The lines that every certificate of this key and authority begins with.
fn head(key: &KeyFile, authority: &Authority<'_>, kind: &str) -> String {
    format!(
        "        Type: ssh-ed25519-cert-v01@openssh.com {kind} certificate\n        \
         Public key: ED25519-CERT {}\n        \
         Signing CA: ED25519 {} (using ssh-ed25519)\n",
        fingerprint(&key.blob()),
        fingerprint(&authority.key().blob()),
    )
}

const PERMITS: &str = "                permit-X11-forwarding\n                \
    permit-agent-forwarding\n                permit-port-forwarding\n                \
    permit-pty\n                permit-user-rc\n";

fn a_user_certificate(world: &World) {
    let request = CertificateRequest {
        id: "id \"one\"",
        principals: "alice,bob",
        validity: "20200101:20300101",
        ..CertificateRequest::default()
    };
    let (key, authority) = certified(world, &request);
    let expected = format!(
        "key-cert.pub:\n{}        Key ID: \"id \"one\"\"\n        Serial: 0\n        \
         Valid: from 2020-01-01T00:00:00 to 2030-01-01T00:00:00\n        \
         Principals: \n                alice\n                bob\n        \
         Critical Options: (none)\n        Extensions: \n{PERMITS}",
        head(&key, &authority, "user"),
    );
    let run = world.ssh_keygen().args(["-L", "-f", "key-cert.pub"]).env("TZ", "UTC");
    run.output().exits(0).prints(&expected).reports("");
}

/// A certificate made by OpenSSH with these flags.
fn signed(world: &World, flags: &[&str]) {
    world.key(KeyType::Ed25519, "key");
    world.key(KeyType::Ed25519, "ca");
    let run = world.system_program("ssh-keygen").args(["-q", "-s", "ca", "-I", "id"]).args(flags);
    run.arg("key.pub").env("TZ", "UTC").output().exits(0);
}

fn shown(world: &World) -> String {
    let run = world.ssh_keygen().args(["-L", "-f", "key-cert.pub"]).env("TZ", "UTC");
    run.output().exits(0).reports("").stdout()
}

fn a_host_certificate_without_anything(world: &World) {
    signed(world, &["-h", "-z", "18446744073709551615"]);
    let text = shown(world);
    let expected = "        Key ID: \"id\"\n        Serial: 18446744073709551615\n        \
        Valid: forever\n        Principals: (none)\n        \
        Critical Options: (none)\n        Extensions: (none)\n";
    assert!(text.ends_with(expected), "{text}");
    assert!(text.contains(" host certificate\n"), "{text}");
}

fn options_known_and_unknown(world: &World) {
    let options = [
        "force-command=ls -l",
        "source-address=10.0.0.0/8,::1/128",
        "verify-required",
        "critical:a@keyfob=value",
        "critical:b@keyfob",
        "critical:permit-pty",
        "no-touch-required",
        "extension:c@keyfob=value",
        "extension:d@keyfob",
        "extension:force-command=x",
    ];
    let flags: Vec<&str> = options.iter().flat_map(|option| ["-O", option]).collect();
    signed(world, &flags);
    let text = shown(world);
    let expected = "        Critical Options: \n                \
        a@keyfob UNKNOWN OPTION: 0000000576616c7565 (len 9)\n                \
        b@keyfob UNKNOWN FLAG OPTION\n                \
        force-command ls -l\n                \
        permit-pty UNKNOWN FLAG OPTION\n                \
        source-address 10.0.0.0/8,::1/128\n                \
        verify-required\n        \
        Extensions: \n                \
        c@keyfob UNKNOWN OPTION: 0000000576616c7565 (len 9)\n                \
        d@keyfob UNKNOWN FLAG OPTION\n                \
        force-command UNKNOWN OPTION: 0000000178 (len 5)\n                \
        no-touch-required\n";
    assert!(text.contains(expected), "{text}");
}

fn the_authority_s_hash_is_named(world: &World) {
    world.key(KeyType::EcdsaP521, "key");
    world.key(KeyType::Rsa2048, "ca");
    for algorithm in ["rsa-sha2-256", "rsa-sha2-512", "ssh-rsa"] {
        let run = world.system_program("ssh-keygen").args(["-q", "-s", "ca", "-I", "id"]);
        run.args(["-t", algorithm, "key.pub"]).output().exits(0);
        let text = shown(world);
        let line = text.lines().find(|line| line.contains("Signing CA")).unwrap();
        assert!(line.ends_with(&format!(" (using {algorithm})")), "{text}");
        assert!(line.contains("        Signing CA: RSA SHA256:"), "{text}");
        assert!(text.contains("Type: ecdsa-sha2-nistp521-cert-v01@openssh.com user "), "{text}");
    }
}

fn times_are_those_of_the_place(world: &World) {
    certified(world, &CertificateRequest { validity: "20200101:20200701", ..Default::default() });
    for (place, expected) in [
        ("UTC", "from 2020-01-01T00:00:00 to 2020-07-01T00:00:00"),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "from 2020-01-01T01:00:00 to 2020-07-01T02:00:00"),
        ("XYZ8", "from 2019-12-31T16:00:00 to 2020-06-30T16:00:00"),
    ] {
        let run = world.ssh_keygen().args(["-L", "-f", "key-cert.pub"]).env("TZ", place);
        run.output().exits(0).prints_among_else(&format!("        Valid: {expected}\n"));
    }
}

fn every_kind_of_validity(world: &World) {
    for (validity, expected) in [
        ("always:forever", "forever"),
        ("always:20300101", "before 2030-01-01T00:00:00"),
        ("20200101:forever", "after 2020-01-01T00:00:00"),
        ("0x1:0x2", "from 1970-01-01T00:00:01 to 1970-01-01T00:00:02"),
        ("0x1:0xf48656ff", "from 1970-01-01T00:00:01 to 2099-12-31T23:59:59"),
    ] {
        signed(world, &["-V", validity]);
        let text = shown(world);
        assert!(text.contains(&format!("        Valid: {expected}\n")), "{validity}: {text}");
    }
}

fn the_hash_can_be_chosen(world: &World) {
    certified(world, &CertificateRequest::default());
    let run = world.ssh_keygen().args(["-L", "-E", "md5", "-f", "key-cert.pub"]);
    let text = run.output().exits(0).stdout();
    assert_eq!(text.matches(" MD5:").count(), 2, "{text}");
}

fn several_certificates_in_a_file(world: &World) {
    let (key, authority) = certified(world, &CertificateRequest::default());
    let user = key.certificate_line();
    let host = CertificateRequest { kind: CertificateKind::Host, ..CertificateRequest::default() };
    authority.certify(&key, &host);
    let (host, plain) = (key.certificate_line(), key.public_line());
    world.write("file", format!("{user}\n# remark\n\n{plain}\n \t{host}\ngarbage\n"), 0o644);
    let output = world.ssh_keygen().args(["-L", "-f", "file"]).output();
    output.exits(0).reports(
        "file:3: invalid key: invalid format\n\
         file:4 is not a certificate\n\
         file:6: invalid key: invalid format\n",
    );
    let text = output.stdout();
    assert!(text.starts_with(&format!("file:\n{}", head(&key, &authority, "user"))), "{text}");
    let second = format!("\nfile:5:\n{}", head(&key, &authority, "host"));
    assert!(text.contains(&second), "{text}");
}

fn a_certificate_from_stdin(world: &World) {
    let (key, authority) = certified(world, &CertificateRequest::default());
    let run = world.ssh_keygen().args(["-L", "-f", "-"]).stdin(key.certificate_line());
    let text = run.output().exits(0).reports("").stdout();
    assert!(text.starts_with(&format!("(stdin):1:\n{}", head(&key, &authority, "user"))), "{text}");
    let empty = world.ssh_keygen().args(["-L", "-f", "-"]).output();
    empty.exits(1).prints("").reports("");
}

fn what_is_no_certificate_is_reported(world: &World) {
    world.key(KeyType::Ed25519, "key");
    let run = |file| world.ssh_keygen().args(["-L", "-f", file]).output();
    run("key.pub").exits(1).prints("").reports("key.pub:1 is not a certificate\n");
    let expected: String =
        (1..=7).map(|line| format!("key:{line}: invalid key: invalid format\n")).collect();
    run("key").exits(1).prints("").reports(&expected);
}

fn a_missing_file_is_fatal(world: &World) {
    let output = world.ssh_keygen().args(["-L", "-f", "missing"]).output();
    output.exits(255).prints("").reports("ssh-keygen: missing: No such file or directory\n");
}

fn a_folder_holds_none(world: &World) {
    world.make_folder("folder");
    world.ssh_keygen().args(["-L", "-f", "folder"]).output().exits(1).prints("").reports("");
}

const STEERING: &str = "before\x1b[2Jafter";

/// What stands on a terminal when everything is printed there.
fn on_a_terminal(world: &World) -> String {
    certified(world, &CertificateRequest { id: STEERING, ..CertificateRequest::default() });
    let run = world.program("sh").args(["-c", "ssh-keygen -L -f key-cert.pub >/dev/tty"]);
    let (output, shown, _) = run.on_terminal().wait();
    output.exits(0);
    shown
}

fn original_prints_it_as_it_is(world: &World) {
    let text = on_a_terminal(world);
    assert!(text.contains(STEERING), "{text:?}");
}

fn ours_escapes_it_on_a_terminal(world: &World) {
    let text = on_a_terminal(world);
    assert!(text.contains("before") && text.contains("after"), "{text:?}");
    assert!(!text.contains('\x1b'), "{text:?}");
    // A program that reads it gets the bytes.
    let piped = world.ssh_keygen().args(["-L", "-f", "key-cert.pub"]).output();
    piped.exits(0).prints_among_else(&format!("Key ID: \"{STEERING}\"\n"));
}
