//! `keyfob setup` and the login at its end: a real `ssh`, a real `sshd`, and the agent it starts.

use std::fs;
use std::time::Duration;

use keyfob_testkit::{Case, KeyFile, KeyStore, KeyType, Output, Run, Terminal, World, ours};
use rustix::process::Pid;

use crate::server::Settings;
use crate::site::{Site, user};

pub(crate) const CASES: &[Case] = &[
    ours!(a_walk_by_flags_ends_with_a_login),
    ours!(a_walk_on_a_terminal_ends_with_a_login),
    ours!(the_agent_asks_for_what_the_walk_does_not_know),
    ours!(a_host_that_lets_nobody_in_is_told),
    ours!(a_login_by_a_file_is_not_taken_for_the_agent),
];

/// A key where `ssh` looks for it, a server, and what `ssh` knows of it.
struct Start<'w> {
    world: &'w World,
    site: Site<'w>,
    key: KeyFile,
}

impl<'w> Start<'w> {
    fn new(world: &'w World, authorized: bool) -> Self {
        let key = world.key(KeyType::Ed25519, ".ssh/id_ed25519");
        let other = world.key(KeyType::Ed25519, "other");
        let settings = Settings::default().authorize(if authorized { &key } else { &other });
        let site = Site::new(world).with("one", &settings);
        fs::copy(site.configuration(), world.path(".ssh/config")).unwrap();
        let start = Self { world, site, key };
        // ssh offers what the agent has, and asks what it has to.
        start.configure(|text| text.replace("  BatchMode yes\n", ""));
        start
    }

    fn configure(&self, change: impl FnOnce(String) -> String) {
        let path = self.world.path(".ssh/config");
        fs::write(&path, change(fs::read_to_string(&path).unwrap())).unwrap();
    }

    /// `keyfob setup` whose `~` is that of the world.
    fn setup(&self, flags: &[&str]) -> Run {
        KeyStore::at(self.world);
        let run = self.world.program("keyfob").arg("setup").args(flags);
        let run = run.env("XDG_RUNTIME_DIR", self.world.make_folder("run"));
        let run = run.env("SHELL", "/bin/sh").limit(Duration::from_secs(60));
        self.world.with_home_in_passwd(run)
    }

    fn unattended(&self, flags: &[&str]) -> Run {
        let store = ["--store-passphrase-file", "store-passphrase", "--recovery-file", "code"];
        let run = self.setup(&store).args(["--memory", "64M"]);
        run.args(["--yes", "--json", "--test", "one"]).args(flags)
    }

    /// The agent that was started ends with the world.
    fn adopt(&self, output: &Output) {
        let stderr = output.stderr();
        let pid = stderr.split("Started the agent (process ").nth(1).expect("it was started");
        let pid = pid.split(')').next().unwrap().parse().unwrap();
        self.world.adopt(Pid::from_raw(pid).unwrap());
    }

    /// The fingerprint of the key.
    fn fingerprint(&self) -> String {
        let run = self.world.system_program("ssh-keygen").arg("-lf").arg(self.key.public_path());
        run.output().exits(0).stdout().split(' ').nth(1).unwrap().to_owned()
    }
}

fn told(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}\n{output}"))
}

fn a_walk_by_flags_ends_with_a_login(world: &World) {
    let start = Start::new(world, true);
    // With a connection that others would share, and that would stay for a minute.
    let control = world.path("control").display().to_string();
    let shared = format!("  ControlMaster auto\n  ControlPath {control}\n  ControlPersist 60\n");
    start.configure(|text| text.replace("  ControlPath none\n", &shared));
    let first = start.unattended(&[]).output();
    let json = told(first.exits(0).reports_among_else("logged in to one\n"));
    start.adopt(&first);
    assert_eq!(json["test"]["state"], "done", "{json}");
    assert_eq!(json["test"]["by_agent"], true, "{json}");
    assert_eq!(json["test"]["fingerprint"], start.fingerprint());
    // The file is not needed any more.
    fs::remove_file(start.key.path()).unwrap();
    let again = start.unattended(&[]).output();
    let json = told(again.exits(0));
    assert_eq!(json["keys"]["state"], "already", "{json}");
    assert_eq!(json["test"]["by_agent"], true, "{json}");
    assert!(!again.stderr().contains("Started the agent"), "{again}");
}

fn type_new_passphrase(terminal: &mut Terminal) {
    terminal.expect("New passphrase for the key store: ").answer_unseen(KeyStore::PASSPHRASE);
    terminal.expect("The same again: ").answer_unseen(KeyStore::PASSPHRASE);
}

fn a_walk_on_a_terminal_ends_with_a_login(world: &World) {
    let start = Start::new(world, true);
    // A host it has not met: ssh itself asks about it.
    fs::write(start.site.known_hosts(), "").unwrap();
    let known = "StrictHostKeyChecking ";
    start.configure(|text| text.replace(&format!("{known}yes"), &format!("{known}ask")));
    let mut terminal = start.setup(&["--no-install", "--memory", "64M"]).on_terminal();
    terminal.expect("Make the key store in ").type_line("yes");
    type_new_passphrase(&mut terminal);
    terminal.expect("Number or word [1]: ").type_line("");
    let host = format!("{}@one", user());
    terminal.expect("Host, as ssh takes it (Enter for none): ").type_line(&host);
    terminal.expect("Are you sure you want to continue connecting").type_line("yes");
    let (output, screen, _) = terminal.wait();
    start.adopt(&output);
    output.exits(0).reports_among_else(&format!("logged in to {host}\n"));
    output.reports_among_else(&format!("  with ED25519 {}\n", start.fingerprint()));
    output.reports_among_else("  signed by the agent\n");
    assert!(!screen.contains("assphrase"), "it knows what was typed before: {screen}");
}

fn the_agent_asks_for_what_the_walk_does_not_know(world: &World) {
    let start = Start::new(world, true);
    KeyStore::make(world).save(&start.key, "id_ed25519", &[]);
    let mut terminal = start.setup(&["--no-install", "--test", "one"]).on_terminal();
    terminal.expect("assphrase").answer_unseen(KeyStore::PASSPHRASE);
    let (output, ..) = terminal.wait();
    start.adopt(&output);
    output.exits(0).reports_among_else("  signed by the agent\n");
}

fn a_host_that_lets_nobody_in_is_told(world: &World) {
    let start = Start::new(world, false);
    let output = start.unattended(&[]).output();
    start.adopt(&output);
    let json = told(output.exits(1).reports_among_else("keyfob: one did not let us in\n"));
    output.reports_among_else("Permission denied (publickey)");
    assert_eq!(json["test"]["state"], "failed", "{json}");
    for step in ["store", "keys", "start_up"] {
        assert_eq!(json[step]["state"], "done", "{json}");
    }
    // One that nobody has met is not trusted where nobody can be asked.
    fs::write(start.site.known_hosts(), "").unwrap();
    let output = start.unattended(&[]).output();
    output.exits(1).reports_among_else("hint: ssh one   asks whether the host is the right one");
    let nowhere = start.unattended(&[]).args(["--test", "no-such-host.invalid"]).output();
    nowhere.exits(1);
}

fn a_login_by_a_file_is_not_taken_for_the_agent(world: &World) {
    let start = Start::new(world, true);
    let file = format!("IdentityFile {}", start.key.path().display());
    start.configure(|text| text.replace("IdentityFile none", &file));
    let flags = ["--no-store", "--no-install", "--no-keys", "--json", "--test", "one"];
    let output = start.setup(&flags).output();
    start.adopt(&output);
    let json = told(output.exits(0).reports_among_else("from its file, not from the agent\n"));
    assert_eq!(json["test"]["by_agent"], false, "{json}");
}
