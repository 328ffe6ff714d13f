//! What a person or a shell waits for: whole programs, beside OpenSSH's where it has them.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use keyfob_testkit::{Answer, KeyType, RunningAgent};

use crate::contender::{Contender, Field, Who};
use crate::extent::Extent;
use crate::many_keys;
use crate::rounds::Rounds;
use crate::row::Row;
use crate::sample::millis;

const PASSPHRASE: &str = "plain willow orbit 27";

pub(crate) fn rows(who: &[Who], extent: &Extent, note: &mut dyn FnMut(Row)) {
    let both: Vec<_> = who.iter().copied().filter(|who| *who != Who::Pageant).collect();
    additions(&both, extent, note);
    lists(&both, extent, note);
    hook(extent, note);
}

/// Files under one passphrase, which is asked for once.
fn additions(both: &[Who], extent: &Extent, note: &mut dyn FnMut(Row)) {
    let files = extent.encrypted;
    let homes = Field::of(both, |home| {
        for at in 0..files {
            home.world().encrypted_key(KeyType::Ed25519, &format!("encrypted{at}"), PASSPHRASE);
        }
    });
    let rounds = Rounds::of(&homes, extent.rounds, |home| {
        let askpass = home.world().askpass();
        askpass.answer(&Answer::line(PASSPHRASE));
        let mut add = program(home, &["ssh-add"], &["keyfob", "add"]);
        add.args((0..files).map(|at| home.world().path(format!("encrypted{at}"))));
        add.env("SSH_ASKPASS", askpass.program()).env("SSH_ASKPASS_REQUIRE", "force");
        let took = run(add);
        assert_eq!(home.client().list().len(), files, "all of them are there");
        took
    });
    let time = rounds.metric("time", "ms", |took| Some(millis(*took)));
    note(Row::new("client", format!("add {files} encrypted files"), vec![time]));
}

fn lists(both: &[Who], extent: &Extent, note: &mut dyn FnMut(Row)) {
    let count = extent.keys;
    let homes = Field::of(both, |home| many_keys::add(&mut home.client(), count));
    let rounds = Rounds::of(&homes, extent.starts, |home| {
        run(program(home, &["ssh-add", "-l"], &["keyfob", "list"]))
    });
    let time = rounds.metric("time", "ms", |took| Some(millis(*took)));
    note(Row::new("client", format!("list {count} keys"), vec![time]));
}

/// `keyfob env` in the start files of a shell, when the agent runs already.
fn hook(extent: &Extent, note: &mut dyn FnMut(Row)) {
    let home = Contender::start(Who::Keyfob);
    let run_folder = home.world().make_folder("run");
    let agent = home.world().program("keyfob").env("XDG_RUNTIME_DIR", &run_folder);
    let socket = run_folder.join("keyfob/agent.sock");
    let _agent = RunningAgent::listening(home.world(), agent.args(["agent", "-D"]), socket);
    let rounds = Rounds::by(&[Who::Keyfob], extent.starts, |_| {
        let mut env = program(&home, &[], &["keyfob", "env"]);
        env.env("XDG_RUNTIME_DIR", &run_folder).env_remove("SSH_AUTH_SOCK");
        run(env)
    });
    let time = rounds.metric("time", "ms", |took| Some(millis(*took)));
    note(Row::new("client", "env, with a running agent", vec![time]));
}

/// Theirs or ours, for the agent of this world: each is the name of a program and its arguments.
fn program(home: &Contender, theirs: &[&str], ours: &[&str]) -> Command {
    let (folder, words) = match home.who() {
        Who::Keyfob => (home.world().folder().join("bin"), ours),
        Who::OpenSsh | Who::Pageant => (PathBuf::from("/usr/bin"), theirs),
    };
    let (name, arguments) = words.split_first().expect("whoever is measured has a program for it");
    let mut command = Command::new(folder.join(name));
    command.args(arguments).env_clear();
    command.env("HOME", home.world().home()).env("PATH", "/usr/bin:/bin");
    command.env("TMPDIR", home.world().temporary()).env("SSH_AUTH_SOCK", home.socket());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn run(mut command: Command) -> Duration {
    let began = Instant::now();
    let ended = command.status().expect("an installed program starts");
    let took = began.elapsed();
    assert!(ended.success(), "{command:?}: {ended}");
    took
}
