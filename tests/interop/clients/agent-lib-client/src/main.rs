//! Drives an agent with ssh-agent-lib's blocking client, for keyfob's interop tests.
//!
//! ```text
//! agent-lib-client KEYFILE   add, list, sign and verify, lock, unlock, remove
//! ```
//!
//! Not here: RSA (every RSA signature fails in the ssh-key 0.6 it stands on) and
//! `query` (it encodes an outer length that no other program has).

use std::error::Error;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use signature::Verifier as _;
use ssh_agent_lib::blocking::Client;
use ssh_agent_lib::proto::{
    AddIdentity, AddIdentityConstrained, KeyConstraint, PrivateCredential, RemoveIdentity,
    SignRequest,
};
use ssh_key::PrivateKey;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> Outcome {
    let file = std::env::args_os().nth(1).ok_or("usage: agent-lib-client KEYFILE")?;
    let key = PrivateKey::read_openssh_file(file.as_ref())?;
    let stream = UnixStream::connect(std::env::var("SSH_AUTH_SOCK")?)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    drive(&mut Client::new(stream), &key)
}

fn drive(agent: &mut Client<UnixStream>, key: &PrivateKey) -> Outcome {
    let public = key.public_key().key_data().clone();
    let identity = || AddIdentity {
        credential: PrivateCredential::Key {
            privkey: key.key_data().clone(),
            comment: "from ssh-agent-lib".into(),
        },
    };
    agent.add_identity(identity())?;
    agent.add_identity_constrained(AddIdentityConstrained {
        identity: identity(),
        constraints: vec![KeyConstraint::Lifetime(600)],
    })?;
    println!("added");
    expect_listed(agent, 1)?;

    let signature = agent.sign(SignRequest {
        credential: public.clone().into(),
        data: b"keyfob".to_vec(),
        flags: 0,
    })?;
    public.verify(b"keyfob", &signature)?;
    println!("signed {}", signature.algorithm());

    agent.lock("pass".into())?;
    expect_listed(agent, 0)?;
    if agent.unlock("word".into()).is_ok() {
        return Err("a wrong passphrase unlocked the agent".into());
    }
    agent.unlock("pass".into())?;
    println!("locked and unlocked");

    agent.remove_identity(RemoveIdentity { credential: public.into() })?;
    expect_listed(agent, 0)?;
    agent.add_identity(identity())?;
    agent.remove_all_identities()?;
    expect_listed(agent, 0)?;
    println!("removed");
    Ok(())
}

fn expect_listed(agent: &mut Client<UnixStream>, wanted: usize) -> Outcome {
    let listed = agent.request_identities()?;
    let right = listed.iter().all(|identity| identity.comment == "from ssh-agent-lib");
    if listed.len() == wanted && right {
        Ok(())
    } else {
        Err(format!("{} keys listed, not {wanted}", listed.len()).into())
    }
}
