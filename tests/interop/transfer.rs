//! `scp` and `sftp` move files, and `git` moves commits, over connections an agent key opened.

use std::fs;

use keyfob_testkit::{Case, KeyType, World, case};

use crate::server::Settings;
use crate::site::Site;

pub(crate) const CASES: &[Case] = &[
    case!(scp_copies_there_and_back),
    case!(sftp_copies_there_and_back),
    case!(git_pushes_and_clones),
];

fn scp_copies_there_and_back(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let site = Site::new(world).with("one", &Settings::default().authorize(&key));
    let agent = world.agent();
    agent.add(&key);
    let here = world.write("here", content(), 0o600);
    let there = format!("one:{}", world.path("there").display());
    let copied = site.client("scp", &agent).arg("-q").arg(here).arg(&there).output();
    site.admitted(&copied, "");
    let copied = site.client("scp", &agent).arg("-q").arg(&there).arg(world.path("back")).output();
    site.admitted(&copied, "");
    assert!(fs::read(world.path("back")).unwrap() == content(), "the copy differs");
}

fn sftp_copies_there_and_back(world: &World) {
    let key = world.key(KeyType::EcdsaP256, "key");
    let site = Site::new(world).with("one", &Settings::default().authorize(&key));
    let agent = world.agent();
    agent.add(&key);
    let here = world.write("here", content(), 0o600);
    let (there, back) = (world.path("there"), world.path("back"));
    let commands = format!(
        "put {} {}\nget {} {}\n",
        here.display(),
        there.display(),
        there.display(),
        back.display()
    );
    let batch = world.write("batch", commands, 0o600);
    site.client("sftp", &agent).arg("-q").arg("-b").arg(batch).arg("one").output().exits(0);
    assert!(fs::read(back).unwrap() == content(), "the copy differs");
}

fn git_pushes_and_clones(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let site = Site::new(world).with("one", &Settings::default().authorize(&key));
    let agent = world.agent();
    agent.add(&key);
    let git = |words: &[&str]| {
        let run = world.system_program("git").args(words);
        run.env("SSH_AUTH_SOCK", agent.socket())
            .env("GIT_SSH_COMMAND", format!("ssh -F {}", site.configuration().display()))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .output()
            .exits(0)
            .clone()
    };
    let remote = format!("one:{}", world.path("remote.git").display());
    git(&["init", "-q", "--bare", "-b", "main", "remote.git"]);
    git(&["init", "-q", "-b", "main", "work"]);
    let identity = ["-C", "work", "-c", "user.name=Alice", "-c", "user.email=alice@keyfob.test"];
    git(&[&identity[..], &["commit", "-q", "--allow-empty", "-m", "first"]].concat());
    git(&["-C", "work", "push", "-q", &remote, "main"]);
    git(&["clone", "-q", &remote, "clone"]);
    git(&["-C", "clone", "log", "--format=%s"]).prints("first\n");
}

/// More than one window of an SSH channel.
fn content() -> Vec<u8> {
    (0..3_000_000_u32).map(|number| number.to_le_bytes()[(number % 3) as usize]).collect()
}
