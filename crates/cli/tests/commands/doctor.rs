//! `keyfob doctor`: what is planted is found, in its place, and a home in order is told so.

mod agents;
mod bounds;
mod keys;
mod permissions;
mod ssh;
mod store;
mod variables;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use keyfob_testkit::{Output, Run, RunningAgent, World};
use serde_json::Value;

use crate::support::{keyfob, make_store, world};

/// `keyfob doctor` in this home, which the user database names too, with no agent.
fn doctor(world: &World) -> Run {
    world.with_home_in_passwd(keyfob(world).arg("doctor"))
}

/// The same, told of keyfob's own agent.
fn doctor_with(world: &World, agent: &RunningAgent) -> Run {
    doctor(world).env("SSH_AUTH_SOCK", agent.socket())
}

/// keyfob's agent, at its own socket.
fn own_agent(world: &World) -> RunningAgent {
    let socket = world.path("run/keyfob/agent.sock");
    let run = world.with_home_in_passwd(keyfob(world).args(["agent", "-D"]));
    RunningAgent::listening(world, run, socket)
}

/// OpenSSH's agent, at a socket of this world.
fn ssh_agent(world: &World) -> RunningAgent {
    let socket = world.unused("theirs");
    let run = world.system_program("ssh-agent").args(["-D", "-a"]).arg(&socket);
    RunningAgent::listening(world, run, socket)
}

/// A key nothing is wrong with.
fn good_key(world: &World, name: &str) {
    let path = world.path(name);
    let flags = ["-q", "-t", "ed25519", "-a", "16", "-N", "velvet harbour", "-C", "me", "-f"];
    world.system_program("ssh-keygen").args(flags).arg(&path).output().exits(0);
}

/// Everything that was found.
struct Found(Vec<Value>);

impl Found {
    /// Of a run, which ends with this code.
    #[track_caller]
    fn by(run: Run, code: i32) -> Self {
        let output = run.arg("--json").output();
        output.exits(code);
        Self::of(&output)
    }

    fn of(output: &Output) -> Self {
        let document: Value = serde_json::from_str(&output.stdout()).unwrap();
        Self(document["findings"].as_array().unwrap().clone())
    }

    fn all(&self, check: &str, level: &str, part: &str) -> Vec<&Value> {
        let is_meant = |one: &&Value| {
            one["check"] == check
                && one["level"] == level
                && one["fact"].as_str().unwrap().contains(part)
        };
        self.0.iter().filter(is_meant).collect()
    }

    /// Asserts that this was found, and something can be done about it.
    #[track_caller]
    fn has(&self, check: &str, level: &str, part: &str) -> &Value {
        let found = self.all(check, level, part);
        assert!(!found.is_empty(), "no {level} of {check} with {part:?} in {:#?}", self.told());
        assert!(level == "ok" || found[0]["hint"].is_string(), "no hint: {}", found[0]);
        found[0]
    }

    /// The same, in this line of this file.
    #[track_caller]
    fn has_at(&self, check: &str, level: &str, part: &str, file: &Path, line: Option<u64>) {
        let found = self.all(check, level, part);
        let is_there =
            |one: &&Value| one["file"].as_str() == file.to_str() && one["line"].as_u64() == line;
        let place = (file, line);
        assert!(found.iter().any(is_there), "{part:?} not at {place:?} in {:#?}", self.told());
        assert!(found.iter().all(|one| one["hint"].is_string()), "no hint: {found:?}");
    }

    /// Asserts that nothing of this was found.
    #[track_caller]
    fn lacks(&self, check: &str, level: &str, part: &str) {
        assert_eq!(self.all(check, level, part), Vec::<&Value>::new());
    }

    /// What is not fine.
    fn told(&self) -> Vec<&Value> {
        self.0.iter().filter(|one| one["level"] != "ok").collect()
    }
}

/// A mode, when it was written, how long it is, and what is in it.
type Facts = (u32, i64, u64, Option<Vec<u8>>);

/// Everything below a folder.
fn snapshot(folder: &Path) -> BTreeMap<PathBuf, Facts> {
    let mut all = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().flatten() {
            let found = entry.metadata().unwrap();
            if found.is_dir() {
                folders.push(entry.path());
            }
            let content = found.is_file().then(|| fs::read(entry.path()).unwrap());
            let facts = (found.permissions().mode(), found.mtime(), found.size(), content);
            all.insert(entry.path(), facts);
        }
    }
    all
}

#[test]
fn a_home_in_order_is_told_so_and_left_as_it_was() {
    let world = world();
    make_store(&world);
    good_key(&world, ".ssh/id_ed25519");
    world.write(".ssh/config", "Host *\n  AddKeysToAgent yes\n", 0o600);
    world.write(".bashrc", "eval \"$(keyfob env)\"\n", 0o644);
    let agent = own_agent(&world);
    // It was written a moment ago.
    let before = snapshot(&world.home());
    let output = doctor_with(&world, &agent).output();
    output.exits(0);
    let text = output.stdout();
    assert!(text.contains("Nothing is wrong") || text.contains("All is as it should be"), "{text}");
    assert!(!text.contains("  wrong "), "{text}");
    let found = Found::by(doctor_with(&world, &agent), 0);
    for (check, part) in [
        ("socket", "keyfob answers at"),
        ("variables", "leads to keyfob's agent"),
        ("version", "is of this program"),
        ("security", "measures are on"),
        ("offer", "is offered 0 keys"),
        ("ssh-config", "none in the agent's way"),
        ("permissions", "yours alone to change"),
        ("keys", "nothing is wrong with 1 private key file"),
        ("store", "a key store with 0 keys"),
        ("settings", "no settings"),
    ] {
        found.has(check, "ok", part);
    }
    let mine = ["keys", "permissions", "ssh-config", "store", "settings", "version", "time"];
    let told: Vec<_> = found
        .told()
        .into_iter()
        .filter(|one| mine.contains(&one["check"].as_str().unwrap()))
        .collect();
    assert_eq!(told, Vec::<&Value>::new());
    let after = snapshot(&world.home());
    // The agent may write while it is looked at; nobody else does.
    let theirs = |path: &Path| path.starts_with(world.path(".local/state"));
    let changed: Vec<_> = after
        .iter()
        .filter(|(path, facts)| before.get(*path) != Some(facts) && !theirs(path))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(changed, Vec::<&PathBuf>::new());
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
}

#[test]
fn what_is_told_fits_a_terminal_and_its_marks_are_words() {
    let world = world();
    world.write(".bashrc", "eval \"$(ssh-agent -s)\"\n", 0o644);
    fs::remove_file(world.folder().join("bin/ssh-agent")).unwrap();
    let bare = doctor(&world).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1").output();
    let text = bare.exits(2).stdout();
    assert!(!text.contains('\x1b'), "{text:?}");
    let long = |line: &&str| line.chars().count() > 80 && line.trim().contains(' ');
    let wide: Vec<&str> = text
        .lines()
        .filter(long)
        // A path may be longer than any line, behind its mark.
        .filter(|line| !line.split_whitespace().any(|word| word.len() > 50))
        .collect();
    assert_eq!(wide, Vec::<&str>::new(), "{text}");
    for part in
        ["\n  warning  ~/.bashrc:1: starts ssh-agent\n", "           hint: ", "(--all shows"]
    {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    assert!(!text.contains("  ok  "), "{text}");
    let coloured = doctor(&world).env("CLICOLOR_FORCE", "1").output();
    let coloured = coloured.exits(2).stdout();
    assert!(coloured.contains("\x1b["), "{coloured:?}");
    assert!(doctor(&world).arg("--all").output().stdout().contains("\n  ok       "));
}
