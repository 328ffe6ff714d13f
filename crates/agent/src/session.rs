//! What one connection has proved about where it leads: its session bindings.
//!
//! Belongs to the connection, so recording a binding needs no lock and works
//! whether the agent is locked or not: a bind that a locked agent dropped would
//! make a forwarded connection look local afterwards (P4b).

use keyfob_keys::PublicKey;
use keyfob_protocol::{Response, SessionBind};

use crate::limits::MAX_BINDINGS;
use crate::record::Record;
use crate::step::Reply;

/// One verified `session-bind@openssh.com`.
#[derive(Debug, Clone)]
pub struct Binding {
    /// The host key that signed the session identifier.
    pub host_key: PublicKey,
    /// The session identifier of that SSH connection.
    pub session_id: Vec<u8>,
    /// The agent is forwarded over it, rather than used to log in.
    pub forwarding: bool,
}

/// The bindings of one connection, oldest (nearest to the agent) first.
#[derive(Debug, Default)]
pub struct Session {
    bindings: Vec<Binding>,
    failed: bool,
}

/// Why a binding was not recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BindRefusal {
    /// The host key did not sign this session identifier.
    #[error("host key signature does not verify")]
    BadSignature,
    /// A connection that serves a login is at its end: nothing lies beyond.
    #[error("connection is already bound for authentication")]
    AlreadyAuthenticating,
    /// The same session identifier cannot belong to two hosts.
    #[error("session identifier is already bound to another host key")]
    OtherHostKey,
    /// More hops than [`MAX_BINDINGS`].
    #[error("more than {MAX_BINDINGS} session bindings")]
    TooMany,
}

impl Session {
    /// A connection that has proved nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Verifies and records one hop (PROTOCOL.agent, "session-bind").
    ///
    /// # Errors
    ///
    /// The reason it was refused; from then on [`Session::failed`] is true.
    pub fn bind(&mut self, bind: &SessionBind<'_>) -> Result<(), BindRefusal> {
        let outcome = self.try_bind(bind);
        self.failed |= outcome.is_err();
        outcome
    }

    /// Notes a bind that could not even be parsed.
    pub fn bind_failed(&mut self) {
        self.failed = true;
    }

    /// Whether a bind was attempted and refused: where this connection leads is
    /// then unknown, so constrained keys stay out of its reach.
    pub fn failed(&self) -> bool {
        self.failed
    }

    /// The recorded hops, nearest first.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// Whether requests come from beyond this machine, or may.
    pub fn is_remote(&self) -> bool {
        self.failed || self.bindings.iter().any(|binding| binding.forwarding)
    }

    fn try_bind(&mut self, bind: &SessionBind<'_>) -> Result<(), BindRefusal> {
        bind.verify().map_err(|_| BindRefusal::BadSignature)?;
        for known in &self.bindings {
            if !known.forwarding {
                return Err(BindRefusal::AlreadyAuthenticating);
            }
            if known.session_id == bind.session_id {
                return if known.host_key == bind.host_key {
                    Ok(())
                } else {
                    Err(BindRefusal::OtherHostKey)
                };
            }
        }
        if self.bindings.len() >= MAX_BINDINGS {
            return Err(BindRefusal::TooMany);
        }
        self.bindings.push(Binding {
            host_key: bind.host_key.clone(),
            session_id: bind.session_id.to_vec(),
            forwarding: bind.forwarding,
        });
        Ok(())
    }
}

pub(crate) fn bind(session: &mut Session, request: &SessionBind<'_>) -> Reply {
    match session.bind(request) {
        Ok(()) => Reply::success(Record::Bound {
            host_key: request.host_key.clone(),
            forwarding: request.forwarding,
        }),
        Err(why) => Reply::now(Response::ExtensionFailure, Record::BindRefused(why)),
    }
}
