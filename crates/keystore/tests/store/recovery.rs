//! The keys come out without keyfob: by what stands in the store itself, with Debian's Python.

use std::fs;
use std::io::Write as _;
use std::num::NonZeroUsize;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use keyfob_keys::{Curve, PrivateKey, generate};
use keyfob_keystore::{Content, Cost, Facts, Made, New, RecoveryCode, Store};

use crate::golden;
use crate::support::{Home, key, name, new, secret, skipped};

/// With an umlaut, as one letter here and as two where it is typed below.
const PASSPHRASE: &str = "h\u{e4}fen und samt";
const TYPED: &str = "ha\u{308}fen und samt";
const OF_THE_FILE: &str = "passphrase of the file";
const TOKEN: &str = "a token of the cloud";

/// A store with one of each kind, and the script it carries.
struct Trouble {
    home: Home,
    code: RecoveryCode,
}

fn keys() -> Vec<(&'static str, PrivateKey)> {
    let kind = generate::Kind::Ecdsa(Curve::P256);
    let p256 = generate::generate(kind, NonZeroUsize::MIN, &()).unwrap();
    vec![("work", key(1)), ("me@host", p256)]
}

impl Trouble {
    fn new(keys: Vec<(&str, PrivateKey)>) -> Self {
        let home = Home::new();
        let made =
            Store::create(&home.store(), &home.states(), &secret(PASSPHRASE), Cost::FLOOR).unwrap();
        let Made { mut store, code, .. } = made;
        let mut items: Vec<New> = keys
            .into_iter()
            .map(|(text, key)| {
                let public = Some(key.public().clone());
                let facts = Facts { comment: text.into(), public, ..Facts::default() };
                New { name: name(text), facts, content: Content::Key(key) }
            })
            .collect();
        let path = PathBuf::from("/a folder/id \u{fc}");
        let passphrase = Some(secret(OF_THE_FILE));
        items.push(New { content: Content::Reference { path, passphrase }, ..new("elsewhere", 9) });
        let token = Content::Secret(secret(TOKEN));
        items.push(New { name: name("token"), facts: Facts::default(), content: token });
        store.add(items).unwrap();
        // Two versions in one folder, as a power cut leaves them: the newer one counts.
        let sealed = home.store().join("keys/work.sealed");
        let old = fs::read(&sealed).unwrap();
        store.change(&name("work"), |facts, _| facts.comment = b"newer".to_vec()).unwrap();
        fs::write(home.store().join("keys/a-copy.sealed"), old).unwrap();

        let text = fs::read_to_string(home.store().join("RECOVERY.txt")).unwrap();
        let script = text.find("\n#!").expect("the script is behind its first line") + 1;
        fs::write(home.path("recover.py"), &text[script..]).unwrap();
        Self { home, code }
    }

    fn recover(&self, words: &[&str], input: &str) -> Output {
        let mut command = Command::new("/usr/bin/python3");
        // -I: no modules of anybody's home, as on a borrowed machine.
        command.arg("-I").arg(self.home.path("recover.py")).arg(self.home.store()).args(words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.current_dir(self.home.path("")).spawn().unwrap();
        child.stdin.take().unwrap().write_all(format!("{input}\n").as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn python_is_there() -> bool {
    let run = Command::new("/usr/bin/python3").args(["-I", "-c", "import nacl.bindings"]).output();
    let there = run.is_ok_and(|output| output.status.success());
    if !there {
        skipped("python3-nacl is not installed");
    }
    there
}

/// What the system's ssh-keygen says of a private key's file.
fn public_line(file: &Path) -> Option<String> {
    let output = Command::new("ssh-keygen").arg("-y").arg("-f").arg(file).output().ok()?;
    assert!(output.status.success(), "{}", text(&output.stderr));
    Some(text(&output.stdout).split(' ').take(2).collect::<Vec<_>>().join(" ").trim().to_owned())
}

#[test]
fn whoever_has_the_passphrase_or_the_code_gets_the_keys_out_with_python() {
    if !python_is_there() {
        return;
    }
    let keys = keys();
    let all: Vec<String> = keys.iter().map(|(_, key)| text(&key.public().to_line(b""))).collect();
    let names: Vec<&str> = keys.iter().map(|(name, _)| *name).collect();
    let trouble = Trouble::new(keys);
    let code = trouble.code.to_text().to_string();
    for (folder, input) in [("one", TYPED.to_owned()), ("two", code.to_lowercase())] {
        let output = trouble.recover(&[folder], &input);
        assert_eq!(text(&output.stderr), "", "it says nothing it was not asked for");
        assert!(output.status.success());
        let expected = format!(
            "link elsewhere: '/a folder/id \u{fc}'\nkey me@host: written to {folder}/me@host\n\
             secret token\nkey work: written to {folder}/work\n"
        );
        assert_eq!(text(&output.stdout), expected);
        for (name, line) in names.iter().zip(&all) {
            let file = trouble.home.path(folder).join(name);
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
            match public_line(&file) {
                Some(public) => assert_eq!(public, line.trim(), "{name} is another key"),
                None => skipped("ssh-keygen is not installed"),
            }
        }
        let mode = fs::metadata(trouble.home.path(folder)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
    assert_eq!(
        crate::support::files(&trouble.home.path("")),
        ["one", "recover.py", "state", "store", "two"]
    );
}

#[test]
fn what_opens_other_files_is_shown_to_who_asks_for_it() {
    if !python_is_there() {
        return;
    }
    let trouble = Trouble::new(vec![("work", key(1))]);
    let code = trouble.code.to_text().to_string();
    let silent = text(&trouble.recover(&[], &code).stdout);
    assert!(!silent.contains(OF_THE_FILE) && !silent.contains(TOKEN), "{silent}");
    assert!(silent.contains("-----BEGIN OPENSSH PRIVATE KEY-----\n"), "{silent}");
    let said = text(&trouble.recover(&["--secrets"], &code).stdout);
    assert!(said.contains(&format!("  its passphrase: '{OF_THE_FILE}'\n")), "{said}");
    assert!(said.contains(&format!("secret token: '{TOKEN}'\n")), "{said}");
}

#[test]
fn a_wrong_passphrase_and_a_damaged_file_are_told_and_cost_nothing_else() {
    if !python_is_there() {
        return;
    }
    let trouble = Trouble::new(vec![("work", key(1)), ("home", key(2))]);
    let code = trouble.code.to_text().to_string();
    let other = RecoveryCode::fresh().unwrap().to_text().to_string();
    for wrong in ["wrong", "", &other, &code[1..]] {
        let output = trouble.recover(&["out"], wrong);
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).contains("wrong passphrase or code"), "{output:?}");
        assert_eq!(text(&output.stdout), "");
        assert!(!trouble.home.path("out").exists());
    }
    let file = trouble.home.store().join("keys/home.sealed");
    let mut damaged = fs::read(&file).unwrap();
    *damaged.last_mut().unwrap() ^= 1;
    fs::write(&file, damaged).unwrap();
    let output = trouble.recover(&["out"], &code);
    assert!(text(&output.stderr).contains("home.sealed: damaged, left out"), "{output:?}");
    assert!(trouble.home.path("out/work").exists() && !trouble.home.path("out/home").exists());
    // What is there already is nobody's to overwrite.
    let again = trouble.recover(&["out"], &code);
    assert!(!again.status.success());
}

#[test]
fn the_script_of_today_reads_a_store_of_the_first_format() {
    if !python_is_there() {
        return;
    }
    let trouble = Trouble::new(vec![("work", key(1))]);
    let script = trouble.home.path("recover.py");
    let mut command = Command::new("/usr/bin/python3");
    command.arg("-I").arg(script).arg(golden::store()).arg("--secrets");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!("{}\n", golden::code()).as_bytes()).unwrap();
    let said = text(&child.wait_with_output().unwrap().stdout);
    assert_eq!(said.matches("-----BEGIN OPENSSH PRIVATE KEY-----").count(), 2, "{said}");
    assert!(
        said.contains("link link: '/a folder/id'\n  its passphrase: 'of the file'\n"),
        "{said}"
    );
    assert!(said.contains("secret token: '5678'\n"), "{said}");
}
