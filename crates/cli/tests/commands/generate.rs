//! `keyfob generate` without a terminal: what it writes, by the word of the programs that read it,
//! and what it refuses.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::support::{hints, keyfob, keyfob_with, world};
use keyfob_keyfile::{Derivation, inspect};
use keyfob_testkit::{Output, Run, World};

/// Types and sizes, and how `ssh-keygen -l` calls them. The last one is unknown to OpenSSH 9.2.
const KINDS: [(&[&str], &str); 6] = [
    (&["-t", "ed25519"], "256 (ED25519)"),
    (&["-t", "rsa", "-b", "2048"], "2048 (RSA)"),
    (&["-t", "RSA"], "3072 (RSA)"),
    (&["-t", "ecdsa"], "256 (ECDSA)"),
    (&["-t", "ecdsa-sha2-nistp384"], "384 (ECDSA)"),
    (&["-t", "ecdsa", "-b", "521"], "521 (ECDSA)"),
];

/// A key `id` in the home, without a passphrase unless the flags say one.
fn generate(world: &World, flags: &[&str]) -> Run {
    keyfob(world).args(["generate", "-f", "id"]).args(flags)
}

fn made(world: &World, flags: &[&str]) -> Output {
    let made = generate(world, flags).arg("--no-passphrase").output();
    made.exits(0);
    made
}

/// What `ssh-keygen` says of a file, or of its public half.
fn ssh_keygen(world: &World, flags: &[&str]) -> Output {
    world.system_program("ssh-keygen").args(flags).output()
}

fn public_line(world: &World) -> String {
    fs::read_to_string(world.path("id.pub")).unwrap()
}

/// The key of a public line, without the comment.
fn key_of(line: &str) -> String {
    line.split(' ').take(2).collect::<Vec<_>>().join(" ").trim_end().to_owned()
}

fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn is_empty(world: &World) -> bool {
    files(&world.home()) == [".ssh", "run"] && files(&world.path(".ssh")).is_empty()
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[test]
fn ssh_keygen_reads_every_type_and_finds_the_same_fingerprint_and_picture() {
    for (flags, called) in KINDS {
        let world = world();
        let made = made(&world, flags);
        let read = ssh_keygen(&world, &["-y", "-P", "", "-f", "id"]);
        assert_eq!(key_of(&read.stdout()), key_of(&public_line(&world)), "{flags:?}");
        made.prints(&public_line(&world));
        // `256 SHA256:… comment (ED25519)`, and the picture.
        let listed = ssh_keygen(&world, &["-lv", "-f", "id.pub"]).stdout();
        let (first, picture) = listed.split_once('\n').unwrap();
        let mut words = first.split(' ');
        let bits = words.next().unwrap();
        let rest: Vec<&str> = words.collect();
        let (kind, fingerprint) = rest.split_last().unwrap();
        assert_eq!(format!("{bits} {kind}"), called);
        let fingerprint = fingerprint.join(" ");
        made.reports_among_else(&format!("\nThe key fingerprint is:\n{fingerprint}\n"));
        made.reports_among_else(&format!("\nThe key's randomart image is:\n{picture}"));
    }
}

#[test]
fn a_passphrase_of_a_file_protects_the_key() {
    for (flags, _) in KINDS {
        let world = world();
        world.write("passphrase", "correct horse\nsecond line\n", 0o600);
        generate(&world, flags).args(["--passphrase-file", "passphrase"]).output().exits(0);
        let right = ssh_keygen(&world, &["-y", "-P", "correct horse", "-f", "id"]);
        right.exits(0);
        assert_eq!(key_of(&right.stdout()), key_of(&public_line(&world)));
        ssh_keygen(&world, &["-y", "-P", "", "-f", "id"]).exits(255);
    }
}

#[test]
fn a_passphrase_comes_from_standard_input_too() {
    let world = world();
    let run = generate(&world, &["--passphrase-file", "-"]).stdin("from a pipe\n");
    run.output().exits(0);
    ssh_keygen(&world, &["-y", "-P", "from a pipe", "-f", "id"]).exits(0);
}

#[test]
fn a_file_that_gives_no_passphrase_makes_no_key() {
    let world = world();
    for (content, told) in
        [(Some("\nsecond\n"), "first line"), (Some(""), "first line"), (None, "no such file")]
    {
        let path = world.folder().join("passphrase");
        match content {
            Some(content) => fs::write(&path, content).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        let refused = generate(&world, &["--passphrase-file"]).arg(&path).output();
        refused.exits(1).reports_among_else(told);
        assert!(is_empty(&world), "{content:?}");
    }
}

#[test]
fn puttygen_reads_what_is_written_for_putty() {
    for form in ["ppk", "ppk2"] {
        for (flags, _) in KINDS {
            let world = world();
            world.write("passphrase", "putty's\n", 0o600);
            let run = generate(&world, flags).args(["--format", form]);
            run.args(["--passphrase-file", "passphrase"]).output().exits(0);
            let first = if form == "ppk" { "3: " } else { "2: " };
            let text = fs::read_to_string(world.path("id")).unwrap();
            assert!(text.starts_with(&format!("PuTTY-User-Key-File-{first}")), "{text}");
            let puttygen = world.system_program("puttygen").arg("id");
            let read = puttygen.args(["--old-passphrase", "passphrase", "-L"]).output();
            read.exits(0).prints(&public_line(&world));
        }
    }
}

#[test]
fn openssl_reads_pem_and_pkcs8() {
    for form in ["pem", "pkcs8"] {
        for (flags, called) in KINDS {
            if form == "pem" && called.contains("ED25519") {
                continue;
            }
            let world = world();
            world.write("passphrase", "openssl's\n", 0o600);
            let run = generate(&world, flags).args(["--format", form]);
            run.args(["--passphrase-file", "passphrase"]).output().exits(0);
            let openssl = world.system_program("openssl").args(["pkey", "-in", "id"]);
            let read = openssl.args(["-passin", "file:passphrase", "-pubout"]).output();
            read.exits(0);
            if called.contains("ED25519") {
                // ssh-keygen 9.2 writes no such key as PEM: the last 32 bytes are the key.
                let der =
                    world.system_program("openssl").args(["pkey", "-pubin", "-outform", "DER"]);
                let der = der.stdin(&read.stdout).output().stdout;
                let blob = keyfob_keys::PublicKey::from_line(public_line(&world).as_bytes());
                let (key, _) = blob.unwrap();
                assert!(key.blob().ends_with(&der[der.len() - 32..]));
            } else {
                let ours = ssh_keygen(&world, &["-e", "-m", "PKCS8", "-f", "id.pub"]);
                read.prints(&ours.stdout());
            }
        }
    }
}

#[test]
fn a_key_of_a_type_openssh_9_does_not_know_works_in_the_agent() {
    let world = world();
    let agent = world.agent();
    let run = keyfob_with(&world, &agent).args(["generate", "-f", "id", "--no-passphrase"]);
    let run = run.args(["-t", "ssh-mldsa44-ed25519@openssh.com", "--add"]);
    run.output().exits(0);
    assert!(public_line(&world).starts_with("ssh-mldsa44-ed25519@openssh.com "));
    keyfob_with(&world, &agent).args(["test", "id.pub"]).output().exits(0);
}

#[test]
fn the_private_half_is_private_whatever_the_umask_and_so_are_new_folders() {
    let world = world();
    for (umask, public) in [("000", 0o644), ("077", 0o600)] {
        let script = format!(
            "umask {umask}; exec keyfob generate -q --no-passphrase -f k{umask}/deep/id --rfc4716"
        );
        keyfob(&world).output();
        world.program("sh").args(["-c", &script]).output().exits(0);
        let folder = world.path(format!("k{umask}/deep"));
        assert_eq!(files(&folder), ["id", "id.pub", "id.pub.rfc4716"]);
        assert_eq!(mode(&folder.join("id")), 0o600);
        assert_eq!(mode(&folder.join("id.pub")), public);
        assert_eq!(mode(&folder.join("id.pub.rfc4716")), public);
        assert_eq!(mode(&folder), 0o700);
        assert_eq!(mode(folder.parent().unwrap()), 0o700);
    }
}

#[test]
fn names_are_in_the_usual_folder_and_the_usual_name_is_the_types() {
    let world = world();
    let at_home = |flags: &[&str]| {
        let run = keyfob(&world).args(["generate", "--no-passphrase", "-q"]).args(flags);
        world.with_home_in_passwd(run).output().exits(0).reports("");
    };
    fs::remove_dir(world.path(".ssh")).unwrap();
    at_home(&["work"]);
    assert_eq!(mode(&world.path(".ssh")), 0o700);
    for flags in
        [&[][..], &["-t", "rsa", "-b", "2048"], &["-t", "ecdsa"], &["-t", "mldsa44-ed25519"]]
    {
        at_home(flags);
    }
    let names = ["id_ecdsa", "id_ed25519", "id_mldsa44_ed25519", "id_rsa", "work"];
    let expected: Vec<String> =
        names.iter().flat_map(|name| [(*name).to_owned(), format!("{name}.pub")]).collect();
    assert_eq!(files(&world.path(".ssh")), expected);
    at_home(&["./here"]);
    assert!(world.path("here.pub").exists(), "with a slash it is a path");
    at_home(&["-f", "there/"]);
    assert!(world.path("there/id_ed25519.pub").exists(), "a folder gets the usual name");
}

#[test]
fn the_comment_is_user_and_host_or_what_was_said() {
    let world = world();
    let comment = |world: &World| {
        let line = public_line(world);
        line.splitn(3, ' ').nth(2).unwrap().trim_end().to_owned()
    };
    made(&world, &[]);
    let host = host_name(&world);
    assert!(comment(&world).ends_with(&format!("@{host}")), "{}", comment(&world));
    made(&world, &["--force", "-C", "laptop of A. Person"]);
    assert_eq!(comment(&world), "laptop of A. Person");
    let inside = ssh_keygen(&world, &["-y", "-P", "", "-f", "id"]).stdout();
    assert_eq!(inside, public_line(&world), "inside the private half too");
    let refused = generate(&world, &["--force", "--no-passphrase", "-C", "two\nlines"]).output();
    refused.exits(1).reports_among_else("line break");
    assert_eq!(comment(&world), "laptop of A. Person", "and nothing has changed");
}

#[test]
fn a_comment_that_is_too_long_for_the_agent_is_refused_at_once() {
    let world = world();
    // A long search would be for nothing, and so would a passphrase.
    let flags = ["-t", "rsa", "-b", "16384", "-C"];
    let refused = generate(&world, &flags).arg("x".repeat(4097)).output();
    refused.exits(1).prints("").reports_among_else("longer than the 4096");
    assert!(is_empty(&world));
    made(&world, &["-C", &"x".repeat(4096)]);
}

fn host_name(world: &World) -> String {
    world.system_program("uname").arg("-n").output().stdout().trim_end().to_owned()
}

#[test]
fn what_is_there_stays_unless_it_may_be_replaced() {
    let world = world();
    made(&world, &[]);
    let before = (fs::read(world.path("id")).unwrap(), public_line(&world));
    let refused = generate(&world, &["--no-passphrase"]).output();
    refused.exits(1).reports_among_else("id: there is a file of this name already");
    hints(&refused, "--force");
    assert_eq!((fs::read(world.path("id")).unwrap(), public_line(&world)), before);
    made(&world, &["--force"]);
    assert_ne!(public_line(&world), before.1);
    assert_eq!(files(&world.home()), [".ssh", "id", "id.pub", "run"], "nothing else is left");
    // A public half alone may be all that is left of a key on another machine.
    fs::remove_file(world.path("id")).unwrap();
    let refused = generate(&world, &["--no-passphrase"]).output();
    refused.exits(1).reports_among_else("id.pub: there is a file");
    assert!(!world.path("id").exists());
}

#[test]
fn a_link_that_leads_nowhere_yet_is_told_first_and_followed_after_a_yes() {
    let world = world();
    std::os::unix::fs::symlink("elsewhere", world.path("id")).unwrap();
    // Found only when it comes to saving, this would be a long search for nothing.
    let refused = generate(&world, &["-t", "rsa", "-b", "16384", "--no-passphrase"]).output();
    refused.exits(1).reports_among_else("id: there is a file of this name already");
    hints(&refused, "--force");
    made(&world, &["--force"]);
    assert!(world.path("id").is_symlink());
    let read = ssh_keygen(&world, &["-y", "-P", "", "-f", "elsewhere"]);
    assert_eq!(key_of(&read.stdout()), key_of(&public_line(&world)));
}

#[test]
fn a_place_that_cannot_be_had_is_found_out_before_a_key_is_made() {
    let world = world();
    world.write("file", "x", 0o600);
    for (path, told) in [
        ("file/below/id", "file/below: not a directory"),
        ("/proc/nowhere/id", "/proc"),
        ("key.pub", "a name ending in .pub is for the public half"),
    ] {
        let run = keyfob(&world).args(["generate", "--no-passphrase", "-f", path]);
        run.output().exits(1).reports_among_else(told);
    }
    assert_eq!(files(&world.home()), [".ssh", "file", "run"]);
}

#[test]
fn without_a_terminal_nothing_is_asked_and_nothing_waits() {
    let world = world();
    for flags in [&[][..], &["-t", "rsa"], &["work"], &["-q"], &["--json"]] {
        let run = keyfob(&world).arg("generate").args(flags).stdin("\n\n\n\n\n");
        let refused = world.with_home_in_passwd(run).output();
        refused.exits(1).prints("").reports_among_else("a passphrase was not given");
        hints(&refused, "--no-passphrase");
        assert!(is_empty(&world), "{flags:?}");
    }
}

#[test]
fn a_window_may_ask_for_the_passphrase() {
    let world = world();
    let askpass = world.askpass();
    askpass
        .answers(&[keyfob_testkit::Answer::line("typed"), keyfob_testkit::Answer::line("typed")]);
    askpass.forced_on(generate(&world, &[])).output().exits(0);
    ssh_keygen(&world, &["-y", "-P", "typed", "-f", "id"]).exits(0);
    let questions: Vec<String> = askpass.calls().iter().map(|call| call.prompt.clone()).collect();
    assert_eq!(questions, ["Passphrase for id (empty for none): ", "The same passphrase again: "]);
}

#[test]
fn what_is_not_made_is_refused_with_its_reason_and_what_to_do() {
    let world = world();
    let refused = |flags: &[&str], told: &str, advice: &str| {
        let refused = generate(&world, flags).arg("--no-passphrase").output();
        refused.exits(1).prints("").reports_among_else(told);
        if !advice.is_empty() {
            hints(&refused, advice);
        }
        assert!(is_empty(&world), "{flags:?}");
    };
    refused(&["-t", "dsa"], "DSA keys are not made", "-t rsa");
    refused(&["-t", "ssh-dss"], "DSA keys are not made", "-t rsa");
    refused(&["-t", "ed448"], "Ed448 keys are not made", "-t ed25519");
    refused(&["-t", "ed25519-sk"], "inside a security key", "ssh-keygen");
    refused(&["-t", "rsa2"], "unknown key type rsa2", "-t takes");
    refused(&["-t", "rsa", "-b", "1024"], "1024 bits is weak", "--weak");
    refused(&["-t", "rsa", "-b", "512", "--weak"], "2048 to 16384 bits, not 512", "");
    refused(&["-t", "rsa", "-b", "16385"], "not 16385", "");
    refused(&["-t", "ecdsa", "-b", "512"], "256, 384 or 521 bits, not 512", "");
    refused(&["-b", "4096"], "has 256 bits, not 4096", "-t rsa -b 4096");
    refused(&["-t", "ed25519", "-b", "2048"], "has 256 bits, not 2048", "-t rsa -b 2048");
    refused(&["-b", "384"], "has 256 bits, not 384", "-t ecdsa -b 384");
    refused(&["-b", "1000"], "has 256 bits, not 1000", "");
    refused(&["--format", "pem"], "ed25519 in this form", "");
    refused(&["-t", "mldsa44-ed25519", "--format", "ppk"], "only the OpenSSH form", "");
    refused(&["--format", "ppk", "-a", "99"], "only the OpenSSH form", "");
    refused(&["-Z", "rot13"], "keyfob: there is no such cipher", "");
    let most = keyfob_keyfile::Limits::default().bcrypt_rounds;
    let refusal = format!("at most {most} are allowed");
    refused(&["-a", &(most + 1).to_string()], &refusal, "");
}

#[test]
fn what_cannot_be_written_shows_before_a_long_search() {
    let world = world();
    world.write("short", "abcd\n", 0o600);
    // Of this size it would take minutes, and the test its limit.
    let rsa = ["-t", "rsa", "-b", "16384"];
    let comment = generate(&world, &rsa).args(["--no-passphrase", "-C", "two\nlines"]).output();
    comment.exits(1).reports_among_else("line break");
    for form in ["pem", "pkcs8"] {
        let run = generate(&world, &rsa).args(["--format", form, "--passphrase-file", "short"]);
        run.output().exits(1).reports_among_else("the passphrase is too short");
    }
    assert!(!world.path("id").exists() && !world.path("id.pub").exists());
}

/// Lost otherwise: a passphrase that holds in one format is given in another, where it does not.
#[test]
fn a_format_whose_passphrase_is_fast_to_guess_is_said() {
    let world = world();
    world.write("words", "velvet harbour oxide\n", 0o600);
    for (form, told) in [("pem", true), ("openssh", false)] {
        let flags = ["-t", "ecdsa", "--format", form, "--passphrase-file", "words", "-f", form];
        let output = keyfob(&world).arg("generate").args(flags).output();
        let said = output.exits(0).stderr().contains("makes guessing its passphrase fast");
        assert_eq!(said, told, "{output}");
    }
}

#[test]
fn a_weak_key_is_made_for_who_insists() {
    let world = world();
    made(&world, &["-t", "rsa", "-b", "1024", "--weak"]);
    let listed = ssh_keygen(&world, &["-l", "-f", "id"]);
    assert!(listed.stdout().starts_with("1024 SHA256:"), "{listed}");
}

#[test]
fn ciphers_and_rounds_are_those_that_were_asked_for() {
    for cipher in [
        "3des-cbc",
        "aes128-cbc",
        "aes192-cbc",
        "aes256-cbc",
        "aes128-ctr",
        "aes192-ctr",
        "aes256-ctr",
        "aes128-gcm@openssh.com",
        "aes256-gcm@openssh.com",
        "chacha20-poly1305@openssh.com",
    ] {
        let world = world();
        world.write("passphrase", "secret\n", 0o600);
        let run = generate(&world, &["-Z", cipher, "-a", "2", "--passphrase-file", "passphrase"]);
        run.output().exits(0);
        let found = inspect(&fs::read(world.path("id")).unwrap()).unwrap();
        let encryption = found.encryption.unwrap();
        assert_eq!(encryption.cipher, cipher);
        assert!(matches!(encryption.derivation, Derivation::Bcrypt { rounds: 2 }), "{cipher}");
        ssh_keygen(&world, &["-y", "-P", "secret", "-f", "id"]).exits(0);
    }
}

#[test]
fn the_other_form_of_the_public_half_stands_beside_it() {
    let world = world();
    made(&world, &["-t", "rsa", "--rfc4716"]);
    let other = ssh_keygen(&world, &["-i", "-f", "id.pub.rfc4716"]);
    assert_eq!(key_of(&other.stdout()), key_of(&public_line(&world)));
}

#[test]
fn scripts_get_json_or_nothing_at_all() {
    let world = world();
    made(&world, &["-q"]).prints("").reports("");
    let told = made(&world, &["--json", "--force", "-C", "a comment"]);
    told.reports("");
    let told: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    let listed = ssh_keygen(&world, &["-l", "-f", "id.pub"]).stdout();
    assert_eq!(told["type"], "ssh-ed25519");
    assert_eq!(told["bits"], 256);
    assert_eq!(told["fingerprint"], listed.split(' ').nth(1).unwrap());
    assert_eq!(told["file"], "id");
    assert_eq!(told["public_file"], "id.pub");
    assert_eq!(told["rfc4716_file"], serde_json::Value::Null);
    assert_eq!(told["encrypted"], false);
    assert_eq!(told["comment"], "a comment");
    assert_eq!(told["public_key"], public_line(&world).trim_end());
}

#[test]
fn nothing_is_said_of_the_search_where_nobody_looks_on() {
    let world = world();
    let made = made(&world, &["-t", "rsa", "-b", "2048"]);
    assert!(!made.stderr().contains("Searching"), "{made}");
}

#[test]
fn the_new_key_is_added_to_the_agent_and_signs() {
    let world = world();
    let agent = world.agent();
    let run =
        keyfob_with(&world, &agent).args(["generate", "-f", "id", "--no-passphrase", "--add"]);
    let added = run.args(["--lifetime", "1h", "-C", "new"]).output();
    added.exits(0).reports_among_else("added id (new), for 1h\n");
    assert!(!added.stderr().contains("keyfob add"), "what is done is no next step: {added}");
    assert_eq!(agent.list().len(), 1);
    keyfob_with(&world, &agent).args(["test", "id"]).output().exits(0);
}

#[test]
fn an_agent_that_will_not_take_it_is_found_out_first() {
    let world = world();
    let none = generate(&world, &["--no-passphrase", "--add"]).output();
    none.exits(2).reports_among_else("there is no agent");
    let agent = world.agent();
    let askpass = world.askpass();
    askpass.answers(&[keyfob_testkit::Answer::line("l"), keyfob_testkit::Answer::line("l")]);
    askpass.forced_on(keyfob_with(&world, &agent).arg("lock")).output().exits(0);
    let run =
        keyfob_with(&world, &agent).args(["generate", "-f", "id", "--no-passphrase", "--add"]);
    run.output().exits(1).reports_among_else("the agent is locked");
    assert!(!world.path("id").exists());
}

#[test]
fn a_disk_that_is_full_leaves_nothing_behind() {
    let world = world();
    keyfob(&world);
    let script = "ulimit -f 0; exec keyfob generate -f id --no-passphrase";
    let failed = world.program("bash").args(["-c", script]).output();
    failed.exits(1).prints("").reports_among_else("id: cannot write: ");
    assert!(is_empty(&world), "{:?}", files(&world.home()));
}

#[test]
fn flags_that_exclude_each_other_are_refused() {
    let world = world();
    for flags in [
        &["--no-passphrase", "--passphrase-file", "x"][..],
        &["-f", "x", "name"],
        &["--lifetime", "1h"],
        &["--for", "github", "--weak"],
        &["-q", "--json"],
    ] {
        keyfob(&world).arg("generate").args(flags).output().exits(1).reports_among_else("error:");
    }
}
