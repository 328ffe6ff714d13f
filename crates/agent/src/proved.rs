//! Where a signature would be good, and over which hosts its request came: what the session and
//! the signed data prove together, and nothing else.
//!
//! Does not decide: whether a key may be used there is in `destination`. Does not look at
//! processes: who asks is the driver's to find out.

use std::sync::Arc;

use keyfob_keys::PublicKey;
use keyfob_protocol::userauth::KeyBlob;
use keyfob_protocol::{Purpose, Userauth};

use crate::session::{Binding, Session};

/// What a signature is for, and where its request comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// What for.
    pub aim: Aim,
    /// The hosts the agent is forwarded over, nearest first; each has proved its key.
    pub via: Arc<[ProvedHost]>,
    /// The request comes from beyond this machine, or must be treated so: a binding was refused,
    /// or the data does not fit the connection it came over.
    pub remote: bool,
}

/// What a signature is for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Aim {
    /// To log in.
    Login(Login),
    /// A signed file, commit or message (PROTOCOL.sshsig), good in this namespace only. Text from
    /// outside.
    Signature {
        /// `git`, `file`, …
        namespace: Arc<[u8]>,
    },
    /// Not recognised.
    Unknown,
}

/// A login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// As whom. Text from outside.
    pub user: Arc<[u8]>,
    /// Where: only with the proof that this host made the session the signature is good in.
    pub host: Option<ProvedHost>,
}

/// A host that proved its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvedHost {
    /// Its key or certificate.
    pub key: PublicKey,
    /// What known hosts files call it; empty where they do not know it.
    pub names: Arc<[String]>,
}

impl From<&Binding> for ProvedHost {
    fn from(binding: &Binding) -> Self {
        Self { key: binding.host_key.clone(), names: Arc::clone(&binding.names) }
    }
}

impl Destination {
    /// What a request over this session, to sign this data with the key of this blob, would do.
    pub fn of(session: &Session, data: &[u8], key: &[u8]) -> Self {
        let via = session.bindings().iter().filter(|binding| binding.forwarding);
        let via = via.map(ProvedHost::from).collect();
        let (aim, fits) = match Purpose::classify(data) {
            Purpose::Userauth(login) if names(login.key, key) => {
                let host = proved_host(session, &login);
                let fits = host.is_some();
                (Aim::Login(Login { user: login.user.into(), host }), fits)
            }
            // A connection that was bound for a login has no use for anything else.
            Purpose::Sshsig(sshsig) => {
                (Aim::Signature { namespace: sshsig.namespace.into() }, false)
            }
            _ => (Aim::Unknown, false),
        };
        let remote = session.is_remote() || (!session.bindings().is_empty() && !fits);
        Self { aim, via, remote }
    }

    /// The host of a login, where it is proved.
    pub fn host(&self) -> Option<&ProvedHost> {
        match &self.aim {
            Aim::Login(login) => login.host.as_ref(),
            _ => None,
        }
    }
}

/// The host of the newest binding, if this login is for its session and for no other host.
fn proved_host(session: &Session, login: &Userauth<'_>) -> Option<ProvedHost> {
    let newest = session.bindings().last()?;
    let fits = !session.failed()
        && !newest.forwarding
        && login.session_id == newest.session_id
        && match login.host_key {
            Some(named) => named == newest.host_key,
            // Servers before OpenSSH 8.9. A client beyond could pass on a request that names none.
            None => session.bindings().len() == 1,
        };
    fits.then(|| newest.into())
}

/// Does the login name this key, or a certificate for it?
///
/// To log in by a certificate `ssh` puts the certificate into the login and has the plain key sign
/// it. Where the key may go is the same either way (OpenSSH's bz3752).
pub(crate) fn names(named: KeyBlob<'_>, key: &[u8]) -> bool {
    named.0 == key || PublicKey::from_blob(named.0).is_ok_and(|named| named.plain().blob() == key)
}
