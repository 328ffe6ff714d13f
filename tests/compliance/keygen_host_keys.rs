//! `ssh-keygen -A`: the host keys that are missing.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use keyfob_testkit::{Case, KeyFile, Output, World, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(all_that_are_missing_are_made),
        case!(those_that_are_there_stay),
        case!(an_empty_file_is_as_none),
        case!(a_missing_folder_is_reported_and_no_failure),
        case!(format_and_comment),
    ]
}

const NAMES: [&str; 3] = ["rsa", "ecdsa", "ed25519"];

fn folder(world: &World) -> PathBuf {
    world.make_folder("etc/ssh")
}

fn make(world: &World, flags: &[&str]) -> Output {
    let run = world.ssh_keygen().arg("-A").args(flags).arg("-f").arg(world.home());
    run.limit(Duration::from_secs(120)).output()
}

fn all_that_are_missing_are_made(world: &World) {
    let folder = folder(world);
    let output = make(world, &[]);
    output
        .exits(0)
        .prints("ssh-keygen: generating new host keys: RSA ECDSA ED25519 \n")
        .reports("");
    for name in NAMES {
        let key = KeyFile::at(folder.join(format!("ssh_host_{name}_key")));
        let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(key.path()), mode(&key.public_path())), (0o600, 0o644));
        let read = world.system_program("ssh-keygen").args(["-y", "-P", "", "-f"]).arg(key.path());
        read.output().exits(0).prints(&(key.public_line() + "\n"));
    }
    // Nothing unfinished is left.
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 6);
}

fn those_that_are_there_stay(world: &World) {
    let folder = folder(world);
    std::fs::write(folder.join("ssh_host_rsa_key"), "anything").unwrap();
    std::fs::write(folder.join("ssh_host_ecdsa_key"), "anything").unwrap();
    make(world, &[]).exits(0).prints("ssh-keygen: generating new host keys: ED25519 \n");
    make(world, &[]).exits(0).prints("").reports("");
    assert_eq!(std::fs::read(folder.join("ssh_host_rsa_key")).unwrap(), b"anything");
    assert!(!folder.join("ssh_host_rsa_key.pub").exists());
}

fn an_empty_file_is_as_none(world: &World) {
    let folder = folder(world);
    std::fs::write(folder.join("ssh_host_rsa_key"), "anything").unwrap();
    for name in ["ecdsa", "ed25519"] {
        std::fs::write(folder.join(format!("ssh_host_{name}_key")), "").unwrap();
    }
    make(world, &["-q"]).exits(0).prints("ssh-keygen: generating new host keys: ECDSA ED25519 \n");
    assert!(folder.join("ssh_host_ecdsa_key.pub").exists());
}

fn a_missing_folder_is_reported_and_no_failure(world: &World) {
    let output = make(world, &[]);
    output.exits(0).prints_among_else("ssh-keygen: generating new host keys: RSA ");
    let stderr = output.stderr();
    let lines: Vec<&str> = stderr.lines().collect();
    assert_eq!(lines.len(), 3, "{output}");
    for (line, name) in lines.into_iter().zip(NAMES) {
        let path = world.home().join(format!("etc/ssh/ssh_host_{name}_key"));
        let begin = format!("Could not save your private key in {}", path.display());
        assert!(line.starts_with(&begin), "{output}");
        assert!(line.ends_with(": No such file or directory"), "{output}");
    }
}

fn format_and_comment(world: &World) {
    let folder = folder(world);
    std::fs::write(folder.join("ssh_host_rsa_key"), "anything").unwrap();
    // A comment, a passphrase and a type are not asked for here.
    make(world, &["-m", "PEM", "-C", "x", "-N", "secret", "-t", "rsa"]).exits(0);
    let key = KeyFile::at(folder.join("ssh_host_ecdsa_key"));
    let text = std::fs::read_to_string(key.path()).unwrap();
    assert!(text.starts_with("-----BEGIN EC PRIVATE KEY-----\n"), "{text}");
    assert!(!text.contains("ENCRYPTED"), "{text}");
    assert!(key.comment().contains('@'), "{}", key.public_line());
}
