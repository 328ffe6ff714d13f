//! Key files.

use keyfob_testkit::World;

use super::{Found, doctor_with, good_key, own_agent};
use crate::support::world;

fn key(world: &World, name: &str, flags: &[&str]) -> std::path::PathBuf {
    let path = world.path(".ssh").join(name);
    let run = world.system_program("ssh-keygen").args(["-q", "-f"]).arg(&path).args(flags);
    run.output().exits(0);
    path
}

#[test]
fn weak_keys_are_found_with_what_is_weak() {
    let world = world();
    let agent = own_agent(&world);
    for (name, flags, code, verdict, part) in [
        ("id_rsa", &["-t", "rsa", "-b", "1024", "-N", "pass word"][..], 1, "wrong", "1024 bits"),
        ("plain", &["-t", "ed25519", "-N", ""], 0, "warning", "no passphrase"),
        ("cheap", &["-t", "ed25519", "-a", "1", "-N", "pass word"], 0, "warning", "is cheap"),
        (
            "old.pem",
            &["-t", "ecdsa", "-m", "PEM", "-N", "pass word"],
            0,
            "warning",
            "one round of MD5",
        ),
    ] {
        let path = key(&world, name, flags);
        let found = Found::by(doctor_with(&world, &agent), code);
        found.has_at("keys", verdict, part, &path, None);
        std::fs::remove_file(&path).unwrap();
        std::fs::remove_file(path.with_file_name(format!("{name}.pub"))).unwrap();
    }
    good_key(&world, ".ssh/id_good");
    let found = Found::by(doctor_with(&world, &agent), 0);
    found.lacks("keys", "wrong", "");
    found.lacks("keys", "warning", "");
}

#[test]
fn a_public_half_of_another_key_and_a_file_that_is_cut_off_are_found() {
    let world = world();
    let agent = own_agent(&world);
    good_key(&world, ".ssh/a");
    good_key(&world, ".ssh/b");
    std::fs::copy(world.path(".ssh/b.pub"), world.path(".ssh/a.pub")).unwrap();
    let found = Found::by(doctor_with(&world, &agent), 0);
    found.has_at("keys", "warning", "belongs to another key", &world.path(".ssh/a"), None);
    let whole = std::fs::read(world.path(".ssh/b")).unwrap();
    // Whatever it is called: a full disk cuts off any.
    for name in [".ssh/id_cut", ".ssh/of work"] {
        let cut = world.write(name, &whole[..whole.len() / 2], 0o600);
        let found = Found::by(doctor_with(&world, &agent), 0);
        found.has_at("keys", "warning", "", &cut, None);
    }
}

#[test]
fn a_key_that_is_configured_elsewhere_is_looked_at_too() {
    let world = world();
    let agent = own_agent(&world);
    world.make_folder("keys");
    let path = world.path("keys/work");
    let run = world.system_program("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]);
    run.arg(&path).output().exits(0);
    Found::by(doctor_with(&world, &agent), 0).lacks("keys", "warning", "no passphrase");
    world.write(".ssh/config", "Host x\n IdentityFile ~/keys/work\n", 0o600);
    let found = Found::by(doctor_with(&world, &agent), 0);
    found.has_at("keys", "warning", "no passphrase", &path, None);
}
