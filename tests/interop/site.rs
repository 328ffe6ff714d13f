//! Some servers, and a client's configuration that knows them by name.
//!
//! Every client program started here reads that configuration and nothing of the machine's or the
//! user's: no `~/.ssh/config`, no default keys, only what the agent offers.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use keyfob_testkit::harness::skip;
use keyfob_testkit::{Implementation, KeyType, Output, Run, RunningAgent, World};

use crate::server::{Server, Settings};

/// The servers of one case.
#[derive(Debug)]
pub(crate) struct Site<'w> {
    world: &'w World,
    servers: Vec<Server>,
}

impl<'w> Site<'w> {
    /// Without servers yet. Skips the trial where no `sshd` lets the current user in.
    pub(crate) fn new(world: &'w World) -> Self {
        static GROUND: OnceLock<Result<(), String>> = OnceLock::new();
        if let Err(reason) = GROUND.get_or_init(someone_can_log_in) {
            skip(reason.clone());
        }
        Self { world, servers: Vec::new() }
    }

    /// One server that lets in the holder of each of these keys.
    #[track_caller]
    pub(crate) fn with(mut self, name: &str, settings: &Settings) -> Self {
        self.start(name, settings);
        self
    }

    /// Starts a server.
    #[track_caller]
    pub(crate) fn start(&mut self, name: &str, settings: &Settings) {
        match Server::start(self.world, name, settings) {
            Ok(server) => self.servers.push(server),
            Err(reason) => panic!("{reason}"),
        }
        self.write_configuration();
    }

    /// The server of this name.
    #[track_caller]
    pub(crate) fn server(&self, name: &str) -> &Server {
        let found = self.servers.iter().find(|server| server.name() == name);
        found.unwrap_or_else(|| panic!("no server {name}"))
    }

    /// The client's configuration file.
    pub(crate) fn configuration(&self) -> PathBuf {
        self.world.path("ssh-config")
    }

    /// The client's `known_hosts`.
    pub(crate) fn known_hosts(&self) -> PathBuf {
        self.world.path("known-hosts")
    }

    /// A client program of the system (`ssh`, `scp`, `sftp`) with this site's configuration and
    /// this agent.
    pub(crate) fn client(&self, program: &str, agent: &RunningAgent) -> Run {
        let run = self.world.system_program(program).arg("-F").arg(self.configuration());
        run.env("SSH_AUTH_SOCK", agent.socket())
    }

    /// `ssh` with this agent.
    pub(crate) fn ssh(&self, agent: &RunningAgent) -> Run {
        self.client("ssh", agent)
    }

    /// Asserts that the agent's keys open this server.
    #[track_caller]
    pub(crate) fn admits(&self, agent: &RunningAgent, name: &str) {
        self.admitted(&self.ssh(agent).args([name, "printenv", "KEYFOB_HOST"]).output(), name);
    }

    /// Asserts that the agent's keys do not open this server.
    #[track_caller]
    pub(crate) fn refuses(&self, agent: &RunningAgent, name: &str) {
        self.refused(&self.ssh(agent).args([name, "printenv", "KEYFOB_HOST"]).output(), "");
    }

    /// Asserts that a client came in and its command said these words, one on each line.
    #[track_caller]
    pub(crate) fn admitted(&self, output: &Output, words: &str) {
        let wanted = words.split_whitespace().map(|word| format!("{word}\n")).collect::<String>();
        let right = output.code() == Some(0) && output.stdout() == wanted;
        assert!(right, "wanted to be let in and {wanted:?}\n{output}\n{}", self.logs());
    }

    /// Asserts that a client was turned away after its command (on the servers before, if any)
    /// said these words.
    #[track_caller]
    pub(crate) fn refused(&self, output: &Output, words: &str) {
        let wanted = words.split_whitespace().map(|word| format!("{word}\n")).collect::<String>();
        let right = output.code() == Some(255)
            && output.stderr().contains("Permission denied (publickey)")
            && output.stdout() == wanted;
        assert!(right, "wanted to be turned away after {wanted:?}\n{output}\n{}", self.logs());
    }

    /// What all servers logged, for messages.
    pub(crate) fn logs(&self) -> String {
        let logs = self.servers.iter().map(|server| format!("{}: {}", server.name(), server.log()));
        logs.collect::<Vec<_>>().join("\n")
    }

    fn write_configuration(&self) {
        let known: String = self.servers.iter().map(Server::known_hosts_line).collect();
        self.world.write("known-hosts", known, 0o600);
        let mut text = String::new();
        for server in &self.servers {
            let (name, port) = (server.name(), server.port());
            text += &format!(
                "Host {name}\n  HostName 127.0.0.1\n  Port {port}\n  HostKeyAlias {name}\n"
            );
        }
        text += &format!(
            "Host *\n  User {}\n  BatchMode yes\n  IdentityFile none\n  \
             PreferredAuthentications publickey\n  StrictHostKeyChecking yes\n  \
             UserKnownHostsFile {}\n  GlobalKnownHostsFile none\n  ConnectTimeout 15\n  \
             ControlPath none\n  LogLevel ERROR\n",
            user(),
            self.known_hosts().display()
        );
        self.world.write("ssh-config", text, 0o600);
    }
}

/// The name of the user who runs the tests, and as whom every server admits.
pub(crate) fn user() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| {
        let output = Command::new("/usr/bin/id").arg("-un").output();
        let output =
            output.unwrap_or_else(|error| panic!("id (Debian package coreutils): {error}"));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    })
}

/// One login with a key file and no agent. Where it fails (no `sshd`, a locked account, an ordinary
/// user whom this `sshd` cannot serve) nothing could be said about agents.
fn someone_can_log_in() -> Result<(), String> {
    let world = World::new(Implementation::OpenSsh)?;
    let key = world.key(KeyType::Ed25519, "ground");
    let site = Site { world: &world, servers: Vec::new() };
    if !["/usr/sbin/sshd", "/usr/bin/sshd"].iter().any(|path| std::path::Path::new(path).exists()) {
        return Err("sshd is not installed (Debian package openssh-server)".to_owned());
    }
    let server = Server::start(&world, "ground", &Settings::default().authorize(&key))?;
    let site = Site { servers: vec![server], ..site };
    site.write_configuration();
    let login = world.system_program("ssh").arg("-F").arg(site.configuration()).arg("-i");
    let output = login.arg(key.path()).args(["ground", "printenv", "KEYFOB_HOST"]).output();
    if output.stdout() == "ground\n" {
        return Ok(());
    }
    Err(format!("sshd does not let {} in even without an agent\n{output}\n{}", user(), site.logs()))
}
