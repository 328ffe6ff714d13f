//! May this key be used over this connection? Destination constraints,
//! enforced hop by hop as OpenSSH does (PROTOCOL.agent,
//! "restrict-destination-v00@openssh.com").
//!
//! The path of a connection is the list of its bindings: from the agent's own
//! machine to the first host, from there to the second, and so on. Each step
//! must be allowed by one of the key's constraints.

use keyfob_keys::{CertificateKind, PublicKey};
use keyfob_protocol::Userauth;
use keyfob_protocol::destination::{Constraint, Hop, KeySpec};
use keyfob_protocol::pattern;
use keyfob_protocol::userauth::KeyBlob;

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
    /// No constraint of the key allows this step.
    #[error("no destination constraint of the key allows this host or user")]
    NotAllowed,
}

/// May a key with these constraints be seen and removed over this connection?
///
/// A key that may be used to log in *to* a host but not *from* it is hidden
/// from that host: what cannot sign there need not be known there.
pub(crate) fn visible(
    constraints: &[Constraint],
    session: &Session,
    unix: u64,
) -> Result<(), Forbidden> {
    permitted(constraints, session, None, unix)
}

/// May a key with these constraints sign `data` over this connection?
pub(crate) fn may_sign(
    constraints: &[Constraint],
    session: &Session,
    key: &PublicKey,
    data: &[u8],
    unix: u64,
) -> Result<(), Forbidden> {
    if constraints.is_empty() {
        return Ok(());
    }
    let Some(newest) = session.bindings().last() else {
        return Err(if session.failed() { Forbidden::FailedBind } else { Forbidden::Unbound });
    };
    let request = Userauth::parse(data).map_err(|_| Forbidden::NotUserauth)?;
    if !names(request.key, key) {
        return Err(Forbidden::NotUserauth);
    }
    permitted(constraints, session, Some(request.user), unix)?;
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

/// Does the login name this key, or a certificate for it?
///
/// To log in by a certificate `ssh` puts the certificate into the login and has the plain key sign
/// it. Where the key may go is the same either way (OpenSSH's bz3752).
fn names(named: KeyBlob<'_>, key: &PublicKey) -> bool {
    named == *key || PublicKey::from_blob(named.0).is_ok_and(|named| named.plain() == *key)
}

fn permitted(
    constraints: &[Constraint],
    session: &Session,
    user: Option<&[u8]>,
    unix: u64,
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
        step_allowed(constraints, from, Some(&hop.host_key), None, unix)?;
        from = Some(&hop.host_key);
    }
    if last.forwarding && user.is_some() {
        return Err(Forbidden::WrongUse);
    }
    step_allowed(constraints, from, Some(&last.host_key), user, unix)?;
    if last.forwarding && user.is_none() {
        // Hide what may be used to reach this host but not beyond it.
        step_allowed(constraints, Some(&last.host_key), None, None, unix)?;
    }
    Ok(())
}

/// Does one constraint allow the step `from` → `to`? `None` as `from` is the
/// agent's own machine; `None` as `to` is "anywhere".
fn step_allowed(
    constraints: &[Constraint],
    from: Option<&PublicKey>,
    to: Option<&PublicKey>,
    user: Option<&[u8]>,
    unix: u64,
) -> Result<(), Forbidden> {
    let allowed = constraints.iter().any(|constraint| {
        starts_at(&constraint.from, from, unix)
            && to.is_none_or(|key| is_host(&constraint.to, key, unix))
            && user.is_none_or(|user| user_matches(&constraint.to, user))
    });
    if allowed { Ok(()) } else { Err(Forbidden::NotAllowed) }
}

fn starts_at(hop: &Hop, from: Option<&PublicKey>, unix: u64) -> bool {
    match from {
        None => hop.host.is_empty() && hop.keys.is_empty(),
        Some(key) => is_host(hop, key, unix),
    }
}

fn user_matches(hop: &Hop, user: &[u8]) -> bool {
    hop.user.is_empty() || pattern::matches(&hop.user, user)
}

fn is_host(hop: &Hop, key: &PublicKey, unix: u64) -> bool {
    hop.keys.iter().any(|spec| {
        if spec.is_authority { certified(spec, &hop.host, key, unix) } else { spec.key == *key }
    })
}

/// Is `key` a host certificate by this authority, valid now, for `host`?
fn certified(spec: &KeySpec, host: &[u8], key: &PublicKey, unix: u64) -> bool {
    let Some(certificate) = key.certificate() else {
        return false;
    };
    certificate.authority == spec.key
        && certificate.kind == CertificateKind::Host
        && (certificate.valid_after..certificate.valid_before).contains(&unix)
        // No critical option is defined for hosts: an unknown one must refuse.
        && certificate.critical_options.is_empty()
        // Since 10.3 a certificate without principals matches no host.
        && certificate.principals.iter().any(|name| pattern::matches(name, host))
        && certificate.verify().is_ok()
}
