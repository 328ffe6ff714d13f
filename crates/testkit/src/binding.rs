//! What a real `ssh` client would send to bind a connection, and the login it would have signed.
//!
//! Session binds are real: the host key signs the session id. The signing is done by OpenSSH's own
//! agent, the [`Notary`], so that a bind is right even where our signer is wrong.

use crate::agent::RunningAgent;
use crate::client::RawClient;
use crate::fixture::KeyType;
use crate::key_file::KeyFile;
use crate::wire::{Message, number};
use crate::world::World;

/// RFC 4252's number of a login request.
const USERAUTH_REQUEST: u8 = 50;

/// RSA host keys sign with SHA-512; other keys do not look at the flags.
const RSA_SHA2_512: u32 = 4;

/// A machine with a host key.
#[derive(Clone, Debug)]
pub struct Host {
    /// Its name.
    pub name: String,
    /// Its host key.
    pub key: KeyFile,
}

/// OpenSSH's agent, holding the host keys.
#[derive(Debug)]
pub struct Notary {
    agent: RunningAgent,
    ssh_add: crate::run::Run,
    folder: std::path::PathBuf,
}

impl Notary {
    /// Starts it.
    #[track_caller]
    pub fn new(world: &World) -> Self {
        let socket = world.unused("notary");
        let run = world.system_program("ssh-agent").arg("-D").arg("-a").arg(&socket);
        let agent = RunningAgent::listening(world, run, socket.clone());
        let ssh_add = world.system_program("ssh-add").env("SSH_AUTH_SOCK", socket);
        Self { agent, ssh_add, folder: world.home() }
    }

    /// A machine of this name with an Ed25519 host key.
    #[track_caller]
    pub fn host(&self, name: &str) -> Host {
        self.host_with(name, KeyType::Ed25519)
    }

    /// A machine of this name with a host key of this type.
    #[track_caller]
    pub fn host_with(&self, name: &str, kind: KeyType) -> Host {
        let file = format!("host-{name}");
        let key = crate::fixture::key(kind, &file, "").copied_to(&self.folder.join(&file));
        self.ssh_add.clone().args(["-q", "-k"]).arg(key.path()).output().exits(0);
        Host { name: name.to_owned(), key }
    }

    /// A connection to this host: the bind of this session. `forwarding` says whether the agent is
    /// being forwarded to it rather than used to log in there.
    #[track_caller]
    pub fn bind(&self, host: &Host, session: &[u8], forwarding: bool) -> SessionBind {
        SessionBind {
            host_key: host.key.blob(),
            session: session.to_vec(),
            signature: self.signature(host, session, RSA_SHA2_512),
            forwarding: u8::from(forwarding),
        }
    }

    /// This host's signature.
    #[track_caller]
    pub fn signature(&self, host: &Host, data: &[u8], flags: u32) -> Vec<u8> {
        self.agent.client().sign(&host.key.blob(), data, flags).signature().blob
    }
}

/// The fields of `session-bind@openssh.com`.
#[derive(Clone, Debug)]
pub struct SessionBind {
    /// The host key's blob, or a host certificate's.
    pub host_key: Vec<u8>,
    /// The session id, the exchange hash of the key exchange.
    pub session: Vec<u8>,
    /// The host key's signature over it.
    pub signature: Vec<u8>,
    /// Whether the agent is forwarded over this session; a bool's byte.
    pub forwarding: u8,
}

impl SessionBind {
    /// The request.
    pub fn message(&self) -> Message {
        Message::new(number::EXTENSION)
            .string("session-bind@openssh.com")
            .string(&self.host_key)
            .string(&self.session)
            .string(&self.signature)
            .byte(self.forwarding)
    }

    /// Sends it and asserts that the agent took it.
    #[track_caller]
    pub fn sent_on(&self, client: &mut RawClient) {
        client.request(&self.message()).succeeds();
    }
}

/// What `ssh` lets the agent sign when it logs in: with a host key in the newer method that is
/// bound to it, without in the older one.
pub fn userauth(
    session: &[u8],
    user: &str,
    algorithm: &str,
    key: &[u8],
    host_key: Option<&[u8]>,
) -> Vec<u8> {
    let method = match host_key {
        Some(_) => "publickey-hostbound-v00@openssh.com",
        None => "publickey",
    };
    let message = Message::fields()
        .string(session)
        .byte(USERAUTH_REQUEST)
        .string(user)
        .string("ssh-connection")
        .string(method)
        .byte(1)
        .string(algorithm)
        .string(key);
    host_key.into_iter().fold(message, Message::string).body().to_vec()
}
