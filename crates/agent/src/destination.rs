//! May this key be used over this connection? Destination constraints,
//! enforced hop by hop as OpenSSH does (PROTOCOL.agent,
//! "restrict-destination-v00@openssh.com").
//!
//! The path of a connection is the list of its bindings: from the agent's own
//! machine to the first host, from there to the second, and so on. Each step
//! must be allowed by one of the key's constraints.

use keyfob_keys::{Certificate, CertificateKind, PublicKey};
use keyfob_protocol::Userauth;
use keyfob_protocol::destination::{Constraint, Hop};
use keyfob_protocol::pattern;

use crate::limits::MAX_COMPARISONS;
use crate::proved::names;
use crate::rules::RuleName;
use crate::session::Session;

/// Why a constrained key is out of reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Forbidden {
    /// Nothing proves where the connection leads.
    #[error("destination-constrained key on a connection without session binding")]
    Unbound,
    /// A bind was attempted and failed.
    #[error("destination-constrained key after a failed session binding")]
    FailedBind,
    /// The data is no authentication request, so no destination can be read.
    #[error("destination-constrained key asked to sign something else than a login")]
    NotUserauth,
    /// The request is for another SSH connection than the newest binding.
    #[error("login request for another session than the connection is bound to")]
    OtherSession,
    /// The host key in the request is not the bound one, or is missing where
    /// the connection is forwarded.
    #[error("login request for another host key than the connection is bound to")]
    OtherHostKey,
    /// A hop that forwards the agent asked for a login, or one that logs in
    /// has a hop behind it.
    #[error("session binding does not fit its use")]
    WrongUse,
    /// Comparing the constraints with the connection would take too long.
    #[error("destination constraints of the key take too long to compare")]
    TooCostly,
    /// The rules are in the key store, which was never unlocked, and the request comes from beyond
    /// this machine: it must not make the question for the passphrase appear either.
    #[error("key store was not unlocked yet, and the request comes from another machine")]
    RulesUnknown,
    /// No constraint of the key allows this step.
    #[error("no destination constraint of the key allows this host or user")]
    NotAllowed,
    /// A rule for hosts forbids it.
    #[error("denied by {0}")]
    Rule(RuleName),
    /// The client's socket shows some keys only.
    #[error("not among the keys of the profile of this socket")]
    NotInProfile,
}

/// One request's look at constraints: the time of day, and the effort it may still cost.
///
/// Whoever may add a key writes its constraints, and whoever binds a connection brings the
/// certificate they are compared with; a forwarded client does both. Without a bound the two
/// multiply to minutes of one core for a request of five bytes.
pub(crate) struct Judge {
    unix: u64,
    effort: usize,
}

impl Judge {
    /// For one request at this time.
    pub(crate) fn new(unix: u64) -> Self {
        Self { unix, effort: MAX_COMPARISONS }
    }

    /// May a key with these constraints be seen and removed over this connection?
    ///
    /// A key that may be used to log in *to* a host but not *from* it is hidden
    /// from that host: what cannot sign there need not be known there.
    pub(crate) fn visible(
        &mut self,
        constraints: &[Constraint],
        session: &Session,
    ) -> Result<(), Forbidden> {
        self.permitted(constraints, session, None)
    }

    /// May a key with these constraints sign `data` over this connection?
    pub(crate) fn may_sign(
        &mut self,
        constraints: &[Constraint],
        session: &Session,
        key: &PublicKey,
        data: &[u8],
    ) -> Result<(), Forbidden> {
        if constraints.is_empty() {
            return Ok(());
        }
        let Some(newest) = session.bindings().last() else {
            return Err(if session.failed() { Forbidden::FailedBind } else { Forbidden::Unbound });
        };
        let request = Userauth::parse(data).map_err(|_| Forbidden::NotUserauth)?;
        if !names(request.key, key.blob()) {
            return Err(Forbidden::NotUserauth);
        }
        self.permitted(constraints, session, Some(request.user))?;
        if request.session_id != newest.session_id {
            return Err(Forbidden::OtherSession);
        }
        match &request.host_key {
            Some(host_key) if *host_key != newest.host_key => Err(Forbidden::OtherHostKey),
            // A forwarded client could pass on a request that names no host.
            None if session.bindings().len() > 1 => Err(Forbidden::OtherHostKey),
            _ => Ok(()),
        }
    }

    fn permitted(
        &mut self,
        constraints: &[Constraint],
        session: &Session,
        user: Option<&[u8]>,
    ) -> Result<(), Forbidden> {
        if constraints.is_empty() {
            return Ok(());
        }
        if session.failed() {
            return Err(Forbidden::FailedBind);
        }
        let Some((last, before)) = session.bindings().split_last() else {
            // Local use: listing is harmless, signing was refused by the caller.
            return Ok(());
        };
        let mut from = None;
        for hop in before {
            if !hop.forwarding {
                return Err(Forbidden::WrongUse);
            }
            self.step_allowed(constraints, from, Some(&hop.host_key), None)?;
            from = Some(&hop.host_key);
        }
        if last.forwarding && user.is_some() {
            return Err(Forbidden::WrongUse);
        }
        self.step_allowed(constraints, from, Some(&last.host_key), user)?;
        if last.forwarding && user.is_none() {
            // Hide what may be used to reach this host but not beyond it.
            self.step_allowed(constraints, Some(&last.host_key), None, None)?;
        }
        Ok(())
    }

    /// Does one constraint allow the step `from` → `to`? `None` as `from` is the
    /// agent's own machine; `None` as `to` is "anywhere".
    fn step_allowed(
        &mut self,
        constraints: &[Constraint],
        from: Option<&PublicKey>,
        to: Option<&PublicKey>,
        user: Option<&[u8]>,
    ) -> Result<(), Forbidden> {
        let allowed = constraints.iter().any(|constraint| {
            self.starts_at(&constraint.from, from)
                && to.is_none_or(|key| self.is_host(&constraint.to, key))
                && user.is_none_or(|user| self.user_matches(&constraint.to, user))
        });
        match allowed {
            true => Ok(()),
            false if self.effort == 0 => Err(Forbidden::TooCostly),
            false => Err(Forbidden::NotAllowed),
        }
    }

    fn starts_at(&mut self, hop: &Hop, from: Option<&PublicKey>) -> bool {
        match from {
            None => hop.host.is_empty() && hop.keys.is_empty(),
            Some(key) => self.is_host(hop, key),
        }
    }

    fn user_matches(&mut self, hop: &Hop, user: &[u8]) -> bool {
        hop.user.is_empty() || self.matches(&hop.user, user)
    }

    /// Is this the key of one of the hosts? A certificate counts by its authority only, as with
    /// OpenSSH: compared as a plain key it would count for ever, whatever it says of its end.
    fn is_host(&mut self, hop: &Hop, key: &PublicKey) -> bool {
        let among = |is_authority, key: &PublicKey| {
            hop.keys.iter().any(|spec| spec.is_authority == is_authority && spec.key == *key)
        };
        self.spend(hop.keys.len())
            && match key.certificate() {
                None => among(false, key),
                Some(certificate) => {
                    among(true, &certificate.authority) && self.certifies(certificate, &hop.host)
                }
            }
    }

    /// Is it a host certificate, valid now, for `host`? That its authority signed it was proved
    /// when the connection was bound: no binding is recorded otherwise.
    fn certifies(&mut self, certificate: &Certificate, host: &[u8]) -> bool {
        certificate.kind == CertificateKind::Host
            && (certificate.valid_after..certificate.valid_before).contains(&self.unix)
            // No critical option is defined for hosts: an unknown one must refuse.
            && certificate.critical_options.is_empty()
            // Since 10.3 a certificate without principals matches no host.
            && certificate.principals.iter().any(|name| self.matches(name, host))
    }

    fn matches(&mut self, pattern: &[u8], text: &[u8]) -> bool {
        self.spend(1) && pattern::matches_within(pattern, text, &mut self.effort)
    }

    /// `false` when the effort is used up; from then on nothing is allowed any more.
    fn spend(&mut self, steps: usize) -> bool {
        self.effort = self.effort.saturating_sub(steps);
        self.effort > 0
    }
}
