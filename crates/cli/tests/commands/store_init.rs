//! `keyfob init`: a store where it should be, a code that is shown once, and nothing by halves.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::{
    STORE_PASSPHRASE, hints, in_store, keyfob, keyfob_unlocking, make_store, world,
};

#[test]
fn a_store_is_made_unattended_and_for_its_owner_alone() {
    let world = world();
    make_store(&world);
    for name in ["VAULT", "RECOVERY.txt", "slots", "keys", "manifest"] {
        assert!(in_store(&world, name).exists(), "{name}");
    }
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(in_store(&world, "")), 0o700);
    assert_eq!(mode(world.path("recovery-code")), 0o600);
    let code = fs::read_to_string(world.path("recovery-code")).unwrap();
    assert_eq!(code.trim_end().len(), 44, "{code}");
    assert!(world.path(".local/state/keyfob/stores").is_dir());
    let again = keyfob_unlocking(&world, "init").args(["--recovery-file", "other"]).output();
    again.exits(1).reports_among_else("there is a key store at ");
    assert!(!world.path("other").exists());
}

#[test]
fn on_a_terminal_it_asks_twice_and_shows_the_code_there_alone() {
    let world = world();
    let mut terminal = keyfob(&world).args(["init", "--memory", "64M"]).on_terminal();
    terminal.expect("New passphrase for the key store: ").answer_unseen("");
    terminal.expect("New passphrase for the key store: ").answer_unseen(STORE_PASSPHRASE);
    terminal.expect("The same again: ").answer_unseen(STORE_PASSPHRASE);
    terminal.expect("It is shown this once:");
    let (output, shown, echoes) = terminal.wait();
    output.exits(0).prints("").reports_among_else("It cannot be empty");
    output.reports_among_else("Strength: strong").reports_among_else("64 MiB and 3 passes");
    output.reports_among_else("keyfob add PATH --save");
    let code = shown.lines().map(str::trim).find(|line| line.len() == 44).expect("a code");
    assert_eq!(code.matches('-').count(), 8, "{code}");
    assert!(echoes && !output.stderr().contains(code) && shown.contains("Write it on paper"));
}

#[test]
fn it_does_nothing_where_the_code_would_be_lost() {
    let world = world();
    world.write("store-passphrase", STORE_PASSPHRASE, 0o600);
    let nowhere = keyfob_unlocking(&world, "init").args(["--memory", "64M"]).output();
    nowhere.exits(1).reports_among_else("no terminal to show the recovery code on");
    hints(&nowhere, "--recovery-file FILE");
    world.write("there", "", 0o600);
    let taken = keyfob_unlocking(&world, "init").args(["--recovery-file", "there"]).output();
    taken.exits(1).reports_among_else("there: there is a file of this name already");
    let empty = ["--store-passphrase-file", "/dev/null", "--recovery-file", "code"];
    keyfob(&world).arg("init").args(empty).output().exits(1);
    let nobody = keyfob(&world).args(["init", "--recovery-file", "code"]).output();
    nobody.exits(1).reports_among_else("no terminal to ask on");
    assert!(!in_store(&world, "").exists() && !world.path("code").exists());
    keyfob(&world).args(["init", "--memory", "32M"]).output().exits(1);
}

#[test]
fn the_place_can_be_chosen_and_the_result_be_json() {
    let world = world();
    world.write("store-passphrase", STORE_PASSPHRASE, 0o600);
    let run = keyfob_unlocking(&world, "init").env("KEYFOB_STORE", world.path("my keys"));
    let made = run.args(["--memory", "64M", "--recovery-file", "-", "--json"]).output();
    made.exits(0).prints_among_else("\"recovery_code\": \"").prints_among_else("my keys");
    assert!(world.path("my keys/VAULT").exists());
    fs::create_dir_all(in_store(&world, "")).unwrap();
    let taken = keyfob_unlocking(&world, "init").args(["--recovery-file", "code"]).output();
    taken.exits(1).reports_among_else("it is no key store");
}

#[test]
fn the_system_s_reason_is_told_without_its_number() {
    let world = world();
    world.write("store-passphrase", format!("{STORE_PASSPHRASE}\n"), 0o600);
    let run = keyfob_unlocking(&world, "init").env("KEYFOB_STORE", "/proc/no/store");
    let refused = run.args(["--memory", "64M", "--recovery-file", "code"]).output();
    refused.exits(1).reports_among_else("No such file or directory\n");
    assert!(!refused.stderr().contains("os error"), "{refused}");
}
