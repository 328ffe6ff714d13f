//! Linked key files, read by the real helper through what the agent uses for it.
//!
//! Lost without these: the key of a format nobody tried, a plain word on what is wrong with a
//! file, and the walls, the pipes and the end of a process that holds a file and its passphrase.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use keyfob_daemon::linked::{COMMAND, Helper, LinkedError, Problem, open};
use keyfob_keys::{Curve, PrivateKey, PublicKey, Secret};
use keyfob_testkit::{KeyFile, KeyType, World};
use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::support::{keyfob, skipped, world};

const PASSPHRASE: &str = "of the linked file";

/// Everything after the walls, with nothing that is not needed: see `syscalls`.
const CALLS: &[&str] = &[
    "brk",
    "close",
    "exit_group",
    "fcntl",
    "madvise",
    "mlock",
    "mmap",
    "mprotect",
    "munmap",
    "read",
    "sigaltstack",
    "write",
];

fn real_helper() -> Helper {
    Helper::new(env!("CARGO_BIN_EXE_keyfob"))
}

fn public(key: &KeyFile) -> PublicKey {
    PublicKey::from_blob(&key.blob()).unwrap()
}

/// What the agent would get.
fn opened(
    helper: &Helper,
    path: &Path,
    passphrase: Option<&str>,
    expected: &PublicKey,
) -> Result<PrivateKey, LinkedError> {
    let passphrase = passphrase.map(|words| Secret::from(words.as_bytes().to_vec()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(open(helper, path, passphrase.as_ref(), expected))
}

/// The error, in words behind the path.
#[track_caller]
fn refusal(path: &Path, passphrase: Option<&str>, expected: &PublicKey) -> String {
    let error = opened(&real_helper(), path, passphrase, expected).unwrap_err().to_string();
    let rest = error.strip_prefix(&format!("{}: ", path.display()));
    rest.unwrap_or_else(|| panic!("no path before it: {error}")).to_owned()
}

/// The same key in every form and under every derivation there is, encrypted.
fn forms(world: &World, kind: KeyType) -> (PublicKey, Vec<PathBuf>) {
    let key = world.encrypted_key(kind, "id", PASSPHRASE);
    // openssl takes the second line for what it writes.
    world.write("pw", format!("{PASSPHRASE}\n{PASSPHRASE}\n"), 0o600);
    let mut paths = vec![key.path().to_owned()];
    for form in ["pem", "pkcs8", "ppk", "ppk2"] {
        if form == "pkcs8" && kind != KeyType::Ed25519 {
            // With few iterations, where ssh-keygen can: the cost is not under test.
            paths.push(key.copied_to(&world.path(form)).path().to_owned());
            let run = world.system_program("ssh-keygen").args(["-q", "-p", "-m", "PKCS8"]);
            run.args(["-P", PASSPHRASE, "-N", PASSPHRASE, "-f", form]).output().exits(0);
            continue;
        }
        let flags = ["convert", "--to", form, "--passphrase-file", "pw", "-fo", form, "id"];
        if (kind, form) != (KeyType::Ed25519, "pem") {
            keyfob(world).args(flags).output().exits(0);
            paths.push(world.path(form));
        }
    }
    for (name, flags) in [
        ("scrypt", &["-scrypt"][..]),
        ("pbes1", &["-v1", "PBE-SHA1-3DES"]),
        ("md5", &["-v1", "PBE-MD5-DES", "-provider", "legacy", "-provider", "default"]),
    ] {
        let run = world.system_program("openssl").args(["pkcs8", "-topk8", "-in", "pkcs8"]);
        let passwords = ["-passin", "file:pw", "-passout", "file:pw", "-out", name];
        // Not every openssl still writes the old ones.
        if run.args(passwords).args(flags).output().code() == Some(0) {
            fs::set_permissions(world.path(name), fs::Permissions::from_mode(0o600)).unwrap();
            paths.push(world.path(name));
        }
    }
    (public(&key), paths)
}

#[test]
fn every_form_of_every_type_is_read() {
    let world = world();
    for kind in KeyType::EACH {
        let (expected, paths) = forms(&world, kind);
        assert!(paths.iter().any(|path| path.ends_with("scrypt")), "{paths:?}");
        for path in paths {
            let key = opened(&real_helper(), &path, Some(PASSPHRASE), &expected);
            let key = key.unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(key.public(), &expected, "{path:?}");
            fs::remove_file(path).unwrap();
        }
    }
}

/// The files that the parsers are tested with, good and bad: no one of them makes the reader try
/// what is closed to it, or die. This is where a call that is missing in the list would show.
#[test]
fn every_file_the_parsers_know_is_answered_for() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../keyfile/tests/fixtures");
    // Some comments in it are no UTF-8; nothing here depends on them.
    let manifest = fs::read(fixtures.join("manifest.tsv")).unwrap();
    let world = world();
    let (stranger, mut keys) = (PrivateKey::ed25519_from_seed(&[1; 32]), 0);
    for line in String::from_utf8_lossy(&manifest).lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let path = world.write("id", fs::read(fixtures.join(fields[0])).unwrap(), 0o600);
        let passphrase = Some(fields[1]).filter(|word| *word != "-");
        let error = opened(&real_helper(), &path, passphrase, stranger.public()).unwrap_err();
        match error.problem {
            Problem::AnotherKey { .. } => keys += 1,
            Problem::NotAKey(_)
            | Problem::PassphraseNeeded
            | Problem::WrongPassphrase
            | Problem::Unusable(_)
            | Problem::TooSlow(_) => {}
            _ => panic!("{}: {error}", fields[0]),
        }
    }
    assert!(keys > 100, "only {keys} keys were read");
}

#[test]
fn a_file_without_a_passphrase_is_read_with_and_without_one() {
    let world = world();
    let key = world.key(KeyType::Ed25519, "a key with blanks");
    for passphrase in [None, Some("superfluous")] {
        assert!(opened(&real_helper(), key.path(), passphrase, &public(&key)).is_ok());
    }
    let link = world.path("link");
    std::os::unix::fs::symlink(key.path(), &link).unwrap();
    assert!(opened(&real_helper(), &link, None, &public(&key)).is_ok(), "through a link");
}

/// What keeps the list of system calls honest, in both directions.
#[test]
fn nothing_is_called_that_is_not_allowed_and_nothing_allowed_that_is_not_called() {
    if !Path::new("/usr/bin/strace").exists() {
        return skipped("strace is not installed");
    }
    let world = world();
    let trace = world.path("trace");
    let tracing = wrapped(&world, &format!("exec /usr/bin/strace -qq -o '{}'", trace.display()));
    let mut seen = std::collections::BTreeSet::new();
    let mut read = |path: &Path, expected: &PublicKey| {
        let key = opened(&tracing, path, Some(PASSPHRASE), expected);
        let text = fs::read_to_string(&trace).unwrap();
        assert!(key.is_ok(), "{path:?}: {:?}\n{text}", key.err());
        let (_, after) = text.split_once("seccomp(SECCOMP_SET_MODE_FILTER").unwrap();
        let calls = after.lines().skip(1).filter_map(|line| line.split_once('('));
        seen.extend(calls.map(|(name, _)| name.to_owned()));
    };
    for kind in [KeyType::Ed25519, KeyType::EcdsaP521, KeyType::Rsa3072] {
        let (expected, paths) = forms(&world, kind);
        for path in paths {
            read(&path, &expected);
            fs::remove_file(path).unwrap();
        }
    }
    // Memory that is taken from the system and given back.
    let key = world.encrypted_key(KeyType::Ed25519, "id", PASSPHRASE);
    let large = argon2_file(&world, "400000", "1");
    read(&large, &public(&key));
    // How often a small heap has to grow is chance.
    seen.insert("brk".to_owned());
    let wanted = CALLS.iter().filter(|name| cfg!(debug_assertions) || **name != "fcntl");
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), wanted.copied().collect::<Vec<_>>());
}

/// A helper behind this, which ends in starting what is appended.
fn wrapped(world: &World, before: &str) -> Helper {
    let path = world.unused("helper");
    let binary = env!("CARGO_BIN_EXE_keyfob");
    world.script(&path, &format!("#!/bin/sh\n{before} '{binary}' {COMMAND}\n"));
    Helper::new(path)
}

/// The key `id` as PuTTY writes it, with this memory in KiB and these passes.
fn argon2_file(world: &World, memory: &str, passes: &str) -> PathBuf {
    world.write("pw", PASSPHRASE, 0o600);
    let parameters = format!("kdf=argon2id,memory={memory},passes={passes}");
    let run = world.system_program("puttygen").args(["id", "-O", "private", "-o", "id.ppk"]);
    let run = run.args(["--old-passphrase", "pw", "--new-passphrase", "pw", "--ppk-param"]);
    run.arg(parameters).output().exits(0);
    world.path("id.ppk")
}

/// A file that takes seconds to open, and then does not: what it asks for is changed in a header.
fn slow_file(world: &World, passes: &str) -> PathBuf {
    let honest = fs::read_to_string(argon2_file(world, "8192", "1")).unwrap();
    let text = honest.replace("Argon2-Passes: 1", &format!("Argon2-Passes: {passes}"));
    world.write("slow.ppk", text, 0o600)
}

#[test]
fn a_wrong_passphrase_and_a_missing_one_are_told_apart() {
    let world = world();
    let key = world.encrypted_key(KeyType::Ed25519, "id", PASSPHRASE);
    let expected = public(&key);
    let wrong = refusal(key.path(), Some("another"), &expected);
    assert_eq!(wrong, "the remembered passphrase does not open it");
    let missing = refusal(key.path(), None, &expected);
    assert_eq!(missing, "its key is encrypted, and no passphrase for it is remembered");
}

#[test]
fn what_is_in_the_way_of_a_file_is_said() {
    let world = world();
    let key = world.key(KeyType::Ed25519, "id");
    let expected = public(&key);
    let refused = |path: &Path| refusal(path, None, &expected);
    assert_eq!(refused(&world.path("gone")), "no such file");
    assert_eq!(refused(&world.home()), "is a folder, not a file");
    assert_eq!(refused(&key.path().join("below")), "Not a directory");
    assert_eq!(refused(Path::new("/dev/zero")), "is a device, not a file");
    let public_half = key.public_path();
    fs::write(&public_half, key.public_line()).unwrap();
    assert_eq!(refused(&public_half), "this is a public key, not a private one");
    let notes = world.write("notes", "nothing to see\u{1b}[31m", 0o600);
    assert_eq!(refused(&notes), "no key found in the file");
    let large = world.write("large", vec![b'x'; (1 << 20) + 1], 0o600);
    assert_eq!(refused(&large), "is larger than 1024 KiB");
    key.set_mode(0o644);
    assert_eq!(refused(key.path()), "others may read it (mode 0644), so it is not used");
}

/// Nobody writes into it, perhaps for ever.
#[test]
fn a_fifo_is_not_waited_for() {
    let world = world();
    let fifo = world.path("fifo");
    mknodat(CWD, &fifo, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    let started = Instant::now();
    let expected = PrivateKey::ed25519_from_seed(&[1; 32]);
    assert_eq!(refusal(&fifo, None, expected.public()), "is a FIFO, not a file");
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
}

#[test]
fn another_key_in_the_file_is_not_used() {
    let world = world();
    let key = world.key(KeyType::EcdsaP256, "id");
    for other in [
        PrivateKey::ed25519_from_seed(&[1; 32]),
        PrivateKey::ecdsa_from_scalar(Curve::P256, &[1; 32]).unwrap(),
    ] {
        let refused = refusal(key.path(), None, other.public());
        assert!(refused.starts_with("another key is in the file: SHA256:"), "{refused}");
    }
}

/// What a file asks for is refused before it is done: no time and no memory go into it.
#[test]
fn hostile_costs_are_refused_at_once() {
    let world = world();
    let key = world.encrypted_key(KeyType::Ed25519, "id", PASSPHRASE);
    let honest = fs::read_to_string(argon2_file(&world, "8192", "1")).unwrap();
    for (line, hostile) in [
        ("Argon2-Memory: 8192", "Argon2-Memory: 2097152"),
        ("Argon2-Passes: 1", "Argon2-Passes: 2000"),
    ] {
        let text = honest.replace(line, hostile);
        assert_ne!(text, honest);
        let path = world.write("hostile.ppk", text, 0o600);
        let started = Instant::now();
        let error = opened(&real_helper(), &path, Some(PASSPHRASE), &public(&key)).unwrap_err();
        assert!(matches!(error.problem, Problem::TooSlow(_)), "{error}");
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    }
}

/// A helper at work on something that takes seconds, looked at from outside.
struct AtWork {
    pid: u32,
    thread: std::thread::JoinHandle<Result<PrivateKey, LinkedError>>,
    /// Open for whoever is started, as a shell leaves its descriptors to an agent.
    _left_open: fs::File,
    _world: World,
}

impl AtWork {
    /// Returns when the helper has its walls.
    fn start() -> Self {
        let world = world();
        let key = world.encrypted_key(KeyType::Ed25519, "id", PASSPHRASE);
        let expected = public(&key);
        let path = slow_file(&world, "600");
        let left_open = fs::File::open("/dev/null").unwrap();
        rustix::io::fcntl_setfd(&left_open, rustix::io::FdFlags::empty()).unwrap();
        let pid = world.path("pid");
        let helper = wrapped(&world, &format!("echo $$ > '{}'; exec", pid.display()));
        let thread =
            std::thread::spawn(move || opened(&helper, &path, Some(PASSPHRASE), &expected));
        let read = || fs::read_to_string(&pid).ok()?.trim().parse::<u32>().ok();
        let closed_in = || read().is_some_and(|pid| status(pid, "Seccomp") == "2");
        world.waits_until("the walls", Duration::from_secs(10), closed_in);
        Self { pid: read().unwrap(), thread, _left_open: left_open, _world: world }
    }

    fn file(&self, name: &str) -> PathBuf {
        Path::new("/proc").join(self.pid.to_string()).join(name)
    }
}

/// A field of `/proc/PID/status`; empty for a process that is gone.
fn status(pid: u32, field: &str) -> String {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    line.unwrap_or_default().trim().to_owned()
}

#[test]
fn at_work_it_is_closed_in_and_shows_no_passphrase() {
    let helper = AtWork::start();
    assert_eq!(status(helper.pid, "NoNewPrivs"), "1");
    assert_eq!(status(helper.pid, "Threads"), "1");
    let arguments = fs::read(helper.file("cmdline")).unwrap();
    let own = env!("CARGO_BIN_EXE_keyfob");
    assert_eq!(arguments, format!("{own}\0{COMMAND}\0").into_bytes());
    let limits = fs::read_to_string(helper.file("limits")).unwrap();
    for (name, most) in
        [("Max open files", "0"), ("Max file size", "0"), ("Max core file size", "0")]
    {
        let line = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        assert!(line.split_whitespace().take(2).all(|word| word == most), "{name}{line}");
    }
    // Not for other processes of the same user, so for root only.
    match (fs::read(helper.file("environ")), fs::read_dir(helper.file("fd"))) {
        (Ok(environment), Ok(descriptors)) => {
            let text = String::from_utf8_lossy(&environment);
            // A shell stood between, which sets these.
            let foreign = |line: &&str| !["PWD=/", "", "OLDPWD=/", "_=", "SHLVL=0"].contains(line);
            assert_eq!(text.split('\0').filter(foreign).collect::<Vec<_>>(), [""; 0]);
            // The streams, the request once more, and the file.
            assert_eq!(descriptors.count(), 5);
        }
        _ => skipped("only root may look at the environment and the descriptors of the helper"),
    }
    let outcome = helper.thread.join().unwrap().unwrap_err();
    assert!(matches!(outcome.problem, Problem::WrongPassphrase), "{outcome}");
}

/// The agent is killed: nothing of it is left that holds a passphrase.
#[test]
fn it_ends_with_the_agents_end_of_the_pipe() {
    let world = world();
    world.encrypted_key(KeyType::Ed25519, "id", PASSPHRASE);
    let path = slow_file(&world, "1200");
    let mut helper = std::process::Command::new(env!("CARGO_BIN_EXE_keyfob"));
    let pipes = [std::process::Stdio::piped(), std::process::Stdio::piped()];
    let [stdin, stdout] = pipes;
    let mut helper = helper.arg(COMMAND).stdin(stdin).stdout(stdout).spawn().unwrap();
    let mut pipe = helper.stdin.take().unwrap();
    let passphrase = Secret::from(PASSPHRASE.as_bytes().to_vec());
    let request = keyfob_daemon::linked::Request::encode(
        keyfob_daemon::linked::Of::Path(&path),
        Some(&passphrase),
    )
    .unwrap();
    std::io::Write::write_all(&mut pipe, &request).unwrap();
    let pid = helper.id();
    world.waits_until("the walls", Duration::from_secs(10), || status(pid, "Seccomp") == "2");
    assert!(helper.try_wait().unwrap().is_none(), "it was faster than the test");
    drop(pipe);
    let started = Instant::now();
    let ended = helper.wait().unwrap();
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    let signal = std::os::unix::process::ExitStatusExt::signal(&ended);
    assert_eq!(signal, Some(rustix::process::Signal::IO.as_raw()), "{ended}");
}

#[test]
fn it_is_killed_when_its_time_is_over() {
    let world = world();
    let key = world.encrypted_key(KeyType::Ed25519, "id", PASSPHRASE);
    let path = slow_file(&world, "1200");
    let helper = real_helper().with_patience(Duration::from_secs(1));
    let error = opened(&helper, &path, Some(PASSPHRASE), &public(&key)).unwrap_err();
    assert!(matches!(error.problem, Problem::TimedOut { .. }), "{error}");
}

/// This test's own binary is another program, so that is all that can be seen of it here.
#[test]
fn the_program_that_runs_is_found_without_its_path() {
    let expected = PrivateKey::ed25519_from_seed(&[1; 32]);
    let error = opened(&Helper::of_this_program(), Path::new("/k"), None, expected.public());
    assert!(matches!(error.unwrap_err().problem, Problem::Died(_) | Problem::Garbled(_)));
}

#[test]
fn a_person_is_told_that_it_is_not_for_people() {
    let (output, shown, _) = keyfob(&world()).arg(COMMAND).on_whole_terminal().wait();
    output.exits(1);
    assert!(shown.contains("read-linked-file is how the agent reads a key file"), "{shown}");
}

#[test]
fn what_is_no_request_is_refused() {
    for bytes in [&b""[..], b"\xff\xff\xff\xff", b"\0\0\0\x01\x09", b"Hello, who is there?"] {
        let output = keyfob(&world()).arg(COMMAND).stdin(bytes).output();
        output.exits(1);
        assert_eq!(output.stdout(), "");
    }
}

#[test]
fn nobody_finds_the_command_by_looking_for_it() {
    let world = world();
    for arguments in [&["--help"][..], &["help"], &["man"], &["completions", "bash"]] {
        let output = keyfob(&world).args(arguments).output();
        assert!(!output.stdout().contains(COMMAND), "{arguments:?}");
    }
}
