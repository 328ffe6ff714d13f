//! How long one guess at a passphrase takes, in plain words.
//!
//! On one core of the machine keyfob is measured on; others differ, the order of magnitude does
//! not. The figures are those of the named limits in `keyfile`.

use keyfob_keyfile::Derivation;

const BCRYPT_ROUND: f64 = 6.4e-3;
const SCRYPT_BLOCK: f64 = 0.35e-6;
const ARGON2_KIB: f64 = 0.56e-6;
const SHA1_ITERATION: f64 = 0.2e-6;

/// Seconds of one guess; `None` for a derivation without a cost to speak of.
pub(super) fn seconds(derivation: &Derivation) -> Option<f64> {
    match derivation {
        Derivation::Bcrypt { rounds } => Some(f64::from(*rounds) * BCRYPT_ROUND),
        Derivation::Pbkdf2 { iterations, hash } => {
            Some(f64::from(*iterations) * pbkdf2_iteration(hash))
        }
        Derivation::Pbkdf1 { iterations, .. } | Derivation::Pkcs12 { iterations } => {
            Some(f64::from(*iterations) * SHA1_ITERATION)
        }
        Derivation::Scrypt { log_n, r, p } => {
            let blocks = f64::from(*log_n).exp2() * f64::from(*r) * f64::from(*p);
            Some(blocks * SCRYPT_BLOCK)
        }
        Derivation::Argon2 { memory_kib, passes, .. } => {
            Some(f64::from(*memory_kib) * f64::from(*passes) * ARGON2_KIB)
        }
        _ => None,
    }
}

fn pbkdf2_iteration(hash: &str) -> f64 {
    match hash {
        hash if hash.contains("512") || hash.contains("384") => 0.47e-6,
        "SHA-1" => 0.4e-6,
        _ => 0.12e-6,
    }
}

/// `about 0.15 s per guess`.
pub(super) fn in_words(derivation: &Derivation) -> String {
    let Some(seconds) = seconds(derivation) else {
        return "millions of guesses a second".to_owned();
    };
    let time = match seconds {
        s if s < 0.001 => "less than 1 ms".to_owned(),
        s if s < 0.0995 => format!("about {:.0} ms", s * 1000.0),
        s if s < 0.995 => format!("about {s:.2} s"),
        s if s < 100.0 => format!("about {s:.0} s"),
        s if s < 7200.0 => format!("about {:.0} min", s / 60.0),
        s => format!("about {:.0} h", s / 3600.0),
    };
    format!("{time} per guess")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_can_picture_the_cost() {
        for (derivation, words) in [
            (Derivation::Bcrypt { rounds: 24 }, "about 0.15 s per guess"),
            (Derivation::Bcrypt { rounds: 1 }, "about 6 ms per guess"),
            (Derivation::Bcrypt { rounds: 100_000 }, "about 11 min per guess"),
            (Derivation::Pbkdf2 { iterations: 2048, hash: "SHA-256" }, "less than 1 ms per guess"),
            (Derivation::Pbkdf2 { iterations: 600_000, hash: "SHA-256" }, "about 72 ms per guess"),
            (Derivation::Scrypt { log_n: 14, r: 8, p: 1 }, "about 46 ms per guess"),
            (Derivation::Md5, "millions of guesses a second"),
        ] {
            assert_eq!(in_words(&derivation), words);
        }
    }
}
