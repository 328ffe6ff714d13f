//! `keyfob setup`: the whole walk on a terminal, by flags without one, and what it leaves alone. The
//! login at its end is in `tests/interop/setup.rs`.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::time::Duration;

use keyfob_testkit::{KeyType, Output, Run, Terminal, World};
use serde_json::Value;

use crate::support::{
    STORE_PASSPHRASE, fingerprint, hints, in_store, keyfob, keyfob_unlocking, make_store, world,
};
use crate::tree::tree;

const LINE: &str = "eval \"$(keyfob env)\"";

/// Flags that answer all that concerns a new store.
const STORE: [&str; 6] = [
    "--memory",
    "64M",
    "--store-passphrase-file",
    "store-passphrase",
    "--recovery-file",
    "recovery-code",
];

/// `keyfob setup` whose `~` is the home of this world.
fn setup(world: &World, flags: &[&str]) -> Run {
    let run = keyfob(world).env("SHELL", "/bin/bash").arg("setup").args(flags);
    world.with_home_in_passwd(run).limit(Duration::from_secs(60))
}

/// The same, with what a new store needs in files.
fn unattended(world: &World, flags: &[&str]) -> Output {
    world.write("store-passphrase", format!("{STORE_PASSPHRASE}\n"), 0o600);
    setup(world, &STORE).args(flags).output()
}

/// A key by the real `ssh-keygen`, where `ssh` looks for it.
fn ssh_keygen(world: &World, name: &str, flags: &[&str]) {
    let run = world.system_program("ssh-keygen").args(["-q", "-f"]);
    run.arg(world.path(".ssh").join(name)).args(flags).output().exits(0);
}

/// An encrypted key and a plain one.
fn two_keys(world: &World) {
    ssh_keygen(world, "id_ed25519", &["-t", "ed25519", "-N", "of the key", "-a", "1"]);
    ssh_keygen(world, "id_ecdsa", &["-t", "ecdsa", "-N", ""]);
    world.write("key-passphrase", "of the key\n", 0o600);
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}\n{output}"))
}

/// How the four steps went.
fn states(json: &Value) -> [&str; 4] {
    ["store", "keys", "start_up", "test"].map(|step| json[step]["state"].as_str().unwrap())
}

fn stored(world: &World) -> Value {
    json(keyfob_unlocking(world, "list").args(["--store", "--unlock", "--json"]).output().exits(0))
}

fn type_new_passphrase(terminal: &mut Terminal) {
    terminal.expect("New passphrase for the key store: ").answer_unseen(STORE_PASSPHRASE);
    terminal.expect("The same again: ").answer_unseen(STORE_PASSPHRASE);
    terminal.expect("The recovery code. It is shown this once:");
}

#[test]
fn the_whole_walk_in_an_empty_home_and_again() {
    let world = world();
    let mut terminal = setup(&world, &["--memory", "64M"]).on_terminal();
    terminal.expect("Make the key store in ~/.local/share/keyfob/store? (yes/no) ");
    terminal.type_line("yes");
    type_new_passphrase(&mut terminal);
    terminal.expect("There is no key. Make one (ed25519) in the key store? (yes/no) ");
    terminal.type_line("yes").expect("Do that? (yes/no) ");
    assert!(!world.path(".bashrc").exists(), "not before the yes");
    terminal.type_line("yes").expect("Host, as ssh takes it (Enter for none): ").type_line("");
    let (output, screen, echoes) = terminal.wait();
    let public = fs::read_to_string(in_store(&world, "keys/id_ed25519.pub")).unwrap();
    output.exits(0).prints(&public);
    assert!(public.starts_with("ssh-ed25519 "), "{public}");
    output.reports_among_else("\nNo private key is named in ~/.ssh/config or lies in ~/.ssh.\n");
    output.reports_among_else(&format!("\n  add to ~/.bashrc: {LINE}\n"));
    let copy = "keyfob copy-id -i ~/.local/share/keyfob/store/keys/id_ed25519.pub USER@HOST\n";
    output.reports_among_else(copy).reports_among_else("\n  keyfob doctor\n");
    output.reports_among_else(&format!("\n  {LINE}\n      tells this shell"));
    assert!(fs::read_to_string(world.path(".bashrc")).unwrap().contains(LINE));
    assert!(echoes && !screen.contains(STORE_PASSPHRASE) && !output.stderr().contains("velvet"));

    world.write("store-passphrase", format!("{STORE_PASSPHRASE}\n"), 0o600);
    assert_eq!(stored(&world)["keys"].as_array().unwrap().len(), 1);
    let before = tree(&world.home());
    let (again, screen, _) = setup(&world, &["--no-test"]).on_terminal().wait();
    // What the files of a store say that was not opened is nothing to paste.
    again.exits(0).prints("").reports_among_else("in place already: ~/.bashrc\n");
    again.reports_among_else("\n  keyfob copy-id USER@HOST\n");
    again.reports_among_else("in place already: ~/.local/share/keyfob/store (1 key)\n");
    assert_eq!(screen, "", "nothing is asked");
    assert!(tree(&world.home()) == before, "a second walk changes nothing");
}

#[test]
fn keys_of_ssh_keygen_are_imported_by_flags_alone() {
    let world = world();
    two_keys(&world);
    let flags = ["--yes", "--json", "--passphrase-file", "key-passphrase"];
    let first = unattended(&world, &flags);
    let told = json(first.exits(0));
    assert_eq!(states(&told), ["done", "done", "done", "left"], "{told}");
    assert_eq!(told["store"]["recovery_file"], "recovery-code");
    assert_eq!(told["ok"], true);
    let keys = told["keys"]["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2, "{told}");
    for key in keys {
        assert_eq!((&key["state"], &key["origin"]), (&"done".into(), &"imported".into()));
        assert_eq!(key["verified"], true);
        let name = key["name"].as_str().unwrap();
        let file = world.path(".ssh").join(name);
        assert_eq!(key["file"], file.display().to_string());
        assert_eq!(key["fingerprint"], fingerprint(&world, &file));
        let line = fs::read_to_string(file.with_extension("pub")).unwrap();
        assert_eq!(key["public_key"], line.trim_end());
    }
    let unlocked = stored(&world);
    assert_eq!(unlocked["keys"].as_array().unwrap().len(), 2, "{unlocked}");
    assert_eq!(unlocked["keys"][0]["linked_file"], Value::Null);
    assert!(world.path(".ssh/id_ed25519").exists(), "the files stay");

    let before = tree(&world.home());
    let again = unattended(&world, &flags);
    let told = json(again.exits(0));
    assert_eq!(states(&told), ["already", "already", "already", "left"], "{told}");
    let key = &told["keys"]["keys"][0];
    assert_eq!((&key["origin"], &key["verified"]), (&"stored".into(), &false.into()));
    assert!(tree(&world.home()) == before, "a second run changes nothing");
}

#[test]
fn keys_are_linked_where_that_is_chosen() {
    let world = world();
    two_keys(&world);
    make_store(&world);
    let flags = ["--no-install", "--no-test", "--store-passphrase-file", "store-passphrase"];
    let mut terminal = setup(&world, &flags).on_terminal();
    terminal.expect("Number or word [1]: ").type_line("both");
    terminal.expect("Number or word [1]: ").type_line("link");
    terminal.expect("id_ed25519: ").answer_unseen("of the key");
    let (output, ..) = terminal.wait();
    output.exits(0).reports_among_else("  ~/.ssh/id_ed25519  ED25519 256  passphrase\n");
    output.reports_among_else("  ~/.ssh/id_ecdsa    ECDSA 256    no passphrase\n");
    output.reports_among_else("linked ~/.ssh/id_ed25519 as id_ed25519\n");
    output.reports_among_else("Please type 1, 2 or 3.\n");
    for key in stored(&world)["keys"].as_array().unwrap() {
        let file = world.path(".ssh").join(key["name"].as_str().unwrap());
        assert_eq!(key["linked_file"], file.display().to_string());
    }
    let again = setup(&world, &["--link", "--no-install", "--no-test"]).output();
    again.exits(0).reports_among_else("passphrase     stored as id_ed25519\n");
    again.reports_among_else("in place already: all of them\n");
}

#[test]
fn a_key_that_others_may_read_is_not_linked() {
    let world = world();
    two_keys(&world);
    make_store(&world);
    world.system_program("chmod").args(["644", ".ssh/id_ecdsa"]).output().exits(0);
    let flags = ["--link", "--no-install", "--json", "--passphrase-file", "key-passphrase"];
    let run = setup(&world, &["--store-passphrase-file", "store-passphrase"]).args(flags);
    let output = run.output();
    let told = json(output.exits(1).reports_among_else("~/.ssh/id_ecdsa: others may read it"));
    assert_eq!(told["keys"]["state"], "failed", "{told}");
    let keys = told["keys"]["keys"].as_array().unwrap();
    let state = |end: &str| {
        let ends = |key: &&Value| key["file"].as_str().unwrap().ends_with(end);
        keys.iter().find(ends).unwrap()["state"].as_str().unwrap()
    };
    assert_eq!((keys.len(), state("id_ecdsa"), state("id_ed25519")), (2, "failed", "done"));
}

#[test]
fn only_what_is_named_is_taken() {
    let world = world();
    two_keys(&world);
    make_store(&world);
    let flags = ["--import", "--no-install", "--no-test", "--json"];
    let run = |path: &str| {
        let open = ["--store-passphrase-file", "store-passphrase"];
        setup(&world, &flags).args(open).arg(path).output()
    };
    let told = json(run(".ssh/id_ecdsa").exits(0));
    assert_eq!(told["keys"]["keys"].as_array().unwrap().len(), 1, "{told}");
    run(".ssh/id_nothing").exits(1).reports_among_else(".ssh/id_nothing: no such file");
    // Lost otherwise: a key nobody wanted is made in place of those one folder further down.
    world.make_folder("keys");
    world.make_folder("keys/work");
    world.key(KeyType::Ed25519, "keys/work/id");
    let none = setup(&world, &["--yes", "--no-install", "--no-test"]).arg("keys").output();
    none.exits(1).reports_among_else("no private key in keys\n");
    hints(&none, "folders inside a folder are not searched");
    assert_eq!(stored(&world)["keys"].as_array().unwrap().len(), 1);
}

#[test]
fn without_a_terminal_it_names_the_flags_that_are_missing_and_does_nothing() {
    let world = world();
    two_keys(&world);
    world.write("store-passphrase", STORE_PASSPHRASE, 0o600);
    keyfob(&world);
    let before = tree(&world.home());
    let mut flags: Vec<&str> = Vec::new();
    for (hint, answer) in [
        ("--store   ", &["--store"][..]),
        ("--recovery-file FILE", &["--recovery-file", "recovery-code"]),
        ("--import or --link", &["--import"]),
        ("--store-passphrase-file FILE", &["--store-passphrase-file", "store-passphrase"]),
        ("--passphrase-file FILE", &["--passphrase-file", "key-passphrase"]),
        ("--install", &["--install"]),
    ] {
        let output = setup(&world, &flags).output();
        hints(output.exits(1).prints(""), hint);
        assert!(tree(&world.home()) == before, "{output}");
        flags.extend(answer);
    }
    setup(&world, &flags).args(["--memory", "64M"]).output().exits(0);

    let world = crate::support::world();
    hints(setup(&world, &["--no-store", "--no-install"]).output().exits(1), "--generate");
    let output = setup(&world, &["--no-store", "--generate", "--no-install"]).output();
    hints(output.exits(1), "--passphrase-file FILE");
}

#[test]
fn every_step_can_be_refused() {
    let world = world();
    keyfob(&world);
    let before = tree(&world.home());
    let mut terminal = setup(&world, &[]).on_terminal();
    terminal.expect("Make the key store in ").type_line("no");
    terminal.expect("There is no key. Make one (ed25519) in ~/.ssh? ").type_line("no");
    terminal.expect("Do that? (yes/no) ").type_line("no");
    terminal.expect("(Enter for none): ").end_of_input();
    let (output, ..) = terminal.wait();
    output.exits(0).prints("");
    assert_eq!(output.stderr().matches("left out: not wanted\n").count(), 3, "{output}");
    assert!(tree(&world.home()) == before, "{output}");

    // The end of input is a no to each of them.
    two_keys(&world);
    let before = tree(&world.home());
    let mut terminal = setup(&world, &["--no-test"]).on_terminal();
    terminal.expect("Make the key store in ").end_of_input();
    terminal.expect("Do that? (yes/no) ").end_of_input();
    let (output, ..) = terminal.wait();
    output.exits(0).reports_among_else("left out: there is no key store to take them\n");
    make_store(&world);
    let with_store = tree(&world.home());
    let mut terminal = setup(&world, &["--no-test", "--no-install"]).on_terminal();
    terminal.expect("Number or word [1]: ").type_line("3");
    terminal.wait().0.exits(0).reports_among_else("left out: not wanted\n");
    assert!(tree(&world.home()) == with_store && with_store != before);

    let world = crate::support::world();
    let none = ["--no-store", "--no-keys", "--no-install", "--no-test", "--json"];
    let told = json(setup(&world, &none).output().exits(0));
    assert_eq!(states(&told), ["left", "left", "left", "left"], "{told}");
}

#[test]
fn a_key_can_be_made_without_a_store() {
    let world = world();
    world.write("key-passphrase", "of the key\n", 0o600);
    let flags = ["--no-store", "--generate", "--no-install", "--passphrase-file", "key-passphrase"];
    let output = setup(&world, &flags).output();
    let line = fs::read_to_string(world.path(".ssh/id_ed25519.pub")).unwrap();
    output.exits(0).prints(&line);
    output.reports_among_else("made ~/.ssh/id_ed25519\n");
    let opens = world.system_program("ssh-keygen").args(["-y", "-P", "of the key", "-f"]);
    opens.arg(world.path(".ssh/id_ed25519")).output().exits(0);
    assert!(!in_store(&world, "").exists());
}

#[test]
fn a_dry_run_shows_the_plan_and_changes_no_byte() {
    let world = world();
    keyfob(&world);
    let before = tree(&world.home());
    let output = setup(&world, &["--dry-run", "--test", "me@host"]).output();
    output.exits(0).prints(&format!(
        "would make the key store in ~/.local/share/keyfob/store (it asks first)\n\
         would make a key (ed25519) in the key store (it asks first)\n\
         would add to ~/.bashrc: {LINE}\n\
         would run: ssh -T me@host\n"
    ));
    assert!(tree(&world.home()) == before);
    two_keys(&world);
    let before = tree(&world.home());
    let (output, screen, _) = setup(&world, &["-n", "--link", "--store"]).on_terminal().wait();
    output.exits(0).prints_among_else("would link ~/.ssh/id_ed25519\n");
    output.prints_among_else("would make the key store in ~/.local/share/keyfob/store\n");
    assert_eq!(screen, "", "nothing is asked");
    let told = json(setup(&world, &["-n", "-y", "--json", "--test", "host"]).output().exits(0));
    assert_eq!(states(&told), ["would", "would", "would", "would"], "{told}");
    assert!(tree(&world.home()) == before);
    assert!(!world.path("run/keyfob").exists(), "no agent was started");
}

#[test]
fn an_interrupt_leaves_nothing_half_done_and_the_next_walk_goes_on() {
    let world = world();
    ssh_keygen(&world, "id_ecdsa", &["-t", "ecdsa", "-N", ""]);
    keyfob(&world);
    let before = tree(&world.home());
    let interrupted = |mut terminal: Terminal| {
        terminal.interrupt();
        let (output, _, echoes) = terminal.wait();
        assert_eq!(output.status.unwrap().signal(), Some(2), "{output}");
        assert!(echoes);
    };
    let mut terminal = setup(&world, &[]).on_terminal();
    terminal.expect("Make the key store in ");
    interrupted(terminal);
    let mut terminal = setup(&world, &["--store"]).on_terminal();
    terminal.expect("New passphrase").waits_for_hidden_input();
    interrupted(terminal);
    assert!(tree(&world.home()) == before);

    let mut terminal = setup(&world, &["--store", "--memory", "64M"]).on_terminal();
    type_new_passphrase(&mut terminal);
    terminal.expect("Number or word [1]: ");
    interrupted(terminal);
    world.write("store-passphrase", format!("{STORE_PASSPHRASE}\n"), 0o600);
    keyfob_unlocking(&world, "check").output().exits(0);
    let mut terminal = setup(&world, &["--import"]).on_terminal();
    terminal.expect("Passphrase for the key store: ").answer_unseen(STORE_PASSPHRASE);
    terminal.expect("Do that? (yes/no) ");
    interrupted(terminal);
    assert!(!world.path(".bashrc").exists());
    let told = json(setup(&world, &["--install", "--json"]).output().exits(0));
    assert_eq!(states(&told), ["already", "already", "done", "left"], "{told}");
    assert_eq!(stored(&world)["keys"][0]["name"], "id_ecdsa");
}

#[test]
fn a_step_that_fails_is_told_and_the_others_are_done() {
    let world = world();
    two_keys(&world);
    world.write("wrong", "wrong\n", 0o600);
    let told = unattended(&world, &["--yes", "--json", "--passphrase-file", "wrong"]);
    let told = json(told.exits(1).reports_among_else("~/.ssh/id_ed25519: wrong passphrase\n"));
    assert_eq!(told["ok"], false);
    assert_eq!(states(&told), ["done", "done", "done", "left"], "{told}");
    let state = |at: usize| told["keys"]["keys"][at]["state"].as_str().unwrap();
    let mut keys = [state(0), state(1)];
    keys.sort_unstable();
    assert_eq!(keys, ["done", "failed"], "{told}");

    let flags = ["--yes", "--json", "--store-passphrase-file", "wrong"];
    let told = setup(&world, &flags).args(["--passphrase-file", "key-passphrase"]).output();
    let told = json(told.exits(1).reports_among_else("wrong passphrase"));
    assert_eq!(states(&told), ["already", "failed", "already", "left"], "{told}");
}

#[test]
fn a_start_file_that_cannot_be_written_fails_that_step_alone() {
    let world = world();
    world.make_folder(".bashrc");
    let told = json(unattended(&world, &["--yes", "--json"]).exits(1));
    assert_eq!(states(&told), ["done", "done", "failed", "left"], "{told}");
    assert_eq!(told["keys"]["keys"][0]["origin"], "generated");
}

#[test]
fn the_recovery_code_is_in_the_json_where_that_is_asked_for() {
    let world = world();
    world.write("store-passphrase", STORE_PASSPHRASE, 0o600);
    let flags = ["--store-passphrase-file", "store-passphrase", "--recovery-file", "-"];
    let run = setup(&world, &flags).args(["--store", "--memory", "64M", "--no-keys"]);
    let told = json(run.args(["--no-install", "--json"]).output().exits(0));
    let code = told["store"]["recovery_code"].as_str().unwrap();
    assert_eq!(code.matches('-').count(), 8, "{told}");
}

#[test]
fn it_fits_a_terminal_and_has_no_colours_for_who_wants_none() {
    let world = world();
    two_keys(&world);
    let walk = |color: &str| {
        let run = setup(&world, &[]).env("TERM", "xterm").env(color, "1");
        let mut terminal = run.on_whole_terminal();
        terminal.expect("Make the key store in ").type_line("no");
        terminal.expect("Do that? (yes/no) ").type_line("no");
        terminal.expect("(Enter for none): ").type_line("");
        terminal.wait().0.exits(0);
        let run = setup(&world, &["-n"]).env("TERM", "xterm").env(color, "1");
        run.on_whole_terminal().wait().1.replace("\r\n", "\n")
    };
    let plain = walk("NO_COLOR");
    assert!(!plain.contains('\x1b'), "{plain:?}");
    let wide = plain.lines().find(|line| line.chars().count() > 80);
    assert!(wide.is_none(), "{wide:?}");
    assert!(plain.contains("\nThe key store\n"), "{plain}");
    assert!(walk("ANY").contains("\x1b[1mThe key store\x1b[0m"));
}

#[cfg(target_os = "linux")]
#[test]
fn under_systemd_its_units_are_installed_once() {
    let world = world();
    let Some(manager) = crate::user_manager::UserManager::start(&world, "bin") else { return };
    let passphrase = manager.write("passphrase", &format!("{STORE_PASSPHRASE}\n"));
    let code = manager.home().join("code");
    let run = |flags: &[&str]| {
        let run = manager.program("keyfob").args(["setup", "--yes", "--json", "--memory", "64M"]);
        let run = run.arg("--store-passphrase-file").arg(&passphrase).arg("--recovery-file");
        run.arg(&code).args(flags).limit(Duration::from_secs(60)).output()
    };
    let told = json(run(&["-n"]).exits(0));
    assert_eq!(told["start_up"]["state"], "would");
    assert_eq!(manager.state("is-active", "keyfob.socket"), "inactive");
    let told = json(run(&[]).exits(0));
    assert_eq!(states(&told), ["done", "done", "done", "left"], "{told}");
    assert_eq!(manager.state("is-enabled", "keyfob.socket"), "enabled");
    manager.client(&["ssh-add", "-l"]).exits(0).prints_among_else("ED25519");
    let told = json(run(&[]).exits(0));
    assert_eq!(states(&told), ["already", "already", "already", "left"], "{told}");
}
