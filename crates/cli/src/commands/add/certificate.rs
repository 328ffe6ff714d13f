//! The certificate beside a key file (`FILE-cert.pub`), joined with its key, or the one inside a
//! file that holds both.
//!
//! Sends nothing and says nothing.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use keyfob_keys::{Certificate, PrivateKey};

use super::Add;
use crate::{files, public_file};

/// What follows the key's own name.
pub(super) const ENDING: &str = "-cert.pub";

/// A certificate stays this long after its end: clocks differ (OpenSSH 10.1).
const GRACE: u64 = 5 * 60;

/// What was found.
pub(super) enum Found {
    /// There is no such file.
    Nothing,
    /// There is, but it cannot be used.
    Unusable(String),
    /// It is another key's.
    Mismatch,
    /// It ended long enough ago.
    Expired,
    /// The key with its certificate.
    Good {
        key: PrivateKey,
        /// The authority's name for it.
        id: Vec<u8>,
        /// Seconds the agent keeps it.
        lifetime: Option<u32>,
    },
}

/// Looks for the certificate of a key from the file `name`.
pub(super) fn beside(plan: &Add, name: &Path, key: &PrivateKey) -> Found {
    let public = match public_file::load(&files::beside(name, ENDING)) {
        Ok((public, _)) => public,
        Err(error) if error.is_missing() => return Found::Nothing,
        Err(error) => return Found::Unusable(error.to_string()),
    };
    let Some(certificate) = public.certificate() else {
        return Found::Unusable("this is no certificate".to_owned());
    };
    match key.with_certificate(&public) {
        Ok(certified) => in_time(plan, certified, certificate),
        Err(_) => Found::Mismatch,
    }
}

/// The certificate the key came with.
pub(super) fn inside(plan: &Add, key: &PrivateKey) -> Found {
    let public = key.public();
    match (public.certificate(), key.with_certificate(public)) {
        (Some(certificate), Ok(certified)) => in_time(plan, certified, certificate),
        _ => Found::Nothing,
    }
}

fn in_time(plan: &Add, key: PrivateKey, certificate: &Certificate) -> Found {
    let end = if plan.certificates_expire { certificate.valid_before } else { u64::MAX };
    match lifetime(plan.lifetime, end, now()) {
        Some(lifetime) => Found::Good { key, id: certificate.key_id.clone(), lifetime },
        None => Found::Expired,
    }
}

/// Until when the agent keeps a certificate that ends at `end`; `None` when
/// that is past.
fn lifetime(wanted: Option<u32>, end: u64, now: u64) -> Option<Option<u32>> {
    if end == u64::MAX {
        return Some(wanted);
    }
    let left = end.saturating_add(GRACE).checked_sub(now)?;
    // The tools count in `int`. Zero would mean "for ever" to some agents.
    let left = u32::try_from(left).unwrap_or(u32::MAX).clamp(1, i32::MAX.unsigned_abs());
    Some(Some(wanted.map_or(left, |wanted| wanted.min(left))))
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    #[test]
    fn a_certificate_leaves_five_minutes_after_its_end() {
        assert_eq!(lifetime(None, NOW + 60, NOW), Some(Some(360)));
        assert_eq!(lifetime(None, NOW - 299, NOW), Some(Some(1)));
        assert_eq!(lifetime(None, NOW - 301, NOW), None);
    }

    #[test]
    fn the_shorter_life_wins() {
        assert_eq!(lifetime(Some(100), NOW + 60, NOW), Some(Some(100)));
        assert_eq!(lifetime(Some(9000), NOW + 60, NOW), Some(Some(360)));
    }

    #[test]
    fn a_certificate_without_end_stays_as_its_key() {
        assert_eq!(lifetime(None, u64::MAX, NOW), Some(None));
        assert_eq!(lifetime(Some(5), u64::MAX, NOW), Some(Some(5)));
    }

    #[test]
    fn an_end_in_the_far_future_does_not_overflow() {
        assert_eq!(lifetime(None, u64::MAX - 1, NOW), Some(Some(i32::MAX.unsigned_abs())));
    }
}
