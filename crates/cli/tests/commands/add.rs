//! `keyfob add`: files from anywhere, and a fact and a hint for everything that is none.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::time::Duration;

use crate::support::{hints, keyfob, keyfob_with, openssh_world, world};
use keyfob_testkit::{Answer, Authority, CertificateRequest, KeyType};

#[test]
fn keys_are_added_whatever_their_path_is_called() {
    let world = world();
    let agent = world.agent();
    for name in ["with blank", "schlüssel", "-dash", "tab\tand\"quote", "漢字"] {
        let key = world.key(KeyType::Ed25519, name);
        let path =
            if name.starts_with('-') { format!("./{name}").into() } else { key.path().to_owned() };
        keyfob_with(&world, &agent).arg("add").arg(&path).output().exits(0);
        keyfob_with(&world, &agent).args(["remove", "--all"]).output().exits(0);
        // Behind `--` even a leading dash is only a name.
        keyfob_with(&world, &agent).args(["add", "--", name]).output().exits(0);
        assert_eq!(agent.list().len(), 1, "{name}");
    }
    let raw = world.path(std::ffi::OsStr::from_bytes(b"not \xff utf-8"));
    fs::copy(world.key(KeyType::Ed25519, "plain").path(), &raw).unwrap();
    keyfob_with(&world, &agent).arg("add").arg(raw).output().exits(0);
}

#[test]
fn links_and_standard_input_and_process_substitution_are_read() {
    let world = world();
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    symlink(key.path(), world.path("link")).unwrap();
    keyfob_with(&world, &agent).args(["add", "link"]).output().exits(0);
    keyfob_with(&world, &agent).args(["remove", "--all"]).output().exits(0);
    let text = fs::read(key.path()).unwrap();
    keyfob_with(&world, &agent).args(["add", "-"]).stdin(text).output().exits(0);
    keyfob_with(&world, &agent).args(["remove", "--all"]).output().exits(0);
    let bash = world.program("bash").env("SSH_AUTH_SOCK", agent.socket());
    bash.args(["-c", "keyfob add <(cat key)"]).output().exits(0);
    assert_eq!(agent.list().len(), 1);
}

/// One key, as other programs keep it and as editors leave it.
#[test]
fn a_key_is_added_out_of_any_format() {
    let world = world();
    let agent = world.agent();
    let key = world.key(KeyType::Rsa2048, "key");
    let run = |program: &str, arguments: &[&str]| {
        world.system_program(program).args(arguments).output().exits(0);
    };
    for (form, name) in [("private", "ppk"), ("private-sshcom", "sshcom")] {
        let to = ["-O", form, "-o", name, "--new-passphrase", "/dev/null"];
        run("puttygen", &[&["key"], &to[..]].concat());
    }
    fs::copy(key.path(), world.path("pem")).unwrap();
    run("ssh-keygen", &["-q", "-p", "-m", "PEM", "-P", "", "-N", "", "-f", "pem"]);
    run("openssl", &["rsa", "-in", "pem", "-outform", "DER", "-out", "der"]);
    let text = fs::read_to_string(key.path()).unwrap();
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    world.write("utf-16", utf16, 0o600);
    world.write("windows", format!("\u{feff}{}", text.replace('\n', "\r\n")), 0o600);
    for name in ["ppk", "sshcom", "pem", "der", "utf-16", "windows"] {
        keyfob_with(&world, &agent).args(["add", "-q", name]).output().exits(0);
        assert_eq!(agent.list().len(), 1, "{name}");
        keyfob_with(&world, &agent).args(["remove", "--all"]).output().exits(0);
    }
}

#[test]
fn a_key_that_makes_no_signatures_is_refused_with_the_reason() {
    let world = world();
    let agent = world.agent();
    let make = ["-q", "-t", "dsa", "-N", "", "-f", "dsa"];
    world.system_program("ssh-keygen").args(make).output().exits(0);
    let output = keyfob_with(&world, &agent).args(["add", "dsa"]).output();
    output.exits(1).prints("");
    assert!(output.stderr().contains("OpenSSH has removed DSA"), "{output}");
    assert_eq!(agent.list().len(), 0);
}

#[test]
fn it_says_that_the_key_stays_for_this_session_only() {
    let world = world();
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    let added = keyfob_with(&world, &agent).arg("add").arg(key.path()).output();
    added.exits(0).reports(&format!(
        "added {} ({})\nFor this session only: a key stays until it is removed or the agent ends.\n",
        key.text(),
        key.comment()
    ));
    let timed =
        keyfob_with(&world, &agent).args(["add", "-t", "90m", "-c"]).arg(key.path()).output();
    timed.exits(0).reports(&format!(
        "added {} ({}), for 1h 30m, asks before each use\nFor this session only: a key stays for 1h 30m at most.\n",
        key.text(),
        key.comment()
    ));
    let quiet = keyfob_with(&world, &agent).args(["add", "-q"]).arg(key.path()).output();
    quiet.exits(0).reports("");
}

#[test]
fn s5_a_folder_gives_its_keys_and_one_bad_file_hides_nothing() {
    let world = world();
    let agent = world.agent();
    let folder = world.make_folder("keys");
    world.key(KeyType::Ed25519, "keys/a");
    world.key(KeyType::EcdsaP256, "keys/b");
    world.write(
        "keys/c-broken",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
        0o600,
    );
    world.write("keys/notes", "nothing to see", 0o600);
    world.make_folder("keys/inner");
    world.key(KeyType::EcdsaP384, "keys/inner/d");
    let added = keyfob_with(&world, &agent).arg("add").arg(&folder).output();
    added.exits(1);
    assert_eq!(agent.list().len(), 2, "{added}");
    added.reports_among_else("c-broken: ");
    added.reports_among_else("skipped ").reports_among_else("notes: no key found in the file");
    added.reports_among_else("a.pub: OpenSSH public key").reports_among_else("inner: a folder");
}

#[test]
fn a_folder_without_keys_is_a_failure() {
    let world = world();
    let agent = world.agent();
    let folder = world.make_folder("empty");
    let added = keyfob_with(&world, &agent).arg("add").arg(folder).output();
    added.exits(1).reports_among_else("no private key in this folder");
}

#[test]
fn several_files_with_one_passphrase_ask_once() {
    let world = world();
    let agent = world.agent();
    let askpass = world.askpass();
    askpass.answers(&[Answer::line("wrong"), Answer::line("secret")]);
    let keys = [KeyType::Ed25519, KeyType::EcdsaP256, KeyType::Rsa2048]
        .map(|kind| world.encrypted_key(kind, kind.name(), "secret"));
    let run = askpass.forced_on(keyfob_with(&world, &agent).arg("add"));
    run.args(keys.iter().map(keyfob_testkit::KeyFile::path)).output().exits(0);
    assert_eq!(agent.list().len(), 3);
    let questions: Vec<String> = askpass.calls().iter().map(|call| call.prompt.clone()).collect();
    assert_eq!(questions.len(), 2, "{questions:?}");
    assert_eq!(questions[0], format!("Enter passphrase for {}: ", keys[0].text()));
    assert_eq!(questions[1], format!("Bad passphrase, try again for {}: ", keys[0].text()));
}

/// They are opened on all cores; what is asked and what is said stays in order.
#[test]
fn many_files_are_asked_for_and_told_of_in_order() {
    let world = world();
    let agent = world.agent();
    let askpass = world.askpass();
    askpass.answers(&[Answer::line("one"), Answer::line("two")]);
    let kinds = [KeyType::Ed25519, KeyType::EcdsaP256, KeyType::EcdsaP384, KeyType::EcdsaP521];
    let with = |word: &str| {
        let name = |at| format!("{word}-{at}");
        std::array::from_fn::<_, 4, _>(|at| world.encrypted_key(kinds[at], &name(at), word))
    };
    let keys = [with("one"), with("two")].concat();
    let run = askpass.forced_on(keyfob_with(&world, &agent).arg("add"));
    run.args(keys.iter().map(keyfob_testkit::KeyFile::path)).output().exits(0);
    let blobs: Vec<_> = agent.list().into_iter().map(|(blob, _)| blob).collect();
    assert_eq!(blobs, keys.iter().map(keyfob_testkit::KeyFile::blob).collect::<Vec<_>>());
    let questions: Vec<String> = askpass.calls().iter().map(|call| call.prompt.clone()).collect();
    let asked = [&keys[0], &keys[4]].map(|key| format!("Enter passphrase for {}: ", key.text()));
    assert_eq!(questions, asked);
}

#[test]
fn an_empty_passphrase_gives_up_one_file_and_goes_on() {
    let world = world();
    let agent = world.agent();
    let askpass = world.askpass();
    askpass.answer(&Answer::line(""));
    let locked = world.encrypted_key(KeyType::Ed25519, "locked", "secret");
    let plain = world.key(KeyType::EcdsaP256, "plain");
    let run = askpass.forced_on(keyfob_with(&world, &agent).arg("add"));
    let added = run.arg(locked.path()).arg(plain.path()).output();
    added.exits(1).reports_among_else("locked: no passphrase was given");
    assert_eq!(agent.list().len(), 1);
}

#[test]
fn what_is_no_key_file_gets_a_fact_and_a_hint() {
    let world = world();
    let agent = world.agent();
    let add = |path: &str| keyfob_with(&world, &agent).arg("add").arg(world.path(path)).output();
    let key = world.key(KeyType::Ed25519, "key");

    let missing = add("missing");
    missing.exits(1).reports_among_else("missing: no such file or directory");
    hints(&missing, "adds every private key in that folder");
    let here = keyfob_with(&world, &agent).in_folder(world.folder()).args(["add", "missing"]);
    hints(&here.output(), "keyfob add .   adds every private key");

    fs::copy(key.public_path(), world.path("lonely.pub")).unwrap();
    let half = add("lonely");
    half.exits(1);
    hints(&half, "only the public half is there");

    let public = add("key.pub");
    public.exits(1).reports_among_else("this is a public key, not a private one");
    hints(&public, "the private one is beside it");

    let device = keyfob_with(&world, &agent).args(["add", "/dev/zero"]).output();
    device.exits(1).reports_among_else("/dev/zero: is a device, not a file");
    hints(&device, "keyfob add -");

    world.write("text", "hello\n", 0o600);
    add("text").exits(1).reports_among_else("text: no key found in the file");

    let whole = fs::read(key.path()).unwrap();
    world.write("cut", &whole[..whole.len() / 2], 0o600);
    let cut = add("cut");
    cut.exits(1).reports_among_else("cut: OpenSSH private key is damaged");
    hints(&cut, "cut off");

    world.write("putty.ppk", "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n", 0o600);
    add("putty.ppk").exits(1).reports_among_else("PuTTY private key (PPK)");
    assert!(agent.list().is_empty());
}

#[test]
fn a_fifo_is_given_up_and_not_waited_for() {
    let world = world();
    let agent = world.agent();
    let fifo = world.path("fifo");
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, 0o600.into(), 0)
        .unwrap();
    let added = keyfob_with(&world, &agent).arg("add").arg(fifo).output();
    added.exits(1).reports_among_else("is a FIFO").takes_less_than(Duration::from_secs(10));
}

#[test]
fn a_key_others_may_read_is_refused_with_the_command_that_mends_it() {
    let world = world();
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "open key");
    key.set_mode(0o640);
    let added = keyfob_with(&world, &agent).arg("add").arg(key.path()).output();
    added.exits(1).reports_among_else("others may read it (mode 0640)");
    hints(&added, &format!("chmod 600 '{}'", key.text()));
    assert!(agent.list().is_empty());
}

#[test]
fn without_an_agent_the_exit_code_is_2_and_the_hint_starts_one() {
    let world = world();
    let key = world.key(KeyType::Ed25519, "key");
    let unset = keyfob(&world).arg("add").arg(key.path()).output();
    unset.exits(2).reports("keyfob: there is no agent: SSH_AUTH_SOCK is not set\n");
    hints(&unset, "eval \"$(keyfob env)\"");
    let gone = keyfob(&world).env("SSH_AUTH_SOCK", world.path("gone")).args(["list"]).output();
    gone.exits(2);
    hints(&gone, "eval \"$(keyfob env)\"");
}

#[test]
fn nobody_types_a_passphrase_for_an_agent_that_is_locked() {
    let world = world();
    let agent = world.agent();
    let askpass = world.askpass();
    askpass.answer(&Answer::line("secret"));
    let key = world.encrypted_key(KeyType::Ed25519, "key", "secret");
    agent.lock("x");
    let run = askpass.forced_on(keyfob_with(&world, &agent).arg("add"));
    let added = run.arg(key.path()).output();
    added.exits(1).reports("keyfob: the agent is locked\n");
    assert!(askpass.calls().is_empty());
}

#[test]
fn a_wrong_passphrase_is_told_as_such() {
    let world = world();
    let agent = world.agent();
    let key = world.encrypted_key(KeyType::Ed25519, "key", "secret");
    // Without terminal and display the answers come from standard input.
    let added = keyfob_with(&world, &agent).arg("add").arg(key.path()).stdin("wrong\n\n").output();
    added.exits(1).reports_among_else("key: wrong passphrase");
    hints(&added, "not that of your account");
    let right = keyfob_with(&world, &agent).arg("add").arg(key.path()).stdin("wrong\nsecret\n");
    right.output().exits(0);
}

#[test]
fn a_refusal_of_the_agent_says_what_it_may_mean() {
    let world = openssh_world();
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    agent.lock("x");
    let added = keyfob_with(&world, &agent).arg("add").arg(key.path()).output();
    added.exits(1).reports_among_else("key: agent refused operation");
    hints(&added, "it may be locked");
}

#[test]
fn a_comment_that_is_too_long_is_told_apart_from_other_refusals() {
    let world = world();
    let agent = world.agent();
    // `keyfob generate` makes no such key, and OpenSSH's own program cuts the comment off.
    let make = ["-q", "-t", "ed25519", "-N", "", "-f", "key", "-C", &"x".repeat(4097)];
    world.ssh_keygen().args(make).output().exits(0);
    let added = keyfob_with(&world, &agent).args(["add", "key"]).output();
    added.exits(1).reports_among_else("key: agent refused operation");
    hints(&added, "its comment has 4097 bytes, and keyfob's agent takes 4096");
}

#[test]
fn a_certificate_comes_with_its_key_and_a_broken_one_is_told() {
    let world = world();
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    let authority = Authority::new(&world, "ca");
    authority.certify(&key, &CertificateRequest::default());
    let added = keyfob_with(&world, &agent).arg("add").arg(key.path()).output();
    added.exits(0).reports_among_else("key-cert.pub (certificate id-1)");
    assert_eq!(agent.list().len(), 2);

    keyfob_with(&world, &agent).args(["remove", "--all"]).output().exits(0);
    authority.certify(
        &key,
        &CertificateRequest { validity: "-2h:-1h", ..CertificateRequest::default() },
    );
    let expired = keyfob_with(&world, &agent).arg("add").arg(key.path()).output();
    expired.exits(1).reports_among_else("the certificate has expired");
    assert_eq!(agent.list().len(), 1);
    keyfob_with(&world, &agent).args(["add", "-N"]).arg(key.path()).output().exits(0);
    assert_eq!(agent.list().len(), 2);

    fs::write(key.certificate_path(), "garbage").unwrap();
    keyfob_with(&world, &agent)
        .arg("add")
        .arg(key.path())
        .output()
        .exits(1)
        .reports_among_else("key-cert.pub: ");
}

#[test]
fn destinations_come_from_known_hosts_or_nothing_is_added() {
    let world = world();
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    let host = world.key(KeyType::Ed25519, "host");
    let known = world.write("known", format!("server {}\n", host.public_line()), 0o600);
    let add = |destination: &str| {
        keyfob_with(&world, &agent)
            .args(["add", "-h", destination, "-H"])
            .arg(&known)
            .arg(key.path())
            .output()
    };
    let unknown = add("elsewhere");
    unknown.exits(255).reports_among_else("no host keys found for destination \"elsewhere\"");
    hints(&unknown, "connect to it once with ssh");
    hints(&add("me@server:2222"), "known hosts files name it [server]:2222");
    // A mistyped name of the file must not look like an unknown host.
    let mistyped = keyfob_with(&world, &agent).args(["add", "-h", "server", "-H", "knwon"]);
    let mistyped = mistyped.in_folder(world.folder()).arg(key.path()).output();
    mistyped.exits(255).reports_among_else("knwon: no such file\n");
    assert!(agent.list().is_empty());
    add("me@server").exits(0).reports_among_else("for certain hosts only");
    let listed = keyfob_with(&world, &agent).arg("list").output();
    listed.exits(0).prints_among_else("1 destination");
}

#[test]
fn a_file_of_putty_with_a_certificate_gives_both() {
    let world = world();
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    Authority::new(&world, "ca").certify(&key, &CertificateRequest::default());
    let make = world.system_program("puttygen").args(["key", "-o", "key.ppk", "-C", "by putty"]);
    let make = make.args(["--certificate", "key-cert.pub", "--new-passphrase", "/dev/null"]);
    make.output().exits(0);
    let add =
        |flags: &[&str]| keyfob_with(&world, &agent).arg("add").args(flags).arg("key.ppk").output();
    let added = add(&[]);
    added.exits(0).reports_among_else("added key.ppk (by putty)\n");
    added.reports_among_else("added key.ppk (certificate id-1)\n");
    assert_eq!(agent.list().len(), 2);
    for (flag, listed) in [("-k", "ED25519 256"), ("-C", "ED25519-CERT 256")] {
        keyfob_with(&world, &agent).args(["remove", "--all"]).output().exits(0);
        add(&[flag]).exits(0);
        let list = keyfob_with(&world, &agent).arg("list").output();
        assert_eq!(agent.list().len(), 1);
        list.prints_among_else(listed);
    }
}

#[test]
fn a_passphrase_may_come_from_a_file() {
    let world = world();
    let agent = world.agent();
    world.write("pw", "secret\n", 0o600);
    let keys = [KeyType::Ed25519, KeyType::EcdsaP256]
        .map(|kind| world.encrypted_key(kind, kind.name(), "secret"));
    let add = |flags: &[&str]| {
        let run = keyfob_with(&world, &agent).arg("add").args(flags);
        run.args(keys.iter().map(keyfob_testkit::KeyFile::path))
    };
    add(&["--passphrase-file", "pw"]).output().exits(0);
    assert_eq!(agent.list().len(), 2);
    keyfob_with(&world, &agent).args(["remove", "--all"]).output().exits(0);
    world.write("pw", "wrong\n", 0o600);
    let wrong = add(&["--passphrase-file", "pw"]).output();
    wrong.exits(1).reports_among_else("ed25519: wrong passphrase\n");
    wrong.reports_among_else("ecdsa: wrong passphrase\n");
    assert!(!wrong.stderr().contains("Enter passphrase"), "{wrong}");
    add(&["--passphrase-file", "missing"]).output().exits(1).reports_among_else("missing: no such");
    assert!(agent.list().is_empty());
}
