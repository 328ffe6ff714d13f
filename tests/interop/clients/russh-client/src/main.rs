//! Logs in and drives an agent with russh, for keyfob's interop tests.
//!
//! ```text
//! russh-client login PORT USER COMMENT [--sha256] [--bind]   log in with the key of that comment, run `id -un`
//! russh-client agent KEYFILE                                 add, list, sign, remove, lock, unlock
//! ```
//!
//! The agent is the one SSH_AUTH_SOCK names; the server is on 127.0.0.1. Every
//! wait is bounded. The server's host key is not checked: that is not what is tested.
//!
//! Not here: `remove_all_identities`, `extension` and `query_extension`, which in
//! russh 0.65 leave the frame's length at zero, so that no agent can answer.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use russh::client::{self, AuthResult};
use russh::keys::agent::client::AgentClient;
use russh::keys::agent::{AgentIdentity, Constraint};
use russh::keys::{Algorithm, HashAlg, PublicKeyOrCertificate};
use russh::{ChannelMsg, Disconnect};
use tokio::net::UnixStream;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let work = async {
        match words.as_slice() {
            ["login", port, user, comment, options @ ..] => {
                login(port.parse()?, user, comment, options).await
            }
            ["agent", key_file] => drive_agent(key_file).await,
            _ => Err(
                "usage: russh-client login PORT USER COMMENT [--sha256] [--bind] | agent KEYFILE"
                    .into(),
            ),
        }
    };
    tokio::time::timeout(Duration::from_secs(30), work).await?
}

async fn login(port: u16, user: &str, comment: &str, options: &[&str]) -> Outcome {
    let config = Arc::new(client::Config::default());
    let mut session = client::connect(config, ("127.0.0.1", port), Trusting).await?;
    let mut agent = AgentClient::connect_env().await?;
    if options.contains(&"--bind") {
        let binding = session.agent_session_binding().ok_or("no binding")?.clone();
        agent.bind_session(&binding, false).await?;
    }
    let identity = find(&mut agent, comment).await?;
    let hash = if options.contains(&"--sha256") { HashAlg::Sha256 } else { HashAlg::Sha512 };
    let authentication = match identity {
        AgentIdentity::PublicKey { key, .. } => {
            let hash = matches!(key.algorithm(), Algorithm::Rsa { .. }).then_some(hash);
            session.authenticate_publickey_with(user, key, hash, &mut agent).await?
        }
        AgentIdentity::Certificate { certificate, .. } => {
            let rsa = matches!(certificate.algorithm(), Algorithm::Rsa { .. });
            let hash = rsa.then_some(hash);
            session.authenticate_certificate_with(user, certificate, hash, &mut agent).await?
        }
    };
    if !matches!(authentication, AuthResult::Success) {
        return Err(format!("refused: {authentication:?}").into());
    }
    println!("{}", run(&session, "id -un").await?.trim_end());
    session.disconnect(Disconnect::ByApplication, "", "en").await?;
    Ok(())
}

async fn run(session: &client::Handle<Trusting>, command: &str) -> Outcome<String> {
    let mut channel = session.channel_open_session().await?;
    channel.exec(true, command).await?;
    let mut output = Vec::new();
    while let Some(message) = channel.wait().await {
        if let ChannelMsg::Data { data } = message {
            output.extend_from_slice(&data);
        }
    }
    Ok(String::from_utf8(output)?)
}

async fn find(agent: &mut AgentClient<UnixStream>, comment: &str) -> Outcome<AgentIdentity> {
    let all = agent.request_identities().await?;
    all.into_iter()
        .find(|identity| identity.comment() == comment)
        .ok_or_else(|| format!("the agent lists no key {comment:?}").into())
}

/// The whole life of a key, as russh speaks it; prints each step that went well.
async fn drive_agent(key_file: &str) -> Outcome {
    let key = russh::keys::load_secret_key(key_file, None)?;
    let public = key.public_key().clone();
    let mut agent = AgentClient::connect_env().await?;

    agent.add_identity(&key, &[Constraint::KeyLifetime { seconds: 600 }]).await?;
    agent.add_identity(&key, &[]).await?;
    println!("added");
    expect_listed(&mut agent, 1).await?;

    let hash = matches!(public.algorithm(), Algorithm::Rsa { .. }).then_some(HashAlg::Sha512);
    let signature = agent.sign_request_signature(&public, hash, b"keyfob").await?;
    verify(&public, &signature)?;
    println!("signed {}", signature.algorithm());

    agent.lock(b"pass").await?;
    expect_listed(&mut agent, 0).await?;
    if agent.unlock(b"word").await.is_ok() {
        return Err("a wrong passphrase unlocked the agent".into());
    }
    agent.unlock(b"pass").await?;
    expect_listed(&mut agent, 1).await?;
    println!("locked and unlocked");

    agent.remove_identity(&public).await?;
    expect_listed(&mut agent, 0).await?;
    println!("removed");
    Ok(())
}

fn verify(public: &russh::keys::PublicKey, signature: &russh::keys::ssh_key::Signature) -> Outcome {
    use russh::keys::signature::Verifier as _;
    public.key_data().verify(b"keyfob", signature)?;
    Ok(())
}

async fn expect_listed(agent: &mut AgentClient<UnixStream>, wanted: usize) -> Outcome {
    let listed = agent.request_identities().await?.len();
    if listed == wanted {
        Ok(())
    } else {
        Err(format!("{listed} keys listed, not {wanted}").into())
    }
}

struct Trusting;

impl client::Handler for Trusting {
    type Error = russh::Error;

    async fn check_server_key(&mut self, _: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        Ok(true)
    }
}
