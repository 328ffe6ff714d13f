//! What the tests of the commands share.
//!
//! The drop-in names are compared with the originals in `tests/compliance`;
//! here it is `keyfob`'s own words, and what only OpenSSH 10.5 does.

use std::path::{Path, PathBuf};
use std::time::Duration;

use keyfob_testkit::{Implementation, Output, Run, RunningAgent, World};

/// A world of ours.
pub(crate) fn world() -> World {
    World::new(Implementation::Keyfob).expect("keyfob and OpenSSH's client programs are there")
}

/// A world of OpenSSH's programs: its agent, to be called by our client.
pub(crate) fn openssh_world() -> World {
    World::new(Implementation::OpenSsh).expect("OpenSSH's client programs are there")
}

/// `keyfob` with its runtime folder inside the world, not told of an agent.
pub(crate) fn keyfob(world: &World) -> Run {
    let runtime = world.make_folder("run");
    let binary = Path::new(env!("CARGO_BIN_EXE_keyfob"));
    let link = world.folder().join("bin/keyfob");
    let _ = std::os::unix::fs::symlink(binary, link);
    world.program("keyfob").env("XDG_RUNTIME_DIR", runtime).env("SHELL", "/bin/sh")
}

/// `keyfob`, told of this agent.
pub(crate) fn keyfob_with(world: &World, agent: &RunningAgent) -> Run {
    keyfob(world).env("SSH_AUTH_SOCK", agent.socket())
}

/// Our `ssh-add`, told of an agent that may be another's.
pub(crate) fn our_ssh_add(world: &World, agent: &RunningAgent) -> Run {
    let link = world.folder().join("bin/ssh-add");
    let _ = std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_keyfob"), link);
    world.program("ssh-add").env("SSH_AUTH_SOCK", agent.socket())
}

/// Asserts that the output has a hint that contains this.
#[track_caller]
pub(crate) fn hints(output: &Output, part: &str) {
    let stderr = output.stderr();
    let found = stderr.lines().any(|line| line.starts_with("hint: ") && line.contains(part));
    assert!(found, "wanted a hint with {part:?}\n{output}");
}

/// Says that a test did not run here, and why.
#[allow(clippy::print_stdout, reason = "a skipped test says so")]
pub(crate) fn skipped(why: &str) {
    println!("skipped: {why}");
}

/// The passphrase of the stores made here.
pub(crate) const STORE_PASSPHRASE: &str = "velvet harbour oxide";

/// Makes a key store, as cheap as one can be, and the file with its passphrase.
pub(crate) fn make_store(world: &World) {
    world.write("store-passphrase", format!("{STORE_PASSPHRASE}\n"), 0o600);
    let flags = ["--memory", "64M", "--recovery-file", "recovery-code"];
    keyfob_unlocking(world, "init").args(flags).output().exits(0);
}

/// A command of `keyfob` that opens the store without a question.
pub(crate) fn keyfob_unlocking(world: &World, command: &str) -> Run {
    let passphrase = ["--store-passphrase-file", "store-passphrase"];
    keyfob(world).arg(command).args(passphrase).limit(Duration::from_secs(60))
}

/// A name in the folder of the store.
pub(crate) fn in_store(world: &World, name: &str) -> PathBuf {
    world.path(".local/share/keyfob/store").join(name)
}

/// The fingerprint `ssh-keygen` finds in a file.
pub(crate) fn fingerprint(world: &World, path: &Path) -> String {
    let output = world.system_program("ssh-keygen").arg("-lf").arg(path).output();
    output.exits(0);
    output.stdout().split(' ').nth(1).unwrap().to_owned()
}
