//! `keyfob import`: many keys at once, and a word about every file.

use std::fs;

use keyfob_testkit::{Answer, KeyType, World};

use crate::support::{fingerprint, hints, in_store, keyfob, keyfob_unlocking, make_store, world};

/// A folder with one of everything.
fn folder(world: &World) {
    world.make_folder("old keys");
    world.key(KeyType::Ed25519, "old keys/plain");
    world.encrypted_key(KeyType::EcdsaP256, "old keys/first", "one");
    world.encrypted_key(KeyType::EcdsaP384, "old keys/second", "two");
    world.encrypted_key(KeyType::Rsa2048, "old keys/third", "one");
    world.write("old keys/notes", "nothing to see", 0o644);
    let dsa = ["-q", "-t", "dsa", "-N", "", "-f", "old keys/ancient"];
    world.system_program("ssh-keygen").args(dsa).output().exits(0);
    let ppk = ["-O", "private", "-o", "old keys/putty.ppk", "--new-passphrase", "/dev/null"];
    let key = world.key(KeyType::EcdsaP521, "puttys");
    world.system_program("puttygen").arg(key.path()).args(ppk).output().exits(0);
}

/// Lost otherwise: whoever sorts keys into folders is told that there are none.
#[test]
fn folders_inside_a_folder_are_told_of() {
    let world = world();
    make_store(&world);
    world.make_folder("keys");
    world.make_folder("keys/work");
    world.key(KeyType::Ed25519, "keys/work/id_ed25519");
    let output = keyfob_unlocking(&world, "import").arg("keys").output();
    hints(output.exits(1), "folders inside a folder are not searched");
    keyfob_unlocking(&world, "import").arg("keys/work").output().exits(0);
}

#[test]
fn each_passphrase_is_asked_once_and_each_file_is_told_of() {
    let world = world();
    make_store(&world);
    folder(&world);
    let askpass = world.askpass();
    askpass.answers(&[Answer::line("one"), Answer::line("two")]);
    let run = askpass.forced_on(keyfob_unlocking(&world, "import").arg("old keys"));
    let output = run.output();
    output.exits(1).reports_among_else("5 taken, ").reports_among_else("unchanged");
    assert_eq!(askpass.calls().len(), 2, "{:?}", askpass.calls());
    let table = output.stdout();
    let line = |name: &str| {
        let lines: Vec<&str> = table.lines().filter(|line| line.contains(name)).collect();
        lines.join("\n")
    };
    for name in ["plain", "first", "second", "third", "putty"] {
        assert!(line(&format!("taken    {name} ")).contains("SHA256:"), "{table}");
        assert!(in_store(&world, &format!("keys/{name}.sealed")).exists(), "{name}");
    }
    assert!(line("notes").contains("skipped") && line("notes").contains("no key"), "{table}");
    assert!(line("ancient ").contains("DSA"), "{table}");
    assert!(line("plain.pub").contains("only the public half"), "{table}");
    let public = in_store(&world, "keys/putty.pub");
    assert_eq!(fingerprint(&world, &public), fingerprint(&world, &world.path("puttys.pub")));

    fs::remove_file(world.path("old keys/ancient")).unwrap();
    askpass.answers(&[]);
    let again = askpass.forced_on(keyfob_unlocking(&world, "import")).arg("old keys/plain");
    let again = again.output();
    again.exits(0).prints_among_else("in the key store already, as plain");
}

#[test]
fn what_was_not_taken_is_told_to_programs_too() {
    let world = world();
    make_store(&world);
    world.encrypted_key(KeyType::Ed25519, "locked", "secret");
    let key = world.key(KeyType::Ed25519, "open");
    key.set_mode(0o644);
    world.write("wrong", "wrong\n", 0o600);
    let flags = ["--json", "--passphrase-file", "wrong", "locked", "open", "missing", "open.pub"];
    let output = keyfob_unlocking(&world, "import").args(flags).output();
    output.exits(1);
    for part in [
        "\"reason\": \"wrong-passphrase\"",
        "\"reason\": \"unreadable\"",
        "\"reason\": \"public-only\"",
        "\"name\": \"open\"",
    ] {
        output.prints_among_else(part);
    }
    let text = keyfob_unlocking(&world, "import").arg("missing").output();
    text.exits(1).prints_among_else("no such file or directory");
}

#[test]
fn what_ssh_is_configured_with_is_shown_and_asked_for() {
    let world = world();
    make_store(&world);
    world.make_folder("k");
    world.make_folder(".ssh/config.d");
    world.key(KeyType::Ed25519, "k/work");
    world.key(KeyType::EcdsaP256, ".ssh/id_ecdsa");
    world.write(".ssh/config", "Include config.d/*\nIdentityFile ~/gone\n", 0o600);
    let more = "Host work\n  IdentityFile=~/k/work\n  IdentityFile ~/.ssh/%h\n";
    world.write(".ssh/config.d/work", more, 0o600);
    let import = || {
        let run = keyfob_unlocking(&world, "import").args(["--from", "ssh-agent-config"]);
        world.with_home_in_passwd(run)
    };
    let unasked = import().output();
    unasked.exits(1).reports_among_else("k/work\n").reports_among_else("id_ecdsa\n");
    unasked.reports_among_else("gone: named in the configuration of ssh, and not there");
    unasked.reports_among_else("~/.ssh/%h: depends on the connection");
    hints(&unasked, "--yes");
    assert!(!in_store(&world, "keys/work.sealed").exists());
    let mut terminal = import().on_terminal();
    terminal.expect("Take these 2 into the key store?").type_line("no");
    terminal.wait().0.exits(1).reports_among_else("Nothing was changed");
    import().arg("--yes").output().exits(0).reports_among_else("2 taken, 0 skipped");
    assert!(in_store(&world, "keys/id_ecdsa.sealed").exists());
}

#[test]
fn what_gives_no_keys_away_is_named_with_another_way() {
    let world = world();
    let from = |place: &str| keyfob(&world).args(["import", "--from", place]).output();
    let gpg = from("gpg-agent");
    gpg.exits(1).reports_among_else("gives none away");
    hints(&gpg, "keyfob generate NAME --save");
    let keepassxc = from("keepassxc");
    keepassxc.exits(1);
    hints(&keepassxc, "keepassxc-cli attachment-export");
}

/// More than are sealed at once, and by two programs at the same time.
#[test]
fn many_keys_come_in_and_two_programs_take_turns() {
    let world = world();
    make_store(&world);
    for folder in ["one", "two"] {
        world.make_folder(folder);
        for number in 0..35 {
            world.key(KeyType::Ed25519, &format!("{folder}/{folder}-{number}"));
        }
    }
    let start = |folder| keyfob_unlocking(&world, "import").arg(folder).start();
    let runs = [start("one"), start("two")];
    for run in runs {
        run.wait().exits(0).reports_among_else("35 taken, 35 skipped");
    }
    let listed = keyfob_unlocking(&world, "list").args(["--store", "--unlock"]).output();
    assert_eq!(listed.exits(0).stdout().lines().count(), 71, "{listed}");
    keyfob_unlocking(&world, "check").output().exits(0);
}
