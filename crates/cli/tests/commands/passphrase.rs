//! `keyfob passphrase`: what it writes, ssh-keygen, openssl and puttygen open.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};

use keyfob_testkit::{KeyType, Output, World};

use crate::support::{hints, keyfob, world};

/// Changes a passphrase without a question.
fn change(world: &World, path: &str, flags: &[&str]) -> Output {
    keyfob(world).arg("passphrase").args(flags).arg(path).output()
}

fn ssh_keygen(world: &World, path: &str, passphrase: &str) -> Output {
    world.system_program("ssh-keygen").args(["-y", "-P", passphrase, "-f", path]).output()
}

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().take(2).collect()
}

#[test]
fn it_is_set_changed_and_removed_and_ssh_keygen_follows() {
    let world = world();
    world.write("one", "first one\n", 0o600);
    world.write("two", "second one\r\nignored\n", 0o600);
    for kind in KeyType::EACH {
        let key = world.key(kind, "id");
        let comment = key.comment();
        let with = |passphrase: &str| {
            let output = ssh_keygen(&world, "id", passphrase);
            output.exits(0);
            assert_eq!(words(&output.stdout()), words(&key.public_line()), "{}", kind.name());
            assert!(output.stdout().trim_end().ends_with(&comment), "{output}");
        };
        let set = change(&world, "id", &["-a", "2", "--new-passphrase-file", "one"]);
        set.exits(0).reports("id has a passphrase now; copies of the file still have none\n");
        with("first one");
        let flags = ["--passphrase-file", "one", "--new-passphrase-file", "two", "-a", "2"];
        change(&world, "id", &flags).exits(0).reports_among_else("id has the new passphrase");
        with("second one");
        let removed = change(&world, "id", &["--passphrase-file", "two", "--remove"]);
        removed.exits(0).reports_among_else("id has no passphrase any more");
        with("");
    }
    let again = change(&world, "id", &["--remove"]);
    again.exits(0).reports("id has no passphrase, as before\n");
}

#[test]
fn on_a_terminal_it_asks_for_the_old_one_and_twice_for_the_new_one() {
    let world = world();
    world.encrypted_key(KeyType::Ed25519, "id", "old");
    let mut terminal = keyfob(&world).args(["passphrase", "-a", "1", "id"]).on_terminal();
    terminal.expect("Enter passphrase for id: ").answer_unseen("wrong");
    terminal.expect("Bad passphrase, try again for id: ").answer_unseen("old");
    terminal.expect("New passphrase for id: ").answer_unseen("seven green bottles hanging");
    terminal.expect("The same again: ").answer_unseen("seven green bottles hanging");
    let (output, _, echoes) = terminal.wait();
    output.exits(0);
    assert!(echoes);
    ssh_keygen(&world, "id", "seven green bottles hanging").exits(0);
}

/// Somebody thinks about a passphrase, and elsewhere a backup is put back or a new key made.
#[test]
fn another_key_that_got_the_name_meanwhile_is_not_replaced() {
    let world = world();
    world.key(KeyType::Ed25519, "id");
    world.key(KeyType::EcdsaP256, "other");
    let other = fs::read(world.path("other")).unwrap();
    let mut terminal = keyfob(&world).args(["passphrase", "-a", "1", "id"]).on_terminal();
    terminal.expect("New passphrase for id: ");
    fs::rename(world.path("other"), world.path("id")).unwrap();
    terminal.answer_unseen("seven green bottles hanging");
    terminal.expect("The same again: ").answer_unseen("seven green bottles hanging");
    let (output, _, _) = terminal.wait();
    output.exits(1).reports_among_else("keyfob: id: was changed by something else meanwhile\n");
    assert_eq!(fs::read(world.path("id")).unwrap(), other);
}

#[test]
fn a_wrong_one_changes_nothing() {
    let world = world();
    let key = world.encrypted_key(KeyType::Ed25519, "id", "old");
    let before = fs::read(key.path()).unwrap();
    world.write("wrong", "wrong\n", 0o600);
    world.write("empty", "\nsecond line\n", 0o600);
    world.write("old", "old\n", 0o600);
    let wrong = change(&world, "id", &["--passphrase-file", "wrong", "--remove"]);
    wrong.exits(1).reports_among_else("keyfob: id: wrong passphrase\n");
    let empty = change(&world, "id", &["--passphrase-file", "empty", "--remove"]);
    empty.exits(1).reports_among_else("empty: its first line is empty");
    // As Windows PowerShell writes it, UTF-16: three bytes would be left of it.
    world.write("wide", b"\xff\xfep\0w\0\n\0", 0o600);
    let wide = change(&world, "id", &["--passphrase-file", "old", "--new-passphrase-file", "wide"]);
    wide.exits(1).reports_among_else("wide: its first line has a NUL byte");
    let wide = ["--passphrase-file", "old", "--new-passphrase-file", "-"];
    let wide = keyfob(&world).arg("passphrase").args(wide).arg("id").stdin("a\0b\n").output();
    wide.exits(1).reports_among_else("its first line has a NUL byte");
    let missing = change(&world, "id", &["--passphrase-file", "missing", "--remove"]);
    missing.exits(1).reports_among_else("missing: no such file or directory");
    let differ = keyfob(&world).args(["passphrase", "--new-passphrase-file", "empty", "id"]);
    let differ = differ.stdin("old\n").output();
    differ.exits(1);
    hints(&differ, "--remove");
    assert_eq!(fs::read(key.path()).unwrap(), before);
}

#[test]
fn both_passphrases_may_come_in_lines_of_standard_input() {
    let world = world();
    world.encrypted_key(KeyType::Ed25519, "id", "old");
    let flags = ["--passphrase-file", "-", "--new-passphrase-file", "-", "-a", "1", "id"];
    keyfob(&world).arg("passphrase").args(flags).stdin("old\nnew one\n").output().exits(0);
    ssh_keygen(&world, "id", "new one").exits(0);
}

#[test]
fn cipher_and_rounds_are_as_wished_or_as_good_as_before() {
    let world = world();
    world.write("new", "new one\n", 0o600);
    let protection = |flags: &[&str]| {
        let id = world.encrypted_key(KeyType::Ed25519, "id", "old");
        let rekey = world.system_program("ssh-keygen").args(["-q", "-p", "-P", "old", "-N", "old"]);
        rekey.args(["-f", "id"]).args(flags).output().exits(0);
        id
    };
    let found = |wanted: &str| {
        let json = keyfob(&world).args(["inspect", "--json", "id"]).output();
        json.prints_among_else(wanted);
    };
    let to_new = ["--passphrase-file", "old", "--new-passphrase-file", "new"];
    world.write("old", "old\n", 0o600);
    protection(&["-Z", "aes128-cbc", "-a", "3"]);
    change(&world, "id", &to_new).exits(0);
    found("aes256-ctr");
    found("\"rounds\": 24");
    protection(&["-Z", "chacha20-poly1305@openssh.com", "-a", "30"]);
    change(&world, "id", &to_new).exits(0);
    found("chacha20-poly1305@openssh.com");
    found("\"rounds\": 30");
    let wished = [&to_new[..], &["-Z", "aes128-gcm@openssh.com", "-a", "5"]].concat();
    protection(&[]);
    change(&world, "id", &wished).exits(0);
    found("aes128-gcm@openssh.com");
    found("\"rounds\": 5");
    change(&world, "id", &["-Z", "rot13", "--remove"]).exits(1).reports_among_else("rot13");
}

#[test]
fn other_formats_stay_what_they_are() {
    let world = world();
    world.write("old", "old pass\n", 0o600);
    world.write("new", "new pass\n", 0o600);
    let flags = ["--passphrase-file", "old", "--new-passphrase-file", "new"];
    let openssl = |path: &str| {
        let run = world.system_program("openssl").args(["pkey", "-noout", "-in", path]);
        run.args(["-passin", "file:new"]).output().exits(0);
    };
    let head = |path: &str| fs::read_to_string(world.path(path)).unwrap();
    for (format, begins) in [
        ("PEM", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED"),
        ("PKCS8", "-----BEGIN ENCRYPTED PRIVATE KEY-----"),
    ] {
        world.key(KeyType::Rsa2048, "id");
        let made = world.system_program("ssh-keygen").args(["-q", "-p", "-m", format, "-f", "id"]);
        made.args(["-P", "", "-N", "old pass"]).output().exits(0);
        let changed = change(&world, "id", &flags);
        changed.exits(0);
        assert!(head("id").starts_with(begins), "{}", head("id"));
        openssl("id");
        ssh_keygen(&world, "id", "new pass").exits(0);
        if format == "PEM" {
            changed.reports_among_else("one round of MD5");
            hints(&changed, "keyfob convert id --to openssh -o id");
        }
        let no_choice =
            change(&world, "id", &["-a", "100", "--passphrase-file", "new", "--remove"]);
        no_choice.exits(1).reports_among_else("in the OpenSSH format only");
    }
}

#[test]
fn files_of_putty_stay_files_of_putty() {
    let world = world();
    world.write("old", "old pass\n", 0o600);
    world.write("new", "new pass\n", 0o600);
    for version in ["3", "2"] {
        let puttygen = || world.system_program("puttygen");
        let parameters = format!("version={version}");
        let make = puttygen().args(["-t", "ecdsa", "-b", "256", "-q", "-C", "kept comment"]);
        let make = make.args(["--new-passphrase", "old", "--ppk-param", &parameters]);
        make.args(["-o", "id.ppk"]).output().exits(0);
        let public = || puttygen().args(["-L", "id.ppk"]).output().stdout();
        let before = public();
        let flags = ["--passphrase-file", "old", "--new-passphrase-file", "new"];
        let changed = change(&world, "id.ppk", &flags);
        changed.exits(0);
        let text = fs::read_to_string(world.path("id.ppk")).unwrap();
        assert!(text.starts_with(&format!("PuTTY-User-Key-File-{version}: ")), "{text}");
        assert_eq!(public(), before);
        let open = puttygen().args(["id.ppk", "-O", "private-openssh", "-o", "out"]);
        open.args(["--old-passphrase", "new"])
            .args(["--new-passphrase", "/dev/null"])
            .output()
            .exits(0);
        assert_eq!(changed.stderr().contains("SHA-1 without salt"), version == "2");
    }
}

#[test]
fn what_is_no_private_file_gets_a_fact_and_a_hint() {
    let world = world();
    world.key(KeyType::Ed25519, "id");
    let public = change(&world, "id.pub", &["--remove"]);
    public.exits(1).reports_among_else("id.pub: this is a public key, not a private one");
    hints(&public, "the private one is beside it: id");
    let stdin = change(&world, "-", &["--remove"]);
    stdin.exits(1);
    hints(&stdin, "keyfob convert -");
    let missing = change(&world, "missing", &["--remove"]);
    missing.exits(1).reports_among_else("missing: no such file or directory");
    change(&world, ".", &["--remove"]).exits(1).reports_among_else(".: is a directory");
}

#[test]
fn links_stay_and_other_names_of_the_file_are_told() {
    let world = world();
    world.write("new", "new one\n", 0o600);
    let key = world.key(KeyType::Ed25519, "id");
    symlink("id", world.path("link")).unwrap();
    fs::hard_link(key.path(), world.path("twin")).unwrap();
    let set = change(&world, "link", &["--new-passphrase-file", "new", "-a", "1"]);
    set.exits(0).reports_among_else("link has another name (hard links): there the old file stays");
    assert!(world.path("link").is_symlink());
    ssh_keygen(&world, "id", "new one").exits(0);
    ssh_keygen(&world, "twin", "").exits(0);
}

#[test]
fn a_file_others_could_read_is_closed() {
    let world = world();
    world.write("new", "new one\n", 0o600);
    let key = world.key(KeyType::Ed25519, "id");
    key.set_mode(0o644);
    let set = change(&world, "id", &["--new-passphrase-file", "new", "-a", "1"]);
    set.exits(0).reports_among_else("Others could read id (mode 0644); now only you can.");
    assert_eq!(fs::metadata(key.path()).unwrap().mode() & 0o777, 0o600);
    key.set_mode(0o400);
    change(&world, "id", &["--passphrase-file", "new", "--remove"]).exits(0);
    assert_eq!(fs::metadata(key.path()).unwrap().mode() & 0o777, 0o400);
}
