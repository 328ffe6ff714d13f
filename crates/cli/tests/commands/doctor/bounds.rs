//! It never waits for what may never come.

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::time::Duration;

use keyfob_testkit::World;

use super::{Found, doctor, doctor_with, own_agent};
use crate::support::{skipped, world};

/// Longer than it may take, on a machine that is busy.
const BOUND: Duration = Duration::from_secs(20);

fn fifo(world: &World, name: &str) -> std::path::PathBuf {
    let path = world.path(name);
    world.system_program("mkfifo").arg(&path).output().exits(0);
    path
}

#[test]
fn an_agent_that_never_answers_is_given_up() {
    let world = world();
    let path = world.unused("mute");
    let _listener = UnixListener::bind(&path).unwrap();
    let output = doctor(&world).env("SSH_AUTH_SOCK", &path).arg("--json").output();
    output.exits(2).takes_less_than(BOUND);
    Found::of(&output).has("socket", "wrong", "which does not answer within 2 s");
    let config = format!("IdentityAgent {}\n", path.display());
    let config = world.write(".ssh/config", config, 0o600);
    let output = doctor(&world).arg("--json").output();
    output.exits(1).takes_less_than(BOUND);
    let found = Found::of(&output);
    found.has_at("ssh-config", "wrong", "where no agent answers", &config, Some(1));
}

#[test]
fn pipes_in_the_place_of_files_are_told_and_not_read() {
    let world = world();
    let agent = own_agent(&world);
    let (start, key) = (fifo(&world, ".bashrc"), fifo(&world, ".ssh/id_pipe"));
    super::good_key(&world, ".ssh/id_good");
    fs::remove_file(world.path(".ssh/id_good.pub")).unwrap();
    let beside = fifo(&world, ".ssh/id_good.pub");
    let config = fifo(&world, ".ssh/config");
    let output = doctor_with(&world, &agent).arg("--json").output();
    output.exits(1).takes_less_than(Duration::from_secs(8));
    let found = Found::of(&output);
    found.has_at("variables", "warning", "is a FIFO, not a file", &start, None);
    found.has_at("keys", "warning", "is a FIFO, not a file", &key, None);
    found.has_at("keys", "warning", "is a FIFO, not a file", &beside, None);
    found.has_at("ssh-config", "wrong", "is a FIFO, not a file", &config, None);
    found.lacks("time", "warning", "");
}

#[test]
fn files_without_an_end_are_told_and_not_read() {
    let world = world();
    let agent = own_agent(&world);
    let large = world.path(".ssh/id_x");
    File::create(&large).unwrap().set_len(1 << 30).unwrap();
    fs::set_permissions(&large, fs::Permissions::from_mode(0o600)).unwrap();
    let start = world.path(".profile");
    File::create(&start).unwrap().set_len(1 << 30).unwrap();
    let endless = world.path(".ssh/id_zero");
    symlink("/dev/zero", &endless).unwrap();
    let output = doctor_with(&world, &agent).arg("--json").output();
    output.exits(0).takes_less_than(Duration::from_secs(8));
    let found = Found::of(&output);
    found.has_at("keys", "warning", "larger than", &large, None);
    found.has_at("keys", "warning", "is a device", &endless, None);
    found.has_at("variables", "warning", "larger than", &start, None);
}

#[test]
fn a_folder_of_many_files_is_not_looked_at_to_the_end() {
    let world = world();
    let agent = own_agent(&world);
    for number in 0..1100 {
        world.write(format!(".ssh/file{number}"), "", 0o600);
    }
    let found = Found::by(doctor_with(&world, &agent), 0);
    found.has_at("keys", "note", "more than 1000 files", &world.path(".ssh"), None);
}

#[test]
fn what_cannot_be_read_is_told() {
    let world = world();
    if rustix::process::getuid().is_root() {
        // For root a link that leads round in circles is what nobody can read.
        symlink(".bashrc", world.path(".bashrc")).unwrap();
        symlink("id_loop", world.path(".ssh/id_loop")).unwrap();
    } else {
        world.write(".bashrc", "", 0o000);
        world.write(".ssh/id_loop", "", 0o000);
    }
    let found = Found::by(doctor(&world), 2);
    found.has_at("variables", "warning", "not searched", &world.path(".bashrc"), None);
    found.has_at("keys", "warning", "cannot be read", &world.path(".ssh/id_loop"), None);
}

#[test]
fn an_ssh_that_does_not_end_is_given_up() {
    let world = world();
    let agent = own_agent(&world);
    world.write(".ssh/config", "Match exec \"sleep 60\"\n User x\n", 0o600);
    let output = doctor_with(&world, &agent).args(["--json", "--host", "x"]).output();
    output.exits(0).takes_less_than(BOUND);
    Found::of(&output).has("ssh-config", "warning", "did not end within 6 s");
}

/// Each look into the folder of keys waits for twenty seconds, as on a disk of a machine that is gone.
#[test]
fn a_disk_that_hangs_holds_up_one_check_and_is_named() {
    let world = world();
    if !Path::new("/usr/bin/strace").exists() {
        skipped("strace is not installed");
        return;
    }
    let agent = own_agent(&world);
    let slow = world.path(".ssh");
    let program = world.folder().join("bin/keyfob");
    let calls = "openat,statx,newfstatat";
    let run = world
        .system_program("strace")
        .args(["-f", "-qq", "-o", "/dev/null", "-P"])
        .arg(&slow)
        .args(["-e", &format!("trace={calls}")])
        .args(["-e", &format!("inject={calls}:delay_enter=20000000")])
        .arg(program)
        .args(["doctor", "--json"])
        .env("XDG_RUNTIME_DIR", world.path("run"))
        .env("SSH_AUTH_SOCK", agent.socket())
        .limit(Duration::from_secs(50));
    let output = world.with_home_in_passwd(run).output();
    // strace lets go of nobody it holds: what is told proves that it was not waited for.
    output.exits(0);
    let found = Found::of(&output);
    found.has_at("time", "warning", "not looked at to the end within 12 s", &slow, None);
    found.has("socket", "ok", "keyfob answers");
}

#[test]
fn a_user_manager_that_does_not_answer_is_given_up() {
    let world = world();
    let agent = own_agent(&world);
    world.script(&world.folder().join("bin/systemctl"), "#!/bin/sh\nsleep 60\n");
    let output = doctor_with(&world, &agent).arg("--json").output();
    output.exits(0).takes_less_than(Duration::from_secs(10));
    Found::of(&output).has("variables", "warning", "user manager of systemd does not answer");
}
