//! Whatever happens while a key file is written, there is the old file or the new one, whole.
//!
//! What goes wrong here is real: a limit on the size of files, a full file system, and an end
//! at every system call that has to do with files.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};

use keyfob_testkit::{Authority, CertificateRequest, KeyFile, KeyType, Run, World};

use crate::support::{hints, keyfob, skipped, world};

/// System calls between which the state of the disk can differ, and some around them.
const CALLS: [&str; 10] = [
    "openat",
    "write",
    "fsync",
    "rename",
    "renameat2",
    "linkat",
    "unlink",
    "close",
    "fchown",
    "faccessat2",
];

/// A key with the passphrase `old`, and a file with another passphrase.
fn locked_key(world: &World, name: &str) -> KeyFile {
    world.write("new", "new passphrase\n", 0o600);
    world.write("old", "old\n", 0o600);
    world.encrypted_key(KeyType::Ed25519, name, "old")
}

fn change_passphrase(run: Run, path: &Path) -> Run {
    run.args(["passphrase", "-a", "1", "--passphrase-file", "old", "--new-passphrase-file", "new"])
        .arg(path)
}

fn change_comment(run: Run, path: &Path) -> Run {
    run.args(["comment", "--passphrase-file", "old"]).arg(path).arg("another comment")
}

/// A new pair with the passphrase `new passphrase`.
fn make(run: Run, path: &str) -> Run {
    run.args(["generate", "-q", "-a", "1", "--passphrase-file", "new", "-f", path])
}

/// Type and key of a line.
fn key_of(line: &str) -> Vec<String> {
    line.trim_end().split(' ').take(2).map(str::to_owned).collect()
}

/// Whether this passphrase opens the file and the key is the one it was.
fn opens(world: &World, path: &Path, passphrase: &str, line: &str) -> bool {
    let run = world.system_program("ssh-keygen").args(["-y", "-P", passphrase, "-f"]).arg(path);
    let output = run.output();
    output.status.is_some_and(|status| status.success()) && key_of(&output.stdout()) == key_of(line)
}

/// Unfinished files, which nobody else may read.
#[track_caller]
fn leftovers(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let names =
        |path: &PathBuf| path.file_name().unwrap().to_string_lossy().starts_with(".keyfob-");
    let left: Vec<PathBuf> = entries.filter(names).collect();
    for path in &left {
        let mode = fs::metadata(path).unwrap().mode() & 0o777;
        let content = String::from_utf8(fs::read(path).unwrap()).unwrap();
        let secret = content.starts_with('-') || content.starts_with("PuTTY");
        assert!(mode == 0o600 || !secret, "{}: {mode:o}", path.display());
    }
    left
}

/// Runs a command again and again, killed at the first, second, third … call of each kind, and
/// looks at what it left. Returns how many ends left something unfinished.
#[track_caller]
fn killed_everywhere(world: &World, command: impl Fn(Run) -> Run, look: impl Fn(bool)) -> usize {
    let mut unfinished = 0;
    for call in CALLS {
        for number in 1.. {
            assert!(number < 200, "{call} never ends");
            let trace = world.system_program("strace");
            let inject = format!("inject={call}:signal=KILL:when={number}");
            let trace = trace.args(["-f", "-o", "trace", "-e"]).arg(format!("trace={call}"));
            let trace = trace.args(["-e", &inject, "--"]).arg(env!("CARGO_BIN_EXE_keyfob"));
            let output = command(trace).output();
            let done = output.status.is_some_and(|status| status.success());
            let killed = output.status.and_then(|status| status.signal()) == Some(9);
            assert!(done || killed, "{call} {number}: {output}");
            look(done);
            let left = leftovers(&world.home());
            unfinished += usize::from(!left.is_empty());
            left.iter().for_each(|path| fs::remove_file(path).unwrap());
            if done {
                break;
            }
        }
    }
    unfinished
}

fn strace_works(world: &World) -> bool {
    if !Path::new("/usr/bin/strace").exists() {
        skipped("strace is not installed");
        return false;
    }
    let run = world.system_program("strace").args(["-o", "/dev/null", "true"]).output();
    let works = run.status.is_some_and(|status| status.success());
    if !works {
        skipped("strace may not trace here");
    }
    works
}

#[test]
fn a_sudden_end_at_any_moment_loses_no_key() {
    let world = world();
    if !strace_works(&world) {
        return;
    }
    let key = locked_key(&world, "id");
    let line = key.public_line();
    let old = fs::read(key.path()).unwrap();
    let unfinished = killed_everywhere(
        &world,
        |run| change_passphrase(run, key.path()),
        |done| {
            let now = fs::read(key.path()).unwrap();
            if now == old {
                assert!(!done, "nothing was changed");
                return;
            }
            assert!(opens(&world, key.path(), "new passphrase", &line));
            assert_eq!(fs::metadata(key.path()).unwrap().mode() & 0o777, 0o600);
            fs::write(key.path(), &old).unwrap();
        },
    );
    assert!(unfinished > 1, "nothing was killed in the middle of writing");
}

#[test]
fn a_sudden_end_between_two_files_leaves_both_whole() {
    let world = world();
    if !strace_works(&world) {
        return;
    }
    let key = locked_key(&world, "id");
    let line = key.public_line();
    let (old, old_public) = (fs::read(key.path()).unwrap(), fs::read(key.public_path()).unwrap());
    let unfinished = killed_everywhere(
        &world,
        |run| change_comment(run, key.path()),
        |_| {
            assert!(opens(&world, key.path(), "old", &line));
            let words: Vec<&str> = line.splitn(3, ' ').collect();
            let public = key.public_line();
            let found: Vec<&str> = public.splitn(3, ' ').collect();
            assert_eq!(found[..2], words[..2]);
            assert!([words[2], "another comment"].contains(&found[2]), "{public}");
            fs::write(key.path(), &old).unwrap();
            fs::write(key.public_path(), &old_public).unwrap();
        },
    );
    assert!(unfinished > 2, "nothing was killed in the middle of writing");
}

#[test]
fn a_sudden_end_leaves_no_new_pair_or_one_that_can_be_made_whole() {
    let world = world();
    if !strace_works(&world) {
        return;
    }
    world.write("new", "new passphrase\n", 0o600);
    let (private, public) = (world.path("id"), world.path("id.pub"));
    let unfinished = killed_everywhere(
        &world,
        |run| make(run, "id"),
        |done| {
            if private.exists() {
                assert_eq!(fs::metadata(&private).unwrap().mode() & 0o777, 0o600);
                // What the public half is made of again.
                let again = keyfob(&world).args(["public", "id"]).output().exits(0).stdout();
                assert!(opens(&world, &private, "new passphrase", &again));
                match fs::read_to_string(&public) {
                    Ok(line) => assert_eq!(key_of(&line), key_of(&again)),
                    Err(_) => assert!(!done),
                }
                fs::remove_file(&private).unwrap();
                let _ = fs::remove_file(&public);
            }
            assert!(!public.exists(), "a public half of nothing");
        },
    );
    assert!(unfinished > 2, "nothing was killed in the middle of writing");
}

#[test]
fn a_sudden_end_leaves_the_old_pair_or_the_new_one() {
    let world = world();
    if !strace_works(&world) {
        return;
    }
    let key = locked_key(&world, "id");
    let (old, old_public) = (fs::read(key.path()).unwrap(), key.public_line());
    let unfinished = killed_everywhere(
        &world,
        |run| make(run, "id").arg("--force"),
        |done| {
            let public = key.public_line();
            if fs::read(key.path()).unwrap() == old {
                assert!(!done, "nothing was replaced");
                assert_eq!(public, old_public);
                return;
            }
            let again = keyfob(&world).args(["public", "id"]).output().exits(0).stdout();
            assert!(opens(&world, key.path(), "new passphrase", &again));
            assert_ne!(key_of(&again), key_of(&old_public));
            // Two names cannot be taken in one step: between them the public one is the old one.
            let is_new = key_of(&public) == key_of(&again);
            assert!(is_new || (!done && public == old_public), "{public}");
            fs::write(key.path(), &old).unwrap();
            fs::write(key.public_path(), format!("{old_public}\n")).unwrap();
        },
    );
    assert!(unfinished > 2, "nothing was killed in the middle of writing");
}

#[test]
fn a_sudden_end_leaves_no_half_of_a_converted_file() {
    let world = world();
    if !strace_works(&world) {
        return;
    }
    let key = locked_key(&world, "id");
    let old = fs::read(key.path()).unwrap();
    let out = world.path("out");
    let unfinished = killed_everywhere(
        &world,
        |run| {
            let run = run.args(["convert", "--passphrase-file", "old", "--to", "ppk2"]);
            run.args(["-o", "out", "id"])
        },
        |done| {
            assert_eq!(fs::read(key.path()).unwrap(), old);
            if !out.exists() {
                assert!(!done, "nothing was written");
                return;
            }
            assert_eq!(fs::metadata(&out).unwrap().mode() & 0o777, 0o600);
            let puttygen = world.system_program("puttygen").args(["-L", "out"]);
            let read = puttygen.args(["--old-passphrase", "old"]).output();
            assert_eq!(key_of(&read.exits(0).stdout()), key_of(&key.public_line()));
            fs::remove_file(&out).unwrap();
        },
    );
    assert!(unfinished > 1, "nothing was killed in the middle of writing");
}

#[test]
fn a_sudden_end_leaves_a_file_converted_in_its_place_or_as_it_was() {
    let world = world();
    if !strace_works(&world) {
        return;
    }
    let key = world.key(KeyType::EcdsaP256, "id");
    let line = key.public_line();
    let old = fs::read(key.path()).unwrap();
    let unfinished = killed_everywhere(
        &world,
        |run| run.args(["convert", "--to", "pem", "-fo", "id", "id"]),
        |done| {
            assert_eq!(key.public_line(), line);
            let now = fs::read(key.path()).unwrap();
            if now == old {
                assert!(!done, "nothing was changed");
                return;
            }
            assert!(now.starts_with(b"-----BEGIN EC PRIVATE KEY-----"));
            assert!(opens(&world, key.path(), "", &line));
            assert_eq!(fs::metadata(key.path()).unwrap().mode() & 0o777, 0o600);
            fs::write(key.path(), &old).unwrap();
        },
    );
    assert!(unfinished > 1, "nothing was killed in the middle of writing");
}

/// A key and its file `putty` with a certificate inside, of which there may be no other copy.
fn file_of_putty_with_certificate(world: &World, kind: KeyType) -> (KeyFile, Vec<u8>) {
    let key = world.key(kind, "id");
    Authority::new(world, "ca").certify(&key, &CertificateRequest::default());
    world.write("none", "", 0o600);
    let putty = ["--certificate", "id-cert.pub", "--new-passphrase", "none"];
    let make = world.system_program("puttygen").args(["id", "-o", "putty"]).args(putty);
    make.output().exits(0);
    (key, fs::read(world.path("putty")).unwrap())
}

#[test]
fn a_sudden_end_loses_no_certificate_that_goes_into_a_file_of_its_own() {
    let world = world();
    if !strace_works(&world) {
        return;
    }
    let (key, old) = file_of_putty_with_certificate(&world, KeyType::Ed25519);
    let (private, aside) = (world.path("putty"), world.path("putty-cert.pub"));
    let unfinished = killed_everywhere(
        &world,
        |run| run.args(["convert", "--to", "openssh", "-fo", "putty", "putty"]),
        |done| {
            let is_old = fs::read(&private).unwrap() == old;
            assert!(!(is_old && done), "nothing was changed");
            if !is_old || aside.exists() {
                let line = fs::read_to_string(&aside).unwrap();
                assert_eq!(key_of(&line), key_of(&key.certificate_line()));
            }
            if !is_old {
                assert!(opens(&world, &private, "", &key.public_line()));
                fs::write(&private, &old).unwrap();
            }
            let _ = fs::remove_file(&aside);
        },
    );
    assert!(unfinished > 2, "nothing was killed in the middle of writing");
}

#[test]
fn a_failure_to_convert_leaves_no_certificate_behind() {
    let world = world();
    let old = file_of_putty_with_certificate(&world, KeyType::Rsa2048).1;
    // Room for the certificate and not for the key.
    for limit in ["0", "1400"] {
        let run = world.system_program("prlimit").arg(format!("--fsize={limit}:{limit}"));
        let run = run.arg(env!("CARGO_BIN_EXE_keyfob")).args(["convert", "--to", "pkcs8"]);
        let output = run.args(["-fo", "putty", "putty"]).output();
        let name = if limit == "0" { "putty-cert.pub" } else { "putty" };
        output.exits(1).reports_among_else(&format!("{name}: cannot write: File too large"));
        assert_eq!(fs::read(world.path("putty")).unwrap(), old);
        assert!(!world.path("putty-cert.pub").exists());
        assert!(leftovers(&world.home()).is_empty());
    }
}

#[test]
fn a_limit_on_the_size_of_files_leaves_the_old_one_where_ssh_keygen_loses_it() {
    let world = world();
    for limit in ["0", "100"] {
        let key = locked_key(&world, limit);
        let (old, public) = (fs::read(key.path()).unwrap(), fs::read(key.public_path()).unwrap());
        let limited = || {
            let limit = format!("--fsize={limit}:{limit}");
            world.system_program("prlimit").arg(limit)
        };
        let ours = || limited().arg(env!("CARGO_BIN_EXE_keyfob"));
        let failed = change_passphrase(ours(), key.path()).output();
        failed.exits(1).reports_among_else("cannot write: File too large");
        hints(&failed, "nothing was changed");
        change_comment(ours(), key.path()).output().exits(1);
        let convert = |out: &str| {
            let run = ours().args(["convert", "--passphrase-file", "old", "--to", "ppk2", "-fo"]);
            run.arg(out).arg(key.path()).output()
        };
        for failed in [
            make(ours(), limit).arg("--force").output(),
            make(ours(), "another").output(),
            convert(limit),
            convert("another"),
        ] {
            failed.exits(1).reports_among_else("cannot write: File too large");
        }
        assert!(!world.path("another").exists() && !world.path("another.pub").exists());
        assert_eq!(fs::read(key.path()).unwrap(), old);
        assert_eq!(fs::read(key.public_path()).unwrap(), public);
        assert!(leftovers(&world.home()).is_empty());

        // The reason for all this.
        let theirs =
            limited().args(["ssh-keygen", "-q", "-p", "-P", "old", "-N", "new pass", "-f"]);
        theirs.arg(key.path()).output();
        assert!(
            !opens(&world, key.path(), "old", &key.public_line())
                && !opens(&world, key.path(), "new pass", &key.public_line()),
            "ssh-keygen has learnt not to lose keys: say so where keyfob says that it does"
        );
    }
}

/// Runs inside a user namespace of its own, where anybody may mount.
const ON_A_FULL_DISK: &str = r#"
set -e
mkdir disk
mount -t tmpfs -o size=64k none disk
cp id id.pub old new disk
cd disk
cat /dev/zero >fill 2>/dev/null || true
set +e
"$1" passphrase -a 1 --passphrase-file old --new-passphrase-file new id
echo "$?" >>../codes
"$1" comment --passphrase-file old id another
echo "$?" >>../codes
"$1" generate -q --no-passphrase -f fresh
echo "$?" >>../codes
"$1" generate -q --no-passphrase --force -f id
echo "$?" >>../codes
"$1" convert --passphrase-file old --to ppk2 -o out id
echo "$?" >>../codes
"$1" convert --passphrase-file old --to ppk2 -fo id id
echo "$?" >>../codes
ls -A >../names
cat id >../id.after
cat id.pub >../id.pub.after
"#;

#[test]
fn a_full_disk_leaves_the_old_file() {
    let world = world();
    let unshare = || world.system_program("unshare").args(["--user", "--map-root-user", "--mount"]);
    if !unshare().arg("true").output().status.is_some_and(|status| status.success()) {
        skipped("no user namespaces here, so nothing can be mounted");
        return;
    }
    let key = locked_key(&world, "id");
    let run = unshare().args(["sh", "-c", ON_A_FULL_DISK, "sh", env!("CARGO_BIN_EXE_keyfob")]);
    let output = run.output();
    output.exits(0).reports_among_else("cannot write: No space left on device");
    hints(&output, "no room on the disk");
    let text = |name: &str| fs::read_to_string(world.path(name)).unwrap();
    assert_eq!(text("codes"), "1\n".repeat(6));
    assert_eq!(text("names"), "fill\nid\nid.pub\nnew\nold\n");
    assert_eq!(fs::read(world.path("id.after")).unwrap(), fs::read(key.path()).unwrap());
    assert_eq!(text("id.pub.after"), text("id.pub"));
}

#[test]
fn a_folder_that_may_not_be_written_to_is_told_before_anybody_types_a_passphrase() {
    let world = world();
    let folder = world.make_folder("closed");
    let key = world.encrypted_key(KeyType::Ed25519, "closed/id", "old");
    world.write("new", "new passphrase\n", 0o600);
    let nobody = || {
        let run = world.system_program("setpriv").args(["--reuid=65534", "--clear-groups"]);
        run.args(["--", "sh", "-c"])
    };
    if !nobody().arg("true").output().status.is_some_and(|status| status.success()) {
        skipped("only root can become somebody else");
        return;
    }
    // Somebody else's folder and key, with every door on the way open.
    for (path, mode) in
        [(world.folder(), 0o755), (&world.home(), 0o755), (&folder, 0o755), (key.path(), 0o644)]
    {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    let binary = world.folder().join("keyfob-for-nobody");
    fs::copy(env!("CARGO_BIN_EXE_keyfob"), &binary).unwrap();
    let script =
        format!("{} passphrase --new-passphrase-file new closed/id </dev/null", binary.display());
    let theirs = nobody().arg(&script).output();
    theirs.exits(1).reports_among_else("closed/id: belongs to another user\n");
    std::os::unix::fs::chown(key.path(), Some(65534), None).unwrap();
    let closed = nobody().arg(&script).output();
    closed
        .exits(1)
        .reports_among_else("cannot make a file in the folder closed: Permission denied");
    hints(&closed, "you must be able to write to the folder");
}

#[test]
fn root_changes_other_peoples_files_and_they_stay_theirs() {
    let world = world();
    if !rustix::process::geteuid().is_root() {
        skipped("only root can give files away");
        return;
    }
    let key = locked_key(&world, "id");
    std::os::unix::fs::chown(key.path(), Some(65534), Some(65534)).unwrap();
    change_passphrase(keyfob(&world), key.path()).output().exits(0);
    let facts = fs::metadata(key.path()).unwrap();
    assert_eq!((facts.uid(), facts.gid(), facts.mode() & 0o777), (65534, 65534, 0o600));
}

#[test]
fn the_umask_opens_no_private_file_and_narrows_public_ones() {
    let world = world();
    world.key(KeyType::Ed25519, "id");
    for (umask, public) in [("000", 0o644), ("077", 0o600)] {
        let script = format!(
            "umask {umask} && {0} convert id --to openssh -fo out && \
             {0} convert id.pub --to line -fo out.pub",
            env!("CARGO_BIN_EXE_keyfob")
        );
        world.system_program("sh").args(["-c", &script]).output().exits(0);
        let mode = |name: &str| fs::metadata(world.path(name)).unwrap().mode() & 0o777;
        assert_eq!((mode("out"), mode("out.pub")), (0o600, public), "umask {umask}");
        fs::remove_file(world.path("out.pub")).unwrap();
    }
}
