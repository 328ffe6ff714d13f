//! `ssh-keygen -l` and `-B`: whose fingerprint, with which comment, of which lines of a file.

use keyfob_testkit::{
    Authority, Case, CertificateRequest, KeyFile, KeyType, World, case, divergent,
};

use crate::keygen_words::{fingerprint, listed, which_file};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(every_key_type_is_shown),
        case!(a_public_file_is_shown),
        case!(a_private_file_without_its_public_one_is_shown),
        case!(an_encrypted_file_is_shown_without_its_comment),
        case!(the_public_file_beside_a_private_one_goes_first),
        case!(a_public_file_without_a_comment_is_called_by_its_name),
        case!(the_older_formats_are_shown),
        case!(an_encrypted_file_of_an_older_format_needs_its_public_one),
        case!(other_hashes_are_shown),
        case!(hashes_no_manual_names),
        case!(the_picture_comes_with_v),
        case!(the_words_that_can_be_read_aloud),
        case!(a_certificate_is_shown_by_its_key),
        case!(lines_of_authorized_keys_are_shown),
        case!(lines_of_known_hosts_are_shown),
        case!(blank_lines_and_remarks_are_passed_over),
        case!(one_good_line_is_enough),
        case!(a_comment_is_whatever_follows),
        case!(a_comment_keeps_its_carriage_return),
        case!(a_line_may_end_without_its_end),
        case!(stdin_is_read),
        case!(a_pipe_is_read_by_its_path),
        case!(a_file_without_a_key_is_fatal),
        case!(a_missing_file_is_fatal),
        case!(a_folder_is_no_key_file),
        case!(the_name_of_the_file_is_asked_for),
        divergent!(
            a_line_without_a_comment_behind_one_with,
            original_repeats_an_old_comment,
            ours_has_no_comment
        ),
        divergent!(
            a_marked_line_of_known_hosts,
            original_knows_no_marked_line,
            ours_shows_a_marked_line
        ),
        divergent!(a_public_key_in_another_form, original_knows_lines_only, ours_shows_other_forms),
        divergent!(
            a_public_key_behind_a_byte_order_mark,
            original_stumbles_over_the_mark,
            ours_reads_behind_the_mark
        ),
        divergent!(
            a_private_key_elsewhere_than_in_the_first_line,
            original_wants_it_in_the_first_line,
            ours_finds_it
        ),
    ]
}

#[track_caller]
fn shows(world: &World, path: &str, expected: &str) {
    world.ssh_keygen().args(["-l", "-f", path]).output().exits(0).prints(expected).reports("");
}

#[track_caller]
fn is_none(world: &World, path: &str) {
    let output = world.ssh_keygen().args(["-l", "-f", path]).output();
    output.exits(255).prints("").reports(&format!("{path} is not a public key file.\n"));
}

/// Type and base64, without a comment.
fn bare(key: &KeyFile) -> String {
    key.public_line().splitn(3, ' ').take(2).collect::<Vec<_>>().join(" ")
}

fn ed25519(world: &World) -> KeyFile {
    world.key(KeyType::Ed25519, "key")
}

fn every_key_type_is_shown(world: &World) {
    for kind in KeyType::EACH {
        let key = world.key(kind, kind.wire_name());
        let expected = listed(&key, kind.bits(), &key.comment(), kind.listed_name());
        shows(world, kind.wire_name(), &expected);
    }
}

fn a_public_file_is_shown(world: &World) {
    let key = ed25519(world);
    shows(world, "key.pub", &listed(&key, 256, "key@keyfob", "ED25519"));
}

fn a_private_file_without_its_public_one_is_shown(world: &World) {
    let key = ed25519(world);
    let expected = listed(&key, 256, "key@keyfob", "ED25519");
    std::fs::remove_file(key.public_path()).unwrap();
    shows(world, "key", &expected);
}

fn an_encrypted_file_is_shown_without_its_comment(world: &World) {
    let key = world.encrypted_key(KeyType::EcdsaP384, "key", "secret");
    shows(world, "key", &listed(&key, 384, "key@keyfob", "ECDSA"));
    let expected = listed(&key, 384, "no comment", "ECDSA");
    std::fs::remove_file(key.public_path()).unwrap();
    shows(world, "key", &expected);
}

fn the_public_file_beside_a_private_one_goes_first(world: &World) {
    let key = ed25519(world);
    let other = world.key(KeyType::EcdsaP256, "other");
    std::fs::copy(other.public_path(), key.public_path()).unwrap();
    shows(world, "key", &listed(&other, 256, "other@keyfob", "ECDSA"));
}

fn a_public_file_without_a_comment_is_called_by_its_name(world: &World) {
    let key = ed25519(world);
    world.write("key.pub", bare(&key) + "\n", 0o644);
    shows(world, "key", &listed(&key, 256, "key.pub", "ED25519"));
    shows(world, "key.pub", &listed(&key, 256, "no comment", "ED25519"));
}

/// The key, rewritten by OpenSSH's own program.
fn rewritten(world: &World, kind: KeyType, format: &str, passphrase: &str) -> KeyFile {
    let key = world.key(kind, "key");
    let run = world.system_program("ssh-keygen").args(["-q", "-p", "-P", "", "-N", passphrase]);
    run.args(["-m", format, "-f"]).arg(key.path()).output().exits(0);
    key
}

fn the_older_formats_are_shown(world: &World) {
    for format in ["PEM", "PKCS8"] {
        for kind in [KeyType::Rsa2048, KeyType::EcdsaP521] {
            let key = rewritten(world, kind, format, "");
            shows(world, "key", &listed(&key, kind.bits(), "key@keyfob", kind.listed_name()));
            let expected = listed(&key, kind.bits(), "no comment", kind.listed_name());
            std::fs::remove_file(key.public_path()).unwrap();
            shows(world, "key", &expected);
        }
    }
}

fn an_encrypted_file_of_an_older_format_needs_its_public_one(world: &World) {
    for format in ["PEM", "PKCS8"] {
        let key = rewritten(world, KeyType::Rsa2048, format, "secret");
        shows(world, "key", &listed(&key, 2048, "key@keyfob", "RSA"));
        std::fs::remove_file(key.public_path()).unwrap();
        let output = world.ssh_keygen().args(["-l", "-f", "key"]).output();
        output.exits(255).prints("").reports("key is not a key file.\n");
    }
}

fn other_hashes_are_shown(world: &World) {
    ed25519(world);
    for name in ["md5", "MD5"] {
        let output = world.ssh_keygen().args(["-l", "-E", name, "-f", "key"]).output();
        let line = output.exits(0).stdout();
        let hash = line.strip_prefix("256 MD5:").and_then(|rest| rest.split_once(' ')).unwrap();
        assert_eq!((hash.0.len(), hash.1), (47, "key@keyfob (ED25519)\n"), "{line}");
    }
    let sha256 = world.ssh_keygen().args(["-lf", "key", "-E", "SHA256"]).output();
    sha256.exits(0).prints_among_else("256 SHA256:");
}

fn hashes_no_manual_names(world: &World) {
    ed25519(world);
    for name in ["sha1", "SHA384", "Sha512"] {
        let flags = ["-lv", "-E", name, "-f", "key"];
        let judge = world.system_program("ssh-keygen").args(flags).output().exits(0).stdout();
        world.ssh_keygen().args(flags).output().exits(0).prints(&judge).reports("");
        assert!(judge.starts_with(&format!("256 {}:", name.to_uppercase())), "{judge}");
    }
    for name in ["sha224", "sha3-256", "SHA-512", "none"] {
        let output = world.ssh_keygen().args(["-l", "-E", name, "-f", "key"]).output();
        let text = format!("Invalid hash algorithm \"{name}\"\n");
        output.exits(255).prints("").reports(&text);
    }
}

fn the_picture_comes_with_v(world: &World) {
    let key = ed25519(world);
    for flags in ["-lv", "-lvv", "-lvvvv"] {
        let output = world.ssh_keygen().args([flags, "-f", "key.pub"]).output();
        let text = output.exits(0).stdout();
        let (line, picture) = text.split_once('\n').unwrap();
        assert_eq!(format!("{line}\n"), listed(&key, 256, "key@keyfob", "ED25519"));
        let rows: Vec<&str> = picture.lines().collect();
        assert_eq!(rows.len(), 11, "{picture}");
        assert_eq!((rows[0], rows[10]), ("+--[ED25519 256]--+", "+----[SHA256]-----+"));
        assert!(rows.iter().all(|row| row.len() == 19), "{picture}");
    }
}

fn the_words_that_can_be_read_aloud(world: &World) {
    ed25519(world);
    let judge = world.system_program("ssh-keygen").args(["-B", "-f", "key"]).output().stdout();
    for flags in [&["-B"][..], &["-l", "-B"], &["-B", "-E", "md5"]] {
        let output = world.ssh_keygen().args(flags).args(["-f", "key"]).output();
        output.exits(0).prints(&judge).reports("");
    }
    assert!(judge.starts_with("256 x") && judge.ends_with("x key@keyfob (ED25519)\n"), "{judge}");
}

fn a_certificate_is_shown_by_its_key(world: &World) {
    let key = ed25519(world);
    Authority::new(world, "ca").certify(&key, &CertificateRequest::default());
    shows(world, "key-cert.pub", &listed(&key, 256, "key@keyfob", "ED25519-CERT"));
    shows(world, "key", &listed(&key, 256, "key@keyfob", "ED25519"));
}

fn lines_of_authorized_keys_are_shown(world: &World) {
    let key = ed25519(world);
    let (line, bare) = (key.public_line(), bare(&key));
    let with_comment = listed(&key, 256, "key@keyfob", "ED25519");
    for text in [
        format!("no-pty {line}\n"),
        format!("command=\"a b\",no-pty {line}\n"),
        format!("command=\"say \\\"a b\\\" twice\" {line}\n"),
        format!("from=\"10.0.0.0/8,*.example\"\t{line}\n"),
    ] {
        world.write("file", text, 0o644);
        shows(world, "file", &with_comment);
    }
    // Without a comment the options are all there is to tell the line by.
    world.write("file", format!("no-pty {bare}\n"), 0o644);
    shows(world, "file", &listed(&key, 256, "no-pty", "ED25519"));
}

fn lines_of_known_hosts_are_shown(world: &World) {
    let key = ed25519(world);
    for hosts in ["host", "host,10.0.0.1", "[host]:2222", "|1|c2FsdA==|aGFzaA=="] {
        world.write("file", format!("{hosts} {}\n", bare(&key)), 0o644);
        shows(world, "file", &listed(&key, 256, hosts, "ED25519"));
        world.write("file", format!("{hosts} {}\n", key.public_line()), 0o644);
        shows(world, "file", &listed(&key, 256, "key@keyfob", "ED25519"));
    }
}

fn blank_lines_and_remarks_are_passed_over(world: &World) {
    let keys = [KeyType::Ed25519, KeyType::EcdsaP256].map(|kind| world.key(kind, kind.name()));
    let [first, second] = keys.each_ref().map(KeyFile::public_line);
    world.write("file", format!("\n# {first}\n  \n  {first}\n\t# x\n\t{second}\n"), 0o644);
    let expected = listed(&keys[0], 256, "ed25519@keyfob", "ED25519")
        + &listed(&keys[1], 256, "ecdsa@keyfob", "ECDSA");
    shows(world, "file", &expected);
}

fn one_good_line_is_enough(world: &World) {
    let key = ed25519(world);
    let line = key.public_line();
    world.write("file", format!("garbage\n{line}\nssh-ed25519 AAAA\nmore garbage\n"), 0o644);
    shows(world, "file", &listed(&key, 256, "key@keyfob", "ED25519"));
}

fn a_comment_is_whatever_follows(world: &World) {
    let key = ed25519(world);
    let bare = bare(&key);
    for (behind, comment) in [
        (" a b", "a b"),
        ("  a  b ", "a  b "),
        ("\ta", "a"),
        (" # a", "no comment"),
        (" #a", "no comment"),
        ("  ", "no comment"),
    ] {
        world.write("file", format!("{bare}{behind}\n"), 0o644);
        shows(world, "file", &listed(&key, 256, comment, "ED25519"));
    }
}

fn a_comment_keeps_its_carriage_return(world: &World) {
    let key = ed25519(world);
    world.write("file", format!("{}\r\n", key.public_line()), 0o644);
    shows(world, "file", &listed(&key, 256, "key@keyfob\r", "ED25519"));
    world.write("file", format!("{}\r\n", bare(&key)), 0o644);
    shows(world, "file", &listed(&key, 256, "no comment", "ED25519"));
}

fn a_line_may_end_without_its_end(world: &World) {
    let key = ed25519(world);
    world.write("file", key.public_line(), 0o644);
    shows(world, "file", &listed(&key, 256, "key@keyfob", "ED25519"));
}

fn stdin_is_read(world: &World) {
    let key = ed25519(world);
    let run = || world.ssh_keygen().args(["-l", "-f", "-"]);
    let expected = listed(&key, 256, "key@keyfob", "ED25519");
    run().stdin(key.public_line()).output().exits(0).prints(&expected).reports("");
    let none = "(stdin) is not a public key file.\n";
    run().stdin("").output().exits(255).prints("").reports(none);
    run().stdin("garbage\n").output().exits(255).prints("").reports(none);
}

/// `ssh-keygen -lf /dev/stdin`, and what a shell makes of `<(command)`.
fn a_pipe_is_read_by_its_path(world: &World) {
    let key = ed25519(world);
    let expected = listed(&key, 256, "key@keyfob", "ED25519");
    let run = world.ssh_keygen().args(["-l", "-f", "/dev/stdin"]).stdin(key.public_line());
    run.output().exits(0).prints(&expected).reports("");
    let private = std::fs::read(key.path()).unwrap();
    let run = world.ssh_keygen().args(["-y", "-f", "/dev/stdin"]).stdin(private);
    run.output().exits(0).prints(&(key.public_line() + "\n")).reports("");
}

fn a_file_without_a_key_is_fatal(world: &World) {
    let key = ed25519(world);
    let base64 = bare(&key).replace("ssh-ed25519 ", "");
    let bare = bare(&key);
    for text in [
        String::new(),
        "garbage\n".to_owned(),
        "ssh-ed25519\n".to_owned(),
        "ssh-ed25519 AAAA\n".to_owned(),
        format!("ssh-rsa {base64} type and key differ\n"),
        format!("a b c {bare}\n"),
        format!("10 {bare}\n"),
        format!("{bare}\x01 x\n"),
        format!("#{bare}\n"),
    ] {
        world.write("file", text, 0o644);
        is_none(world, "file");
    }
}

fn a_missing_file_is_fatal(world: &World) {
    for flag in ["-l", "-B"] {
        let output = world.ssh_keygen().args([flag, "-f", "missing"]).output();
        let text = "ssh-keygen: missing: No such file or directory\n";
        output.exits(255).prints("").reports(text);
    }
}

fn a_folder_is_no_key_file(world: &World) {
    world.make_folder("folder");
    is_none(world, "folder");
}

fn the_name_of_the_file_is_asked_for(world: &World) {
    let key = ed25519(world);
    let run = |answer: &str| {
        world.with_home_in_passwd(world.ssh_keygen().arg("-l").stdin(answer)).output()
    };
    let question = which_file(world);
    let expected = listed(&key, 256, "key@keyfob", "ED25519");
    run("key\n").exits(0).prints(&format!("{question}{expected}")).reports("");
    run("").exits(1).prints(&question).reports("");
    let missing = run("missing\n");
    missing.exits(255).reports("ssh-keygen: missing: No such file or directory\n");
    let usual = crate::keygen_words::usual_file(world);
    let missing = run("\n");
    let text = format!("ssh-keygen: {usual}: No such file or directory\n");
    missing.exits(255).prints(&question).reports(&text);
    std::fs::copy(key.path(), &usual).unwrap();
    run("\n").exits(0).prints(&format!("{question}{expected}"));
}

fn second_line_without_comment(world: &World) -> (KeyFile, KeyFile, String) {
    let first = ed25519(world);
    let second = world.key(KeyType::EcdsaP256, "second");
    world.write("file", format!("{}\n{}\n", first.public_line(), bare(&second)), 0o644);
    let output = world.ssh_keygen().args(["-l", "-f", "file"]).output();
    let line = output.exits(0).stdout().lines().nth(1).unwrap().to_owned();
    (first, second, line)
}

/// The pointer to the comment of the line before points into the new line.
fn original_repeats_an_old_comment(world: &World) {
    let (_, second, line) = second_line_without_comment(world);
    assert!(line.starts_with(&format!("256 {} ", fingerprint(&second.blob()))), "{line}");
    assert!(!line.contains("no comment"), "{line}");
}

fn ours_has_no_comment(world: &World) {
    let (_, second, line) = second_line_without_comment(world);
    assert_eq!(format!("{line}\n"), listed(&second, 256, "no comment", "ECDSA"));
}

fn marked_lines(world: &World) -> (KeyFile, Vec<&'static str>) {
    (ed25519(world), vec!["@cert-authority *.example", "@revoked host"])
}

fn original_knows_no_marked_line(world: &World) {
    let (key, marks) = marked_lines(world);
    for mark in marks {
        world.write("file", format!("{mark} {}\n", key.public_line()), 0o644);
        is_none(world, "file");
    }
}

fn ours_shows_a_marked_line(world: &World) {
    let (key, marks) = marked_lines(world);
    for mark in marks {
        world.write("file", format!("{mark} {}\n", key.public_line()), 0o644);
        shows(world, "file", &listed(&key, 256, "key@keyfob", "ED25519"));
        world.write("file", format!("{mark} {}\n", bare(&key)), 0o644);
        let hosts = mark.split(' ').next_back().unwrap();
        shows(world, "file", &listed(&key, 256, hosts, "ED25519"));
    }
}

fn moved_down(world: &World) -> KeyFile {
    let key = ed25519(world);
    let text = std::fs::read_to_string(key.path()).unwrap();
    world.write("file", format!("Here it is:\n\n{text}"), 0o600);
    key
}

fn original_wants_it_in_the_first_line(world: &World) {
    let key = moved_down(world);
    is_none(world, "file");
    let text = std::fs::read(key.path()).unwrap();
    let output = world.ssh_keygen().args(["-l", "-f", "-"]).stdin(text).output();
    output.exits(255).prints("").reports("(stdin) is not a public key file.\n");
}

fn ours_finds_it(world: &World) {
    let key = moved_down(world);
    let expected = listed(&key, 256, "key@keyfob", "ED25519");
    shows(world, "file", &expected);
    let text = std::fs::read(key.path()).unwrap();
    let output = world.ssh_keygen().args(["-l", "-f", "-"]).stdin(text).output();
    output.exits(0).prints(&expected).reports("");
}

fn other_forms(world: &World) -> (KeyFile, Vec<&'static str>) {
    let key = world.key(KeyType::Rsa2048, "key");
    let formats = vec!["RFC4716", "PEM", "PKCS8"];
    for format in &formats {
        let run = world.system_program("ssh-keygen").args(["-e", "-f", "key", "-m", format]);
        world.write(format, run.output().exits(0).stdout(), 0o644);
    }
    (key, formats)
}

fn original_knows_lines_only(world: &World) {
    let (_, files) = other_forms(world);
    files.into_iter().for_each(|file| is_none(world, file));
}

fn ours_shows_other_forms(world: &World) {
    let (key, files) = other_forms(world);
    for file in files {
        let output = world.ssh_keygen().args(["-l", "-f", file]).output();
        let begin = format!("2048 {} ", fingerprint(&key.blob()));
        assert!(output.exits(0).reports("").stdout().starts_with(&begin), "{output}");
    }
}

/// As editors of other systems save text.
fn marked_files(world: &World) -> KeyFile {
    let key = ed25519(world);
    let line = key.public_line() + "\r\n";
    world.write("utf8", format!("\u{feff}{line}"), 0o644);
    let utf16: Vec<u8> =
        format!("\u{feff}{line}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    world.write("utf16", utf16, 0o644);
    key
}

fn original_stumbles_over_the_mark(world: &World) {
    marked_files(world);
    ["utf8", "utf16"].into_iter().for_each(|file| is_none(world, file));
}

fn ours_reads_behind_the_mark(world: &World) {
    let key = marked_files(world);
    for file in ["utf8", "utf16"] {
        shows(world, file, &listed(&key, 256, "key@keyfob", "ED25519"));
    }
}
