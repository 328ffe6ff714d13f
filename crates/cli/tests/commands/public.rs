//! `keyfob public`: the public half, printed or copied.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64ct::{Base64, Encoding as _};
use keyfob_testkit::{KeyType, Output, Running, World};

use crate::support::{hints, keyfob, skipped, world};

fn public(world: &World, arguments: &[&str]) -> Output {
    keyfob(world).arg("public").args(arguments).output()
}

#[test]
fn one_line_is_what_ssh_keygen_prints() {
    let world = world();
    for kind in KeyType::EACH {
        let key = world.encrypted_key(kind, "id", "secret");
        let line = format!("{}\n", key.public_line());
        // Nobody is asked: the public half is not encrypted.
        public(&world, &["id"]).exits(0).prints(&line).reports("");
        public(&world, &["id.pub"]).exits(0).prints(&line);
        fs::rename(key.path(), world.path("away")).unwrap();
        public(&world, &["id"]).exits(0).prints(&line);
        fs::rename(world.path("away"), key.path()).unwrap();
    }
}

#[test]
fn a_public_file_of_another_key_is_not_believed() {
    let world = world();
    let key = world.encrypted_key(KeyType::Ed25519, "id", "secret");
    let words: Vec<String> = key.public_line().split(' ').map(str::to_owned).collect();
    let other = world.key(KeyType::EcdsaP256, "other");
    fs::copy(other.public_path(), key.public_path()).unwrap();
    let printed = public(&world, &["id"]);
    printed.exits(0).prints(&format!("{} {}\n", words[0], words[1]));
    printed.reports("id.pub belongs to another key; this is the public half of id.\n");
}

#[test]
fn a_half_that_is_encrypted_needs_the_passphrase() {
    let world = world();
    world.write("pw", "secret\n", 0o600);
    let key = world.key(KeyType::Rsa2048, "id");
    let run =
        world.system_program("ssh-keygen").args(["-q", "-p", "-m", "PEM", "-P", "", "-f", "id"]);
    run.args(["-N", "secret"]).output().exits(0);
    let line = format!("{}\n", key.public_line());
    public(&world, &["--passphrase-file", "pw", "id"]).exits(0).prints(&line);
    let asked = keyfob(&world).args(["public", "id"]).stdin("secret\n").output();
    asked.exits(0).prints(&line);
    public(&world, &["id"]).exits(1).reports_among_else("id: no passphrase was given");
}

#[test]
fn the_other_forms_are_those_of_ssh_keygen() {
    let world = world();
    for kind in [KeyType::Rsa2048, KeyType::EcdsaP384] {
        world.key(kind, "id");
        for (flag, format) in [("--pem", "PEM"), ("--pkcs8", "PKCS8")] {
            let theirs =
                world.system_program("ssh-keygen").args(["-e", "-m", format, "-f", "id.pub"]);
            public(&world, &[flag, "id"]).exits(0).prints(&theirs.output().stdout());
        }
        let ours = public(&world, &["--rfc4716", "id"]);
        ours.exits(0).prints_among_else("---- BEGIN SSH2 PUBLIC KEY ----\n");
        world.write("rfc", &ours.stdout, 0o644);
        let back = world.system_program("ssh-keygen").args(["-i", "-f", "rfc"]).output();
        let line = fs::read_to_string(world.path("id.pub")).unwrap();
        assert_eq!(back.stdout().split_whitespace().nth(1), line.split_whitespace().nth(1));
    }
}

#[test]
fn of_a_file_of_several_keys_it_is_all_of_them() {
    let world = world();
    let kinds = [KeyType::Ed25519, KeyType::Rsa2048, KeyType::EcdsaP256];
    let [a, b, c] = kinds.map(|kind| world.key(kind, kind.name()).public_line());
    world.write("keys", format!("# mine\n{a}\n\nrestrict,pty {b}\r\n{c}"), 0o644);
    let printed = public(&world, &["keys"]);
    printed.exits(0).prints(&format!("{a}\n{b}\n{c}\n"));
    printed.reports("What stands in front of a key is not in the result: restrict,pty\n");
    let other = public(&world, &["--pkcs8", "keys"]);
    // Ed25519 has no such form in OpenSSH 9.2, but here.
    let blocks = other.exits(0).stdout().matches("-----BEGIN PUBLIC KEY-----").count();
    assert_eq!(blocks, 3);
    world.write("blocks", &other.stdout, 0o644);
    let words = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
    let expected: String = [&a, &b, &c].map(|line| words(line) + "\n").concat();
    public(&world, &["blocks"]).exits(0).prints(&expected).reports("");

    let mut terminal = keyfob(&world).args(["public", "--copy", "keys"]).on_terminal();
    let copied = Base64::encode_string(format!("{a}\n{b}\n{c}\n").as_bytes());
    terminal.expect(&format!("\x1b]52;c;{copied}\x07"));
    terminal.wait().0.exits(0).reports_among_else("sent 3 public keys to the terminal's");

    // A list that is silently shorter locks somebody out.
    for broken in ["ssh-ed25519 AAAAC3Nz cut", "something else"] {
        world.write("keys", format!("{a}\n{broken}\n{b}\n"), 0o644);
        public(&world, &["keys"]).exits(1).prints("").reports_among_else("keys, line 2: ");
    }
    world.write("keys", format!("{a}\nssh-rsa AAAAB3Nz cut\n"), 0o644);
    public(&world, &["keys"]).exits(1).prints("").reports_among_else("keys, line 2: ");
    // Around a single key may stand what likes.
    world.write("keys", format!("Dear admin,\n{a}\nthank you\n"), 0o644);
    public(&world, &["keys"]).exits(0).prints(&format!("{a}\n")).reports("");
}

#[test]
fn a_comment_moves_no_cursor() {
    let world = world();
    let key = world.key(KeyType::Ed25519, "id");
    let words: Vec<String> = key.public_line().split(' ').map(str::to_owned).collect();
    let evil = format!("{} {} a\x1b[2Jb\n", words[0], words[1]);
    world.write("id.pub", &evil, 0o644);
    // A program gets the bytes as they are.
    public(&world, &["id.pub"]).exits(0).prints(&evil);

    let inside = ["-q", "-c", "-C", "a\x1b[2Jb", "-f", "id"];
    world.system_program("ssh-keygen").args(inside).output().exits(0);
    for arguments in [
        &["public", "id"][..],
        &["convert", "--to", "line", "id.pub"],
        &["convert", "--to", "rfc4716", "id.pub"],
        &["convert", "--to", "ppk", "-o", "-", "id"],
    ] {
        let (output, shown, _) = keyfob(&world).args(arguments).on_whole_terminal().wait();
        output.exits(0);
        assert!(shown.contains("x1b[2J") && !shown.contains("\x1b[2J"), "{shown:?}");
    }
}

/// What is pasted into a terminal is obeyed by it too, and the end of a paste can be forged.
#[test]
fn what_is_copied_steers_no_terminal_it_is_pasted_into() {
    let world = world();
    let line = world.key(KeyType::Ed25519, "id").public_line();
    let words: Vec<&str> = line.split(' ').collect();
    world.write("id.pub", format!("{} {} a\x1b[201~b\n", words[0], words[1]), 0o644);
    let copied = format!("{} {} a\\x1b[201~b\n", words[0], words[1]);
    let mut terminal = keyfob(&world).args(["public", "--copy", "id.pub"]).on_terminal();
    terminal.expect(&format!("\x1b]52;c;{}\x07", Base64::encode_string(copied.as_bytes())));
    terminal.wait().0.exits(0);
}

#[test]
fn without_a_desktop_the_terminal_is_asked_to_copy() {
    let world = world();
    let key = world.key(KeyType::Ed25519, "id");
    let line = Base64::encode_string(format!("{}\n", key.public_line()).as_bytes());
    let plain = format!("\x1b]52;c;{line}\x07");
    let mut terminal = keyfob(&world).args(["public", "--copy", "id"]).on_terminal();
    terminal.expect(&plain);
    let (output, ..) = terminal.wait();
    output.exits(0).prints("").reports_among_else("to the terminal's clipboard (OSC 52)\n");

    let tmux = keyfob(&world).env("TMUX", "/tmp/tmux,1,0").args(["public", "--copy", "id"]);
    let mut terminal = tmux.on_terminal();
    terminal.expect(&plain).expect(&format!("\x1bPtmux;\x1b\x1b]52;c;{line}\x07\x1b\\"));
    let (output, ..) = terminal.wait();
    output.exits(0).reports_among_else("through tmux");
    hints(&output, "set-clipboard on");

    let nowhere = public(&world, &["--copy", "id"]);
    nowhere.exits(1).reports_among_else("the terminal's clipboard cannot be used");
    hints(&nowhere, "without --copy the key is printed");
}

#[test]
fn a_desktop_gets_it_on_its_clipboard_and_keeps_it() {
    let world = world();
    let key = world.key(KeyType::Ed25519, "id");
    let Some((desktop, display)) = desktop(&world) else { return };
    world.keep(desktop);
    let (copied, process) = copied_on(&world, &display);
    copied.prints("").reports_among_else("to the clipboard; process ");
    let xclip = |flag: &str| {
        let run = world.system_program("xclip").env("DISPLAY", &display);
        run.args(["-selection", "clipboard", flag])
    };
    let pasted = xclip("-o").output();
    pasted.exits(0).prints(&format!("{}\n", key.public_line()));
    // Whoever copies next takes it over, and the process that kept it ends.
    assert!(process.exists());
    xclip("-i").stdin("other").start().ended_within(Duration::from_secs(5));
    world.waits_until("the end of the server", Duration::from_secs(10), || !process.exists());
    xclip("-o").output().exits(0).prints("other");
}

#[test]
fn what_keeps_a_clipboard_ends_with_the_desktop() {
    let world = world();
    world.key(KeyType::Ed25519, "id");
    let Some((mut desktop, display)) = desktop(&world) else { return };
    let (_, process) = copied_on(&world, &display);
    assert!(process.exists());
    desktop.kill();
    world.waits_until("the end of the server", Duration::from_secs(60), || !process.exists());
}

#[test]
fn a_desktop_that_is_not_there_is_no_matter_of_an_agent() {
    let world = world();
    world.key(KeyType::Ed25519, "id");
    let run = keyfob(&world).env("DISPLAY", ":9999").args(["public", "--copy", "id"]);
    let copied = run.output();
    copied.exits(1).reports_among_else("the desktop's clipboard cannot be used: ");
    assert!(!copied.stderr().contains("agent"), "{copied}");
}

/// A desktop and its name.
fn desktop(world: &World) -> Option<(Running, String)> {
    if !["Xvfb", "xclip"].iter().all(|name| Path::new("/usr/bin").join(name).exists()) {
        skipped("Xvfb or xclip is not installed (Debian packages xvfb, xclip)");
        return None;
    }
    // The server writes the number of the display it found free.
    let script =
        "exec 3>display; exec Xvfb -displayfd 3 -nolisten tcp -screen 0 64x64x8 2>/dev/null";
    let server = world.system_program("sh").args(["-c", script]).limit(Duration::from_secs(60));
    let running = server.start();
    let number = || fs::read_to_string(world.path("display")).unwrap_or_default();
    world.waits_until("a display", Duration::from_secs(10), || number().ends_with('\n'));
    Some((running, format!(":{}", number().trim())))
}

/// Copies the key; the process that keeps the clipboard.
fn copied_on(world: &World, display: &str) -> (Output, PathBuf) {
    let copied = keyfob(world).env("DISPLAY", display).args(["public", "--copy", "id"]).output();
    let text = copied.exits(0).stderr();
    let (_, rest) = text.split_once("process ").unwrap();
    let process = Path::new("/proc").join(rest.split(' ').next().unwrap());
    (copied, process)
}
