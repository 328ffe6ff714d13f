//! `ssh-keygen` without a mode: generation, its words, its questions and its files.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use keyfob_testkit::{Answer, Case, KeyFile, KeyType, Output, World, case, divergent, ours};

use crate::keygen_words::{AGAIN, fingerprint, new_question, usual_file};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(what_is_said),
        case!(every_type_is_made),
        case!(the_name_of_the_type_is_repeated_as_it_was_given),
        case!(the_type_is_ed25519_unless_said_otherwise).since("9.5"),
        case!(a_composite_key_is_made).since("10.4"),
        case!(quiet_says_nothing),
        case!(files_have_the_usual_modes),
        case!(the_comment),
        case!(the_hash_of_the_fingerprint),
        case!(the_older_formats),
        case!(ed25519_as_pkcs8).since("10.3"),
        case!(ed25519_has_no_traditional_form),
        case!(a_short_passphrase_of_an_older_format_is_refused),
        case!(cipher_and_rounds),
        case!(twenty_four_rounds_are_usual).since("9.4"),
        case!(options_are_for_tokens),
        case!(an_existing_file_is_overwritten_after_a_yes),
        case!(an_existing_file_stays_without_a_yes),
        case!(an_existing_file_is_asked_for_on_the_terminal),
        case!(a_missing_folder_is_a_failure),
        case!(passphrases_from_stdin),
        case!(passphrases_that_differ_are_asked_for_again),
        case!(without_an_answer_there_is_no_passphrase),
        case!(passphrases_on_the_terminal),
        case!(a_passphrase_from_the_helper),
        case!(the_file_is_asked_for),
        case!(the_usual_folder_is_made),
        case!(a_public_file_in_the_way_is_replaced),
        case!(an_interrupt_leaves_nothing_behind),
        divergent!(
            answers_in_one_pipe,
            original_reads_ahead,
            ours_reads_each_answer_where_it_stands
        ),
        divergent!(a_cancelled_question, original_takes_it_for_no_passphrase, ours_makes_no_key),
        divergent!(
            a_failed_write_of_a_new_key,
            original_leaves_the_private_half_alone,
            ours_leaves_nothing
        ),
        ours!(what_follows_a_dash_is_a_file_name),
    ]
}

/// The new key at this path, as OpenSSH's own program reads it.
#[track_caller]
fn read_by_openssh(world: &World, path: &str, passphrase: &str) -> String {
    let run = world.system_program("ssh-keygen").args(["-y", "-P", passphrase, "-f", path]);
    run.output().exits(0).stdout()
}

fn new(world: &World, flags: &[&str]) -> Output {
    world.ssh_keygen().args(["-t", "ed25519", "-f", "key"]).args(flags).output()
}

fn picture(world: &World, path: &str) -> String {
    let run = world.system_program("ssh-keygen").args(["-lv", "-f", path]);
    run.output().exits(0).stdout().split_once('\n').unwrap().1.to_owned()
}

/// What follows the first line.
fn result(world: &World, path: &str, comment: &str) -> String {
    let hash = fingerprint(&KeyFile::at(world.path(path)).blob());
    format!(
        "Your identification has been saved in {path}\n\
         Your public key has been saved in {path}.pub\n\
         The key fingerprint is:\n\
         {hash} {comment}\n\
         The key's randomart image is:\n{}",
        picture(world, path)
    )
}

fn what_is_said(world: &World) {
    let output = new(world, &["-N", "", "-C", "a b"]);
    let expected = "Generating public/private ed25519 key pair.\n".to_owned();
    output.exits(0).prints(&(expected + &result(world, "key", "a b"))).reports("");
    let line = std::fs::read_to_string(world.path("key.pub")).unwrap();
    assert_eq!(read_by_openssh(world, "key", ""), line);
    assert!(line.ends_with(" a b\n") && line.starts_with("ssh-ed25519 AAAA"), "{line}");
}

fn every_type_is_made(world: &World) {
    for (name, bits, wire_name, listed_bits) in [
        ("ed25519", "", "ssh-ed25519", 256),
        ("ecdsa", "", "ecdsa-sha2-nistp256", 256),
        ("ecdsa", "384", "ecdsa-sha2-nistp384", 384),
        ("ecdsa", "521", "ecdsa-sha2-nistp521", 521),
        ("ecdsa-sha2-nistp521", "", "ecdsa-sha2-nistp521", 521),
        ("rsa", "1024", "ssh-rsa", 1024),
        ("rsa", "2048", "ssh-rsa", 2048),
        ("RSA", "", "ssh-rsa", 3072),
    ] {
        let path = format!("{name}-{bits}");
        let mut run = world.ssh_keygen().args(["-q", "-t", name, "-N", "", "-f", &path]);
        if !bits.is_empty() {
            run = run.args(["-b", bits]);
        }
        run.limit(Duration::from_secs(120)).output().exits(0).prints("").reports("");
        assert!(read_by_openssh(world, &path, "").starts_with(wire_name), "{path}");
        let listed = world.system_program("ssh-keygen").args(["-l", "-f", &path]).output();
        assert!(listed.stdout().starts_with(&format!("{listed_bits} ")), "{listed}");
    }
}

fn the_name_of_the_type_is_repeated_as_it_was_given(world: &World) {
    for name in ["ED25519", "ssh-ed25519", "ecdsa-sha2-nistp256"] {
        let output = world.ssh_keygen().args(["-t", name, "-N", "", "-f", name]).output();
        let line = format!("Generating public/private {name} key pair.\n");
        assert!(output.exits(0).stdout().starts_with(&line), "{output}");
    }
}

fn the_type_is_ed25519_unless_said_otherwise(world: &World) {
    let output = world.ssh_keygen().args(["-N", "", "-f", "key"]).output();
    output.exits(0).prints_among_else("Generating public/private ed25519 key pair.\n");
    assert!(read_by_openssh(world, "key", "").starts_with("ssh-ed25519 "));
}

fn a_composite_key_is_made(world: &World) {
    for name in ["mldsa44-ed25519", "ssh-mldsa44-ed25519@openssh.com"] {
        let path = name.replace('@', "-");
        world.ssh_keygen().args(["-q", "-t", name, "-N", "", "-f", &path]).output().exits(0);
        let shown = world.ssh_keygen().args(["-l", "-f", &path]).output();
        let text = shown.exits(0).stdout();
        assert!(text.starts_with("256 SHA256:") && text.ends_with("(MLDSA44-ED25519)\n"), "{text}");
    }
}

fn quiet_says_nothing(world: &World) {
    new(world, &["-q", "-N", ""]).exits(0).prints("").reports("");
    assert!(world.path("key.pub").exists());
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn files_have_the_usual_modes(world: &World) {
    for (mask, public) in [("022", 0o644), ("002", 0o644), ("077", 0o600), ("000", 0o644)] {
        let script = format!("umask {mask}; exec ssh-keygen -q -t ed25519 -N '' -f k{mask}");
        world.program("sh").args(["-c", &script]).output().exits(0);
        assert_eq!(mode(&world.path(format!("k{mask}"))), 0o600, "umask {mask}");
        assert_eq!(mode(&world.path(format!("k{mask}.pub"))), public, "umask {mask}");
    }
}

fn the_comment(world: &World) {
    let user = world.system_program("id").args(["-u", "-n"]).output().stdout();
    let host = world.system_program("uname").arg("-n").output().stdout();
    let usual = format!("{}@{}", user.trim_end(), host.trim_end());
    new(world, &["-q", "-N", ""]).exits(0);
    assert_eq!(KeyFile::at(world.path("key")).comment(), usual);
    let output =
        world.ssh_keygen().args(["-t", "ed25519", "-N", "", "-C", "", "-f", "bare"]).output();
    let hash = fingerprint(&KeyFile::at(world.path("bare")).blob());
    // A blank follows the fingerprint all the same.
    output.exits(0).prints_among_else(&format!("\n{hash} \nThe key's"));
    let private = world.system_program("ssh-keygen").args(["-y", "-f", "bare"]).output().stdout();
    assert_eq!(private.split(' ').count(), 2, "{private}");
}

fn the_hash_of_the_fingerprint(world: &World) {
    let output = new(world, &["-N", "", "-E", "md5"]);
    let text = output.exits(0).stdout();
    assert!(text.contains("The key fingerprint is:\nMD5:"), "{text}");
    assert!(text.contains("+------[MD5]------+\n"), "{text}");
}

fn first_line(world: &World, path: &str) -> String {
    std::fs::read_to_string(world.path(path)).unwrap().lines().next().unwrap().to_owned()
}

fn the_older_formats(world: &World) {
    for (name, format, passphrase, label) in [
        ("rsa", "PEM", "", "RSA PRIVATE KEY"),
        ("ecdsa", "pem", "", "EC PRIVATE KEY"),
        ("ecdsa", "PEM", "secret", "EC PRIVATE KEY"),
        ("rsa", "PKCS8", "", "PRIVATE KEY"),
        ("ecdsa", "PKCS8", "secret", "ENCRYPTED PRIVATE KEY"),
        ("ecdsa", "RFC4716", "secret", "OPENSSH PRIVATE KEY"),
    ] {
        let path = format!("{name}-{format}-{passphrase}");
        let run = world.ssh_keygen().args(["-q", "-t", name, "-m", format, "-N", passphrase]);
        let run = if name == "rsa" { run.args(["-b", "2048"]) } else { run };
        run.args(["-f", &path]).limit(Duration::from_secs(120)).output().exits(0);
        assert_eq!(first_line(world, &path), format!("-----BEGIN {label}-----"));
        let public = std::fs::read_to_string(world.path(format!("{path}.pub"))).unwrap();
        let read = read_by_openssh(world, &path, passphrase);
        assert!(public.starts_with(read.trim_end()), "{public}{read}");
    }
}

fn ed25519_as_pkcs8(world: &World) {
    new(world, &["-q", "-m", "PKCS8", "-N", "secret"]).exits(0);
    assert_eq!(first_line(world, "key"), "-----BEGIN ENCRYPTED PRIVATE KEY-----");
    let openssl = world.system_program("openssl").args(["pkey", "-noout", "-in", "key"]);
    openssl.args(["-passin", "pass:secret"]).output().exits(0);
}

fn ed25519_has_no_traditional_form(world: &World) {
    new(world, &["-q", "-m", "PEM", "-N", ""]).exits(0).reports("");
    assert_eq!(first_line(world, "key"), "-----BEGIN OPENSSH PRIVATE KEY-----");
}

fn a_short_passphrase_of_an_older_format_is_refused(world: &World) {
    for format in ["PEM", "PKCS8"] {
        let run = world.ssh_keygen().args(["-t", "ecdsa", "-m", format, "-N", "1234", "-f", "key"]);
        let text = "Saving key \"key\" failed: passphrase is too short (minimum five characters)\n";
        let output = run.output();
        output.exits(1).prints("Generating public/private ecdsa key pair.\n").reports(text);
        assert!(!world.path("key.pub").exists());
    }
    // OpenSSH's own format takes any.
    new(world, &["-q", "-N", "1"]).exits(0);
    read_by_openssh(world, "key", "1");
}

/// Cipher, key derivation and rounds of a file in OpenSSH's format.
fn protection(world: &World, path: &str) -> (String, u32) {
    use base64ct::{Base64, Encoding};
    let text = std::fs::read_to_string(world.path(path)).unwrap();
    let base64: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    let bytes = Base64::decode_vec(&base64).unwrap();
    let mut fields = keyfob_testkit::Fields::of(&bytes["openssh-key-v1\0".len()..]);
    let cipher = String::from_utf8(fields.string().to_vec()).unwrap();
    assert_eq!(fields.string(), b"bcrypt");
    let mut options = keyfob_testkit::Fields::of(fields.string());
    options.string();
    (cipher, options.number())
}

fn cipher_and_rounds(world: &World) {
    for cipher in ["aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com", "aes128-cbc"] {
        let _ = std::fs::remove_file(world.path("key"));
        new(world, &["-q", "-N", "secret", "-Z", cipher, "-a", "3"]).exits(0);
        assert_eq!(protection(world, "key"), (cipher.to_owned(), 3));
        read_by_openssh(world, "key", "secret");
    }
}

fn twenty_four_rounds_are_usual(world: &World) {
    new(world, &["-q", "-N", "secret"]).exits(0);
    assert_eq!(protection(world, "key"), ("aes256-ctr".to_owned(), 24));
}

fn options_are_for_tokens(world: &World) {
    new(world, &["-q", "-N", "", "-O", "resident", "-O", "odd"]).exits(0).reports("");
}

fn an_existing_file_is_overwritten_after_a_yes(world: &World) {
    for (answer, quiet) in [("y\n", false), ("Y\n", true), ("yes\n", true), ("yippee", true)] {
        let before = world.key(KeyType::Ed25519, "key").blob();
        let run = world.ssh_keygen().args(["-t", "ed25519", "-N", "", "-C", "c", "-f", "key"]);
        let run = if quiet { run.arg("-q") } else { run };
        let output = run.stdin(answer).output();
        let question = "key already exists.\nOverwrite (y/n)? ".to_owned();
        let expected = if quiet {
            question
        } else {
            "Generating public/private ed25519 key pair.\n".to_owned()
                + &question
                + &result(world, "key", "c")
        };
        output.exits(0).prints(&expected).reports("");
        assert_ne!(KeyFile::at(world.path("key")).blob(), before);
    }
}

fn an_existing_file_stays_without_a_yes(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let before = std::fs::read(key.path()).unwrap();
    for answer in ["n\n", "", "\n", "ja\n", " y\n"] {
        let run = world.ssh_keygen().args(["-q", "-t", "ed25519", "-N", "", "-f", "key"]);
        let output = run.stdin(answer).output();
        output.exits(1).prints("key already exists.\nOverwrite (y/n)? ").reports("");
    }
    assert_eq!(std::fs::read(key.path()).unwrap(), before);
}

fn an_existing_file_is_asked_for_on_the_terminal(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let before = key.blob();
    let run = world.ssh_keygen().args(["-q", "-t", "ed25519", "-N", "", "-f", "key"]);
    let mut terminal = run.on_terminal();
    terminal.type_line("y");
    let (output, _, _) = terminal.wait();
    output.exits(0).prints("key already exists.\nOverwrite (y/n)? ").reports("");
    assert_ne!(key.blob(), before);
}

fn a_missing_folder_is_a_failure(world: &World) {
    let run = world.ssh_keygen().args(["-q", "-t", "ed25519", "-N", "", "-f", "no/such/key"]);
    let text = "Saving key \"no/such/key\" failed: No such file or directory\n";
    run.output().exits(1).prints("").reports(text);
}

fn passphrases_from_stdin(world: &World) {
    let run = world.ssh_keygen().args(["-q", "-t", "ed25519", "-f", "key"]);
    let output = run.stdin("secret word\nsecret word\n").output();
    let questions = new_question(world, "key") + AGAIN;
    output.exits(0).prints("").reports(&questions);
    read_by_openssh(world, "key", "secret word");
}

fn passphrases_that_differ_are_asked_for_again(world: &World) {
    let run = world.ssh_keygen().args(["-q", "-t", "ed25519", "-f", "key"]);
    let output = run.stdin("one\ntwo\nsecret\nsecret\n").output();
    let questions = new_question(world, "key") + AGAIN;
    let expected = "Passphrases do not match.  Try again.\n";
    output.exits(0).prints(expected).reports(&questions.repeat(2));
    read_by_openssh(world, "key", "secret");
}

fn without_an_answer_there_is_no_passphrase(world: &World) {
    let output = world.ssh_keygen().args(["-q", "-t", "ed25519", "-f", "key"]).output();
    output.exits(0).prints("").reports(&(new_question(world, "key") + AGAIN));
    read_by_openssh(world, "key", "");
}

fn passphrases_on_the_terminal(world: &World) {
    let run = world.ssh_keygen().args(["-q", "-t", "ed25519", "-f", "key"]);
    let mut terminal = run.on_terminal();
    terminal.expect(&new_question(world, "key")).answer_unseen("one");
    terminal.expect(AGAIN).answer_unseen("two");
    terminal.expect(&new_question(world, "key")).answer_unseen("secret");
    terminal.expect(AGAIN).answer_unseen("secret");
    let (output, shown, echoes) = terminal.wait();
    output.exits(0).prints("Passphrases do not match.  Try again.\n").reports("");
    assert!(!shown.contains("secret") && echoes, "{shown:?}");
    read_by_openssh(world, "key", "secret");
}

fn a_passphrase_from_the_helper(world: &World) {
    let askpass = world.askpass();
    askpass.answer(&Answer::line("secret"));
    let run = askpass.forced_on(world.ssh_keygen()).args(["-q", "-t", "ed25519", "-f", "key"]);
    run.output().exits(0).prints("").reports("");
    let prompts: Vec<String> = askpass.calls().into_iter().map(|call| call.prompt).collect();
    assert_eq!(prompts, [new_question(world, "key"), AGAIN.to_owned()]);
    read_by_openssh(world, "key", "secret");
}

fn the_file_is_asked_for(world: &World) {
    let ask = |answer: &str, flags: &[&str]| {
        let run = world.ssh_keygen().args(["-q", "-N", "", "-C", "c"]).args(flags);
        world.with_home_in_passwd(run.stdin(answer)).output()
    };
    let question = |path: &str| format!("Enter file in which to save the key ({path}): ");
    ask("typed\n", &[]).exits(0).prints(&question(&usual_file(world))).reports("");
    assert!(world.path("typed.pub").exists());
    ask("", &[]).exits(1).prints(&question(&usual_file(world))).reports("");
    for (name, file) in [("rsa", "id_rsa"), ("ecdsa", "id_ecdsa"), ("ed25519", "id_ed25519")] {
        let path = world.home().join(".ssh").join(file).display().to_string();
        ask("\n", &["-t", name]).exits(0).prints(&question(&path)).reports("");
        assert_eq!(mode(Path::new(&path)), 0o600);
    }
}

fn the_usual_folder_is_made(world: &World) {
    std::fs::remove_dir_all(world.path(".ssh")).unwrap();
    let run = world.ssh_keygen().args(["-t", "ed25519", "-N", ""]).stdin("\n");
    let output = world.with_home_in_passwd(run).output();
    let folder = world.path(".ssh");
    output.exits(0).reports(&format!("Created directory '{}'.\n", folder.display()));
    assert_eq!(mode(&folder), 0o700);
    assert!(folder.join("id_ed25519.pub").exists());
}

fn a_public_file_in_the_way_is_replaced(world: &World) {
    world.write("key.pub", "old\n", 0o644);
    new(world, &["-q", "-N", ""]).exits(0).prints("").reports("");
    assert!(KeyFile::at(world.path("key")).public_line().starts_with("ssh-ed25519 "));
}

fn an_interrupt_leaves_nothing_behind(world: &World) {
    let run = world.ssh_keygen().args(["-q", "-t", "ed25519", "-f", "key"]);
    let mut terminal = run.on_terminal();
    terminal.expect(&new_question(world, "key")).waits_for_hidden_input().interrupt();
    let (output, _, echoes) = terminal.wait();
    assert_ne!(output.code(), Some(0), "{output}");
    assert!(echoes && !world.path("key").exists() && !world.path("key.pub").exists());
}

/// All answers at once, as a script gives them: yes, and the passphrase twice.
fn answered_at_once(world: &World) {
    world.key(KeyType::Ed25519, "key");
    let run = world.ssh_keygen().args(["-q", "-t", "ed25519", "-f", "key"]);
    run.stdin("y\nsecret\nsecret\n").output().exits(0);
}

/// The yes is read through a buffer, which takes the passphrases with it.
fn original_reads_ahead(world: &World) {
    answered_at_once(world);
    read_by_openssh(world, "key", "");
}

fn ours_reads_each_answer_where_it_stands(world: &World) {
    answered_at_once(world);
    read_by_openssh(world, "key", "secret");
    let run = world.system_program("ssh-keygen").args(["-y", "-P", "", "-f", "key"]);
    run.output().exits(255);
}

/// Somebody who closes the window that asks for the passphrase.
fn cancelled(world: &World) -> Output {
    let askpass = world.askpass();
    askpass.answer(&Answer::Refusal);
    askpass.forced_on(world.ssh_keygen()).args(["-q", "-t", "ed25519", "-f", "key"]).output()
}

fn original_takes_it_for_no_passphrase(world: &World) {
    cancelled(world).exits(0);
    read_by_openssh(world, "key", "");
}

fn ours_makes_no_key(world: &World) {
    cancelled(world).exits(1).prints("");
    assert!(!world.path("key").exists() && !world.path("key.pub").exists());
}

/// The public file cannot be written: a folder stands there.
fn without_room_for_the_public_half(world: &World) -> Output {
    world.make_folder("key.pub");
    new(world, &["-q", "-N", ""])
}

fn original_leaves_the_private_half_alone(world: &World) {
    let output = without_room_for_the_public_half(world);
    output.exits(255).reports("Unable to save public key to key.pub: Is a directory\n");
    assert!(world.path("key").exists());
}

fn ours_leaves_nothing(world: &World) {
    let output = without_room_for_the_public_half(world);
    assert_ne!(output.code(), Some(0));
    output.reports_among_else("key.pub");
    assert!(!world.path("key").exists());
}

fn what_follows_a_dash_is_a_file_name(world: &World) {
    world.ssh_keygen().args(["-q", "-t", "ed25519", "-N", "", "-f", "-"]).output().exits(0);
    assert!(world.path("-.pub").exists());
}
