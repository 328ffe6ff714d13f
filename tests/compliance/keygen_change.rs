//! `ssh-keygen -p` and `-c`: another passphrase, cipher, format or comment, and what becomes of
//! the file when that cannot be written.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::Duration;

use keyfob_testkit::{Answer, Case, KeyFile, KeyType, Output, World, case, divergent};

use crate::keygen_words::{AGAIN, fingerprint};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(a_passphrase_is_added_changed_and_removed),
        case!(passphrases_from_stdin),
        case!(passphrases_on_the_terminal),
        case!(passphrases_that_differ_are_a_failure),
        case!(a_wrong_passphrase_is_fatal),
        case!(a_passphrase_that_is_not_needed_is_not_looked_at),
        case!(cipher_and_rounds_are_changed),
        case!(no_cipher_is_one_for_no_passphrase),
        divergent!(
            a_passphrase_and_no_cipher,
            original_leaves_the_key_in_the_clear,
            ours_writes_no_such_file
        ),
        case!(the_format_is_changed_and_changed_back),
        case!(a_short_passphrase_of_an_older_format_is_refused),
        case!(an_older_format_has_no_comment_to_tell),
        case!(ed25519_as_pkcs8).since("10.3"),
        case!(the_public_file_is_left_alone),
        case!(a_comment_is_changed_in_both_files),
        case!(a_comment_is_removed),
        case!(the_same_comment_again_changes_nothing),
        case!(a_comment_from_stdin),
        case!(a_comment_on_the_terminal),
        case!(the_comment_of_an_encrypted_key),
        case!(the_comment_of_an_older_format_makes_a_new_one),
        case!(an_older_format_has_no_room_for_a_comment),
        case!(what_is_no_private_key_is_fatal),
        case!(a_missing_file_is_fatal),
        case!(a_file_behind_a_link_is_changed),
        case!(a_stricter_mode_stays),
        divergent!(
            a_new_passphrase_without_room_to_write_it,
            original_loses_the_key_to_a_passphrase,
            ours_keeps_the_key_from_a_passphrase
        ),
        divergent!(
            a_file_that_is_another_key_meanwhile,
            original_replaces_the_other_key,
            ours_leaves_the_other_key
        ),
        divergent!(
            a_cancelled_question_for_the_new_passphrase,
            original_takes_it_for_none,
            ours_changes_nothing
        ),
        divergent!(
            a_new_comment_without_room_to_write_it,
            original_loses_the_key_to_a_comment,
            ours_keeps_the_key_from_a_comment
        ),
    ]
}

const SAVED: &str = "Your identification has been saved with the new passphrase.\n";
const HAS: &str = "Key has comment 'key@keyfob'\n";
const WRONG: &str = "incorrect passphrase supplied to decrypt private key";
const OLD: &str = "Enter old passphrase: ";
const NEW: &str = "Enter new passphrase (empty for no passphrase): ";

fn run(world: &World, flags: &[&str]) -> Output {
    // scrypt takes its time in a build for debugging.
    let run = world.ssh_keygen().args(flags).args(["-f", "key"]);
    run.limit(Duration::from_secs(120)).output()
}

fn plain(world: &World) -> KeyFile {
    world.key(KeyType::Ed25519, "key")
}

fn encrypted(world: &World) -> KeyFile {
    world.encrypted_key(KeyType::Ed25519, "key", "secret")
}

/// OpenSSH's own program opens it with this passphrase, and finds this comment.
#[track_caller]
fn opens(world: &World, key: &KeyFile, passphrase: &str, comment: &str) {
    let run = world.system_program("ssh-keygen").args(["-y", "-P", passphrase, "-f", "key"]);
    let line = run.output().exits(0).stdout();
    let mut words = line.trim_end_matches('\n').splitn(3, ' ').skip(1);
    assert_eq!(words.next(), key.public_line().split(' ').nth(1));
    assert_eq!(words.next().unwrap_or_default(), comment);
}

fn a_passphrase_is_added_changed_and_removed(world: &World) {
    let key = plain(world);
    let expected = format!("{HAS}{SAVED}");
    run(world, &["-p", "-N", "one"]).exits(0).prints(&expected).reports("");
    opens(world, &key, "one", "key@keyfob");
    run(world, &["-p", "-P", "one", "-N", "two"]).exits(0).prints(&expected).reports("");
    opens(world, &key, "two", "key@keyfob");
    run(world, &["-p", "-P", "two", "-N", ""]).exits(0).prints(&expected).reports("");
    opens(world, &key, "", "key@keyfob");
    // It does not learn to be quiet.
    run(world, &["-q", "-p", "-N", ""]).exits(0).prints(&expected);
}

fn passphrases_from_stdin(world: &World) {
    let key = encrypted(world);
    let change = |answers: &str| world.ssh_keygen().args(["-pf", "key"]).stdin(answers).output();
    let expected = format!("{HAS}{SAVED}");
    let output = change("secret\nother\nother\n");
    output.exits(0).prints(&expected).reports(&format!("{OLD}{NEW}{AGAIN}"));
    opens(world, &key, "other", "key@keyfob");
    change("other\n\n\n").exits(0);
    opens(world, &key, "", "key@keyfob");
    change("new\nnew\n").exits(0).prints(&expected).reports(&format!("{NEW}{AGAIN}"));
    opens(world, &key, "new", "key@keyfob");
}

fn passphrases_on_the_terminal(world: &World) {
    let key = encrypted(world);
    let mut terminal = world.ssh_keygen().args(["-p", "-f", "key"]).on_terminal();
    terminal.expect(OLD).answer_unseen("secret");
    terminal.expect(NEW).answer_unseen("other");
    terminal.expect(AGAIN).answer_unseen("other");
    let (output, shown, echoes) = terminal.wait();
    output.exits(0).prints(&format!("{HAS}{SAVED}")).reports("");
    assert!(!shown.contains("other") && echoes, "{shown:?}");
    opens(world, &key, "other", "key@keyfob");
}

fn passphrases_that_differ_are_a_failure(world: &World) {
    let key = plain(world);
    let output = world.ssh_keygen().args(["-pf", "key"]).stdin("one\ntwo\n").output();
    let expected = format!("{HAS}Pass phrases do not match.  Try again.\n");
    output.exits(1).prints(&expected).reports(&format!("{NEW}{AGAIN}"));
    opens(world, &key, "", "key@keyfob");
}

fn a_wrong_passphrase_is_fatal(world: &World) {
    let key = encrypted(world);
    let text = format!("Failed to load key key: {WRONG}\n");
    run(world, &["-p", "-P", "wrong", "-N", "x"]).exits(255).prints("").reports(&text);
    let output = world.ssh_keygen().args(["-pf", "key"]).stdin("wrong\n").output();
    output.exits(255).prints("").reports(&format!("{OLD}{text}"));
    let text = format!("Cannot load private key \"key\": {WRONG}\n");
    run(world, &["-c", "-P", "wrong", "-C", "x"]).exits(255).prints("").reports(&text);
    opens(world, &key, "secret", "key@keyfob");
}

fn a_passphrase_that_is_not_needed_is_not_looked_at(world: &World) {
    let key = plain(world);
    run(world, &["-p", "-P", "wrong", "-N", "new"]).exits(0);
    opens(world, &key, "new", "key@keyfob");
}

fn first_line(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap().lines().next().unwrap().to_owned()
}

fn cipher_and_rounds_are_changed(world: &World) {
    use base64ct::{Base64, Encoding};
    let key = plain(world);
    run(world, &["-p", "-N", "x", "-Z", "aes256-gcm@openssh.com", "-a", "7"]).exits(0);
    let text = std::fs::read_to_string(key.path()).unwrap();
    let base64: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    let bytes = Base64::decode_vec(&base64).unwrap();
    let mut fields = keyfob_testkit::Fields::of(&bytes["openssh-key-v1\0".len()..]);
    assert_eq!(fields.string(), b"aes256-gcm@openssh.com");
    assert_eq!(fields.string(), b"bcrypt");
    let mut options = keyfob_testkit::Fields::of(fields.string());
    options.string();
    assert_eq!(options.number(), 7);
    opens(world, &key, "x", "key@keyfob");
}

fn no_cipher_is_one_for_no_passphrase(world: &World) {
    let key = encrypted(world);
    let flags = ["-p", "-P", "secret", "-N", "", "-Z", "none"];
    run(world, &flags).exits(0).prints(&format!("{HAS}{SAVED}")).reports("");
    opens(world, &key, "", "key@keyfob");
    run(world, &["-c", "-C", "x", "-Z", "none"]).exits(0);
    opens(world, &key, "", "x");
    std::fs::remove_file(key.path()).unwrap();
    run(world, &["-q", "-t", "ed25519", "-C", "y", "-N", "", "-Z", "none"]).exits(0).reports("");
    opens(world, &key, "", "y");
}

/// Whether the bytes of this passphrase-protected key are there to be read.
fn in_the_clear(key: &KeyFile) -> bool {
    use base64ct::{Base64, Encoding};
    let text = std::fs::read_to_string(key.path()).unwrap();
    let base64: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    let bytes = Base64::decode_vec(&base64).unwrap();
    bytes.windows(b"key@keyfob".len()).any(|window| window == b"key@keyfob")
}

fn original_leaves_the_key_in_the_clear(world: &World) {
    let key = plain(world);
    run(world, &["-p", "-N", "secret", "-Z", "none"]).exits(0).prints(&format!("{HAS}{SAVED}"));
    assert!(in_the_clear(&key));
    let wrong = world.system_program("ssh-keygen").args(["-y", "-P", "", "-f", "key"]);
    wrong.output().exits(255);
}

fn ours_writes_no_such_file(world: &World) {
    let key = encrypted(world);
    let text = "Saving key \"key\" failed: with cipher none a passphrase would protect nothing\n";
    run(world, &["-p", "-P", "secret", "-N", "new", "-Z", "none"]).exits(1).reports(text);
    run(world, &["-c", "-P", "secret", "-C", "x", "-Z", "none"]).exits(1).reports(text);
    assert!(!in_the_clear(&key));
    opens(world, &key, "secret", "key@keyfob");
    std::fs::remove_file(key.path()).unwrap();
    run(world, &["-q", "-t", "ed25519", "-N", "secret", "-Z", "none"]).exits(1).reports(text);
    assert!(!key.path().exists());
}

fn the_format_is_changed_and_changed_back(world: &World) {
    for (kind, label) in [(KeyType::Rsa2048, "RSA "), (KeyType::EcdsaP256, "EC ")] {
        let key = world.key(kind, "key");
        run(world, &["-p", "-N", "", "-m", "PEM"]).exits(0).prints(&format!("{HAS}{SAVED}"));
        assert_eq!(first_line(key.path()), format!("-----BEGIN {label}PRIVATE KEY-----"));
        run(world, &["-p", "-N", "secret", "-m", "PEM"]).exits(0);
        opens(world, &key, "secret", "");
        run(world, &["-p", "-P", "secret", "-N", "secret", "-m", "PKCS8"]).exits(0);
        assert_eq!(first_line(key.path()), "-----BEGIN ENCRYPTED PRIVATE KEY-----");
        opens(world, &key, "secret", "");
        run(world, &["-p", "-P", "secret", "-N", "", "-m", "PKCS8"]).exits(0);
        assert_eq!(first_line(key.path()), "-----BEGIN PRIVATE KEY-----");
        // Without a format, or with this one, it is OpenSSH's.
        run(world, &["-p", "-N", "", "-m", "RFC4716"]).exits(0).prints(SAVED);
        assert_eq!(first_line(key.path()), "-----BEGIN OPENSSH PRIVATE KEY-----");
        opens(world, &key, "", "");
    }
}

fn a_short_passphrase_of_an_older_format_is_refused(world: &World) {
    let key = world.key(KeyType::EcdsaP256, "key");
    let text = "Saving key \"key\" failed: passphrase is too short (minimum five characters)\n";
    for format in ["PEM", "PKCS8"] {
        run(world, &["-p", "-N", "1234", "-m", format]).exits(1).prints(HAS).reports(text);
    }
    run(world, &["-p", "-N", "1234"]).exits(0);
    opens(world, &key, "1234", "key@keyfob");
}

fn an_older_format_has_no_comment_to_tell(world: &World) {
    world.key(KeyType::Rsa2048, "key");
    run(world, &["-p", "-N", "", "-m", "PEM"]).exits(0);
    run(world, &["-p", "-N", ""]).exits(0).prints(SAVED);
    // Now it has one, an empty one.
    run(world, &["-p", "-N", ""]).exits(0).prints(&format!("Key has comment ''\n{SAVED}"));
}

fn ed25519_as_pkcs8(world: &World) {
    let key = plain(world);
    run(world, &["-p", "-N", "", "-m", "PKCS8"]).exits(0);
    assert_eq!(first_line(key.path()), "-----BEGIN PRIVATE KEY-----");
    world.system_program("openssl").args(["pkey", "-noout", "-in", "key"]).output().exits(0);
    run(world, &["-p", "-N", ""]).exits(0);
    opens(world, &key, "", "");
}

fn the_public_file_is_left_alone(world: &World) {
    let key = plain(world);
    world.write("key.pub", "anything\n", 0o600);
    run(world, &["-p", "-N", "x"]).exits(0);
    assert_eq!(std::fs::read(key.public_path()).unwrap(), b"anything\n");
}

fn a_comment_is_changed_in_both_files(world: &World) {
    let key = plain(world);
    let before = fingerprint(&key.blob());
    let expected = "Old comment: key@keyfob\nComment 'a new one' applied\n";
    run(world, &["-c", "-C", "a new one"]).exits(0).prints(expected).reports("");
    opens(world, &key, "", "a new one");
    assert_eq!((fingerprint(&key.blob()), key.comment()), (before, "a new one".to_owned()));
    // The public file is made where there is none.
    std::fs::remove_file(key.public_path()).unwrap();
    run(world, &["-c", "-C", "again"]).exits(0);
    assert_eq!(key.comment(), "again");
    let mode = std::fs::metadata(key.public_path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o644);
}

fn a_comment_is_removed(world: &World) {
    let key = plain(world);
    let expected = "Old comment: key@keyfob\nComment removed\n";
    run(world, &["-c", "-C", ""]).exits(0).prints(expected);
    opens(world, &key, "", "");
    run(world, &["-c", "-C", "x"]).exits(0).prints("Old comment: \nComment 'x' applied\n");
}

fn the_same_comment_again_changes_nothing(world: &World) {
    let key = plain(world);
    let before = std::fs::read(key.path()).unwrap();
    let expected = "Old comment: key@keyfob\nNo change to comment\n";
    run(world, &["-c", "-C", "key@keyfob"]).exits(0).prints(expected).reports("");
    assert_eq!(std::fs::read(key.path()).unwrap(), before);
}

fn a_comment_from_stdin(world: &World) {
    let key = plain(world);
    let ask = |answer: &str| world.ssh_keygen().args(["-cf", "key"]).stdin(answer).output();
    let question = "Old comment: key@keyfob\nNew comment: ";
    ask("").exits(1).prints(question).reports("");
    ask("key@keyfob\n").exits(0).prints(&format!("{question}No change to comment\n"));
    ask("a b\n").exits(0).prints(&format!("{question}Comment 'a b' applied\n"));
    opens(world, &key, "", "a b");
    ask("\n").exits(0).prints("Old comment: a b\nNew comment: Comment removed\n");
}

fn a_comment_on_the_terminal(world: &World) {
    let key = plain(world);
    let mut terminal = world.ssh_keygen().args(["-c", "-f", "key"]).on_terminal();
    terminal.type_line("typed");
    let (output, _, _) = terminal.wait();
    let expected = "Old comment: key@keyfob\nNew comment: Comment 'typed' applied\n";
    output.exits(0).prints(expected).reports("");
    opens(world, &key, "", "typed");
}

fn the_comment_of_an_encrypted_key(world: &World) {
    let key = encrypted(world);
    let expected = "Old comment: key@keyfob\nComment 'x' applied\n";
    run(world, &["-c", "-C", "x", "-P", "secret"]).exits(0).prints(expected).reports("");
    opens(world, &key, "secret", "x");
    // The other flag for a passphrase will do as well.
    run(world, &["-c", "-C", "y", "-N", "secret"]).exits(0);
    let output = world.ssh_keygen().args(["-c", "-C", "z", "-f", "key"]).stdin("secret\n").output();
    let expected = "Old comment: y\nComment 'z' applied\n";
    output.exits(0).prints(expected).reports("Enter passphrase: ");
    opens(world, &key, "secret", "z");
}

fn the_comment_of_an_older_format_makes_a_new_one(world: &World) {
    let key = world.key(KeyType::Rsa2048, "key");
    run(world, &["-p", "-N", "", "-m", "PEM"]).exits(0);
    let expected = "No existing comment\nComment 'x' applied\n";
    run(world, &["-c", "-C", "x"]).exits(0).prints(expected);
    assert_eq!(first_line(key.path()), "-----BEGIN OPENSSH PRIVATE KEY-----");
    opens(world, &key, "", "x");
}

fn an_older_format_has_no_room_for_a_comment(world: &World) {
    world.key(KeyType::Rsa2048, "key");
    let text = "Comments are only supported for keys stored in the new format (-o).\n";
    for format in ["PEM", "PKCS8"] {
        run(world, &["-c", "-C", "x", "-m", format]).exits(1).prints("").reports(text);
    }
}

fn what_is_no_private_key_is_fatal(world: &World) {
    for text in ["", "garbage\n"] {
        world.write("key", text, 0o600);
        let text = "Failed to load key key: error in libcrypto\n";
        run(world, &["-p", "-N", ""]).exits(255).prints("").reports(text);
        let text = "Cannot load private key \"key\": error in libcrypto\n";
        run(world, &["-c", "-C", ""]).exits(255).prints("").reports(text);
    }
}

fn a_missing_file_is_fatal(world: &World) {
    for flag in ["-p", "-c"] {
        run(world, &[flag]).exits(255).prints("").reports("key: No such file or directory\n");
    }
}

fn a_file_behind_a_link_is_changed(world: &World) {
    let key = plain(world);
    symlink("key", world.path("link")).unwrap();
    world.ssh_keygen().args(["-p", "-N", "x", "-f", "link"]).output().exits(0);
    opens(world, &key, "x", "key@keyfob");
    let output = world.ssh_keygen().args(["-c", "-C", "c", "-P", "x", "-f", "link"]).output();
    output.exits(0);
    opens(world, &key, "x", "c");
    assert!(std::fs::symlink_metadata(world.path("link")).unwrap().is_symlink());
    // The public file is that of the name that was given.
    assert_eq!(KeyFile::at(world.path("link")).comment(), "c");
    assert_eq!(key.comment(), "key@keyfob");
}

fn a_stricter_mode_stays(world: &World) {
    let key = plain(world);
    key.set_mode(0o400);
    run(world, &["-p", "-N", ""]).exits(0);
    let mode = std::fs::metadata(key.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o400);
}

/// While it asks for a passphrase, another key gets the name.
fn other_key_meanwhile(world: &World) -> Output {
    let other = world.key(KeyType::EcdsaP256, "other");
    plain(world);
    let mut terminal = world.ssh_keygen().args(["-p", "-f", "key"]).on_terminal();
    terminal.expect(NEW);
    std::fs::rename(other.path(), world.path("key")).unwrap();
    terminal.answer_unseen("new one").expect(AGAIN).answer_unseen("new one");
    terminal.wait().0
}

/// The type of the key that is there.
fn kind_of_key(world: &World, passphrase: &str) -> String {
    let run = world.system_program("ssh-keygen").args(["-y", "-P", passphrase, "-f", "key"]);
    run.output().stdout().split(' ').next().unwrap_or_default().to_owned()
}

fn original_replaces_the_other_key(world: &World) {
    other_key_meanwhile(world).exits(0);
    assert_eq!(kind_of_key(world, "new one"), "ssh-ed25519");
}

fn ours_leaves_the_other_key(world: &World) {
    other_key_meanwhile(world).exits(1);
    assert_eq!(kind_of_key(world, ""), "ecdsa-sha2-nistp256");
}

/// Somebody who gives the old passphrase, and closes the window that asks for the new one.
fn cancelled(world: &World) -> (KeyFile, Output) {
    let key = encrypted(world);
    let askpass = world.askpass();
    askpass.answer(&Answer::Refusal).answers(&[Answer::line("secret")]);
    let run = askpass.forced_on(world.ssh_keygen()).args(["-p", "-f", "key"]);
    (key, run.output())
}

fn original_takes_it_for_none(world: &World) {
    let (key, output) = cancelled(world);
    output.exits(0).prints(&format!("{HAS}{SAVED}"));
    opens(world, &key, "", "key@keyfob");
}

fn ours_changes_nothing(world: &World) {
    let (key, output) = cancelled(world);
    output.exits(1).prints(HAS);
    opens(world, &key, "secret", "key@keyfob");
    let run = world.system_program("ssh-keygen").args(["-y", "-P", "", "-f", "key"]);
    run.output().exits(255);
}

/// Where files may have no bytes at all.
fn without_room(world: &World, flags: &str) -> (KeyFile, Output) {
    let key = plain(world);
    let script = format!("trap '' XFSZ; ulimit -f 0; exec ssh-keygen {flags} -f key");
    (key, world.program("sh").args(["-c", &script]).output())
}

/// Truncated, not written, and then removed.
#[track_caller]
fn is_lost(world: &World, flags: &str) {
    let (key, output) = without_room(world, flags);
    output.exits(1).reports_among_else("Saving key \"key\" failed: ");
    assert!(!key.path().exists(), "{output}");
}

#[track_caller]
fn is_kept(world: &World, flags: &str) {
    let before = std::fs::read(plain(world).path()).unwrap();
    let (key, output) = without_room(world, flags);
    output.exits(1).reports_among_else("Saving key \"key\" failed: ");
    assert_eq!(std::fs::read(key.path()).unwrap(), before);
    assert_eq!(key.comment(), "key@keyfob");
    let names = std::fs::read_dir(world.home()).unwrap().flatten().map(|entry| entry.file_name());
    let mut names: Vec<_> = names.filter(|name| name != ".ssh").collect();
    names.sort();
    assert_eq!(names, ["key", "key.pub"]);
}

fn original_loses_the_key_to_a_passphrase(world: &World) {
    is_lost(world, "-p -N secret");
}

fn ours_keeps_the_key_from_a_passphrase(world: &World) {
    is_kept(world, "-p -N secret");
}

fn original_loses_the_key_to_a_comment(world: &World) {
    is_lost(world, "-c -C new");
}

fn ours_keeps_the_key_from_a_comment(world: &World) {
    is_kept(world, "-c -C new");
}
