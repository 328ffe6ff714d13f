//! The rules a person sets for all keys, and what a request's flags mean.

use std::sync::Arc;
use std::time::Duration;

use keyfob_keys::Algorithm;
use keyfob_keys::signer::SignatureScheme;
use keyfob_protocol::number::{SIGN_RSA_SHA2_256, SIGN_RSA_SHA2_512};

use crate::limits::MAX_IDLE;
use crate::offer::Offer;
use crate::rules::HostRule;

/// Rules for all keys.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Lifetime of keys that bring none of their own.
    pub default_lifetime: Option<Duration>,
    /// Whether RSA keys may sign with SHA-1, which old network gear needs.
    pub allow_rsa_sha1: bool,
    /// How long a key stays without use that brings no such time of its own.
    pub key_idle: Option<Duration>,
    /// How long a key that is in no store stays at most.
    pub session: Option<Duration>,
    /// How long a signing object is kept after its last use.
    pub idle_wipe: Duration,
    /// Rules for hosts; the first that matches counts.
    pub hosts: Arc<[HostRule]>,
    /// Which keys a host is shown that is known to take one of them.
    pub offer: Offer,
    /// Whether it is remembered which key a host took.
    pub learn: bool,
    /// Whether answers to questions about requests from beyond this machine may be remembered.
    pub remember_forwarded: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            default_lifetime: None,
            allow_rsa_sha1: true,
            key_idle: None,
            session: None,
            idle_wipe: Duration::from_secs(60),
            hosts: Arc::default(),
            offer: Offer::default(),
            learn: true,
            remember_forwarded: false,
        }
    }
}

/// Why the flags of a sign request are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SchemeRefusal {
    /// A bit nobody defined: signing as if it were not there could give the
    /// caller something else than it asked for (P2).
    #[error("unknown signature flags {0:#x}")]
    UnknownFlags(u32),
    /// Neither SHA-256 nor SHA-512 was asked for, and SHA-1 is switched off.
    #[error("SHA-1 signature (ssh-rsa) refused by the setting rsa-sha1")]
    Sha1Refused,
}

impl Policy {
    /// How long a signing object rests before it is wiped.
    pub(crate) fn rests_after(&self) -> Duration {
        self.idle_wipe.min(MAX_IDLE)
    }

    /// Which signature the flags of a sign request ask of a key (RFC 9987,
    /// "Signature flags"; P1: exactly what was asked).
    pub(crate) fn scheme(
        &self,
        algorithm: Algorithm,
        flags: u32,
    ) -> Result<SignatureScheme, SchemeRefusal> {
        if flags & !(SIGN_RSA_SHA2_256 | SIGN_RSA_SHA2_512) != 0 {
            return Err(SchemeRefusal::UnknownFlags(flags));
        }
        if algorithm != Algorithm::Rsa {
            return Ok(SignatureScheme::Default);
        }
        if flags & SIGN_RSA_SHA2_512 != 0 {
            // Both set: the stronger one. OpenSSH takes 256 here; no client sets both.
            return Ok(SignatureScheme::RsaSha512);
        }
        if flags & SIGN_RSA_SHA2_256 != 0 {
            return Ok(SignatureScheme::RsaSha256);
        }
        if self.allow_rsa_sha1 {
            Ok(SignatureScheme::RsaSha1)
        } else {
            Err(SchemeRefusal::Sha1Refused)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(allow_rsa_sha1: bool) -> Policy {
        Policy { allow_rsa_sha1, idle_wipe: Duration::ZERO, ..Policy::default() }
    }

    #[test]
    fn p1_rsa_flags_choose_exactly_the_hash_they_name() {
        let scheme = |flags| policy(true).scheme(Algorithm::Rsa, flags);
        assert_eq!(scheme(2), Ok(SignatureScheme::RsaSha256));
        assert_eq!(scheme(4), Ok(SignatureScheme::RsaSha512));
        assert_eq!(scheme(6), Ok(SignatureScheme::RsaSha512));
        assert_eq!(scheme(0), Ok(SignatureScheme::RsaSha1));
    }

    #[test]
    fn p2_an_unknown_flag_bit_is_never_ignored() {
        for bit in (0..32).filter(|bit| ![1, 2].contains(bit)) {
            let flags = 1 << bit | SIGN_RSA_SHA2_512;
            for algorithm in [Algorithm::Rsa, Algorithm::Ed25519] {
                assert_eq!(
                    policy(true).scheme(algorithm, flags),
                    Err(SchemeRefusal::UnknownFlags(flags))
                );
            }
        }
    }

    #[test]
    fn the_setting_refuses_sha1_and_only_sha1() {
        assert_eq!(policy(false).scheme(Algorithm::Rsa, 0), Err(SchemeRefusal::Sha1Refused));
        assert_eq!(policy(false).scheme(Algorithm::Rsa, 2), Ok(SignatureScheme::RsaSha256));
        assert_eq!(policy(false).scheme(Algorithm::Ed25519, 0), Ok(SignatureScheme::Default));
    }
}
