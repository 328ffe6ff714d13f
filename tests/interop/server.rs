//! An `sshd` on a free port of 127.0.0.1, run as the current user.
//!
//! It lets in whom its settings name and nobody else, and tells a session its name in
//! `KEYFOB_HOST`. It is ended with the value. Does not know clients: see `site`.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use keyfob_testkit::{Authority, KeyFile, KeyType, Running, World};
use rustix::process::Signal;

/// How long an `sshd` may take to listen.
const START_LIMIT: Duration = Duration::from_secs(10);

/// Another process may take the free port before `sshd` does.
const ATTEMPTS: usize = 5;

/// What a server shall do, as lines of `sshd_config`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    lines: Vec<String>,
    authorized: Vec<String>,
    host_key: Option<PathBuf>,
}

impl Settings {
    /// Lets in whoever holds this key.
    pub(crate) fn authorize(mut self, key: &KeyFile) -> Self {
        self.authorized.push(key.public_line());
        self
    }

    /// Lets in whoever holds a certificate of this authority for the user.
    pub(crate) fn trust(self, authority: &Authority<'_>) -> Self {
        let path = authority.key().public_path();
        self.line(&format!("TrustedUserCAKeys {}", path.display()))
    }

    /// Takes user signatures of these algorithms only.
    pub(crate) fn accept(self, algorithms: &str) -> Self {
        self.line(&format!("PubkeyAcceptedAlgorithms {algorithms}"))
    }

    /// Holds the public half of this host key only; the agent at the socket signs with it.
    pub(crate) fn host_key_in_agent(mut self, key: &KeyFile, socket: &Path) -> Self {
        self.host_key = Some(key.public_path());
        self.line(&format!("HostKeyAgent {}", socket.display()))
    }

    /// Any other line.
    pub(crate) fn line(mut self, line: &str) -> Self {
        self.lines.push(line.to_owned());
        self
    }
}

/// A server that listens.
#[derive(Debug)]
pub(crate) struct Server {
    name: String,
    port: u16,
    host_key_line: String,
    log: PathBuf,
    running: Running,
}

impl Server {
    /// Starts a server of this name.
    ///
    /// # Errors
    /// What `sshd` said when it did not come to listen.
    pub(crate) fn start(world: &World, name: &str, settings: &Settings) -> Result<Self, String> {
        privilege_separation_folder()?;
        let own_key = world.key(KeyType::Ed25519, &format!("host-key-of-{name}"));
        let mut failure = String::new();
        for _ in 0..ATTEMPTS {
            match attempt(world, name, settings, &own_key) {
                Ok(server) => return Ok(server),
                Err(said) if said.contains("Address already in use") => failure = said,
                Err(said) => return Err(said),
            }
        }
        Err(failure)
    }

    /// Its name, and what `KEYFOB_HOST` says in a session.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Its line in a `known_hosts` file.
    pub(crate) fn known_hosts_line(&self) -> String {
        format!("{} {}\n", self.name, self.host_key_line)
    }

    /// Its host key's fingerprint.
    #[track_caller]
    pub(crate) fn fingerprint(&self, world: &World) -> String {
        let line = format!("{}\n", self.host_key_line);
        let output =
            world.system_program("ssh-keygen").args(["-l", "-f", "-"]).stdin(line).output();
        let text = output.exits(0).stdout();
        text.split(' ').nth(1).expect("bits, fingerprint, comment").to_owned()
    }

    /// Its log so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Server {
    /// Ends the listener only. Its sessions end with their connections and take the sockets of
    /// forwarded agents with them; killed, they would leave those behind in /tmp.
    fn drop(&mut self) {
        self.running.signal(Signal::TERM);
        self.running.ended_within(Duration::from_secs(2));
    }
}

fn attempt(
    world: &World,
    name: &str,
    settings: &Settings,
    own_key: &KeyFile,
) -> Result<Server, String> {
    let port = free_port().map_err(|error| format!("no free port: {error}"))?;
    let log = world.unused("sshd-log");
    let host_key = settings.host_key.clone().unwrap_or_else(|| own_key.path().to_owned());
    let configuration = configuration(world, name, settings, port, &host_key);
    let mut running = world
        .system_program("sshd")
        .args(["-D", "-f"])
        .arg(&configuration)
        .arg("-E")
        .arg(&log)
        .limit(Duration::from_secs(120))
        .start();
    let deadline = Instant::now() + START_LIMIT;
    let listening = format!("Server listening on 127.0.0.1 port {port}");
    while Instant::now() < deadline {
        let said = fs::read_to_string(&log).unwrap_or_default();
        if said.contains(&listening) {
            let public =
                if settings.host_key.is_some() { &host_key } else { &own_key.public_path() };
            let host_key_line = fs::read_to_string(public).map_err(|error| error.to_string())?;
            let (name, host_key_line) = (name.to_owned(), host_key_line.trim_end().to_owned());
            return Ok(Server { name, port, host_key_line, log, running });
        }
        if !running.is_alive() {
            return Err(format!("sshd ended: {said}\n{}", running.wait()));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Err(format!("sshd does not listen: {}", fs::read_to_string(&log).unwrap_or_default()))
}

fn configuration(
    world: &World,
    name: &str,
    settings: &Settings,
    port: u16,
    host_key: &Path,
) -> PathBuf {
    let authorized = settings.authorized.iter().map(|line| format!("{line}\n"));
    let authorized = authorized.collect::<String>();
    let authorized = world.write(format!("authorized-on-{name}"), authorized, 0o600);
    // PAM and the mode check of folders above the world depend on the machine; sshd alone shall
    // decide, by the key.
    let text = format!(
        "ListenAddress 127.0.0.1\n\
         Port {port}\n\
         HostKey {}\n\
         AuthorizedKeysFile {}\n\
         PidFile none\n\
         UsePAM no\n\
         StrictModes no\n\
         PermitRootLogin yes\n\
         AuthenticationMethods publickey\n\
         LoginGraceTime 30\n\
         UseDNS no\n\
         PrintMotd no\n\
         PrintLastLog no\n\
         Subsystem sftp internal-sftp\n\
         SetEnv KEYFOB_HOST={name}\n\
         LogLevel VERBOSE\n\
         {}\n",
        host_key.display(),
        authorized.display(),
        settings.lines.join("\n")
    );
    world.write(format!("sshd-config-of-{name}"), text, 0o600)
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// As root `sshd` wants this folder, which a booted system has and a container has not.
fn privilege_separation_folder() -> Result<(), String> {
    if !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    fs::create_dir_all("/run/sshd").map_err(|error| format!("/run/sshd cannot be made: {error}"))
}
