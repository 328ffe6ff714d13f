//! What one connection has proved about where it leads: its session bindings.
//!
//! Belongs to the connection, so recording a binding needs no lock and works
//! whether the agent is locked or not: a bind that a locked agent dropped would
//! make a forwarded connection look local afterwards (P4b).

use std::sync::Arc;

use keyfob_keys::PublicKey;
use keyfob_protocol::{Response, SessionBind};

use crate::limits::MAX_BINDINGS;
use crate::profile::Profile;
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
    /// What the person's known hosts files call the host; empty where they do not know it. For
    /// people and for rules that narrow: the host key is what was proved.
    pub names: Arc<[String]>,
}

/// The bindings of one connection, oldest (nearest to the agent) first.
#[derive(Debug, Default)]
pub struct Session {
    bindings: Vec<Binding>,
    failed: bool,
    /// What asks by it is not the program at its end.
    passed_on: bool,
    profile: Option<Arc<Profile>>,
    denial_told: bool,
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

    /// The same, through a socket that shows some keys only.
    pub fn with(profile: Option<Arc<Profile>>) -> Self {
        Self { profile, ..Self::default() }
    }

    /// What its socket shows; everything when there is none.
    pub fn profile(&self) -> Option<&Profile> {
        self.profile.as_deref()
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

    /// Notes that the program at its end asked what it never asks by itself: it passes on what comes from
    /// beyond, and may be too old to say so.
    pub fn note_passed_on(&mut self) {
        self.passed_on = true;
    }

    /// Whether it is yet to be told that a rule shows this connection nothing. Programs list keys
    /// as often as they like: told each time it would crowd out all else.
    pub(crate) fn is_first_denial(&mut self) -> bool {
        !std::mem::replace(&mut self.denial_told, true)
    }

    /// The recorded hops, nearest first.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// Says what the host of the newest binding is called.
    pub fn name_newest(&mut self, names: Arc<[String]>) {
        if let Some(newest) = self.bindings.last_mut() {
            newest.names = names;
        }
    }

    /// Whether requests come from beyond this machine, or may.
    pub fn is_remote(&self) -> bool {
        self.failed || self.passed_on || self.bindings.iter().any(|binding| binding.forwarding)
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
            names: Arc::default(),
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
