//! How long a passphrase would stand, as `zxcvbn` judges it.
//!
//! That library wants text and makes copies of it. They are all on the heap, where this program's
//! allocator wipes what is freed (main.rs); frames of the stack are not wiped. The process is
//! short-lived, and out of reach for dumps and debuggers. What is returned tells nothing of the passphrase
//! but how good it is.

use std::time::Duration;

use keyfob_keyfile::PrivateForm;
use keyfob_keys::Secret;
use secrecy::ExposeSecret as _;
use zeroize::Zeroizing;
use zxcvbn::feedback::Feedback;
use zxcvbn::time_estimates::{CrackTimeSeconds, CrackTimes};
use zxcvbn::zxcvbn;

/// Characters that are judged. The time it takes grows with the square of their number, and
/// nobody guesses what is longer.
const JUDGED: usize = 100;

/// How fast somebody who has the file can try passphrases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guessing {
    /// Each try costs a derivation that was made to be slow (bcrypt, Argon2, scrypt): ten thousand
    /// a second on a rack of machines.
    Slow,
    /// Each try costs a hash or two (traditional PEM, PPK 2): ten thousand millions.
    Fast,
}

impl Guessing {
    /// At a file of this form.
    pub(crate) fn at(form: PrivateForm) -> Self {
        match form {
            PrivateForm::Pem | PrivateForm::Ppk2 => Self::Fast,
            _ => Self::Slow,
        }
    }
}

/// What is said of a passphrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Strength {
    /// In a word or two.
    pub(crate) word: &'static str,
    /// `3 hours`, `centuries`: until it is guessed, most likely.
    pub(crate) time: String,
    /// What makes it weak, as a sentence.
    pub(crate) warning: Option<String>,
}

/// Judges a passphrase. `personal` are words somebody who knows the owner would try first.
pub(crate) fn of(passphrase: &Secret, guessing: Guessing, personal: &[&str]) -> Strength {
    let text = text(passphrase.expose_secret());
    let judged = zxcvbn(&text, personal);
    let time = time(judged.crack_times(), guessing);
    let warning = judged.feedback().and_then(Feedback::warning);
    Strength {
        word: word(time.into()),
        time: time.to_string(),
        warning: warning.map(|warning| warning.to_string()),
    }
}

/// The first characters; of bytes that are no UTF-8 a character each, as no dictionary has them.
fn text(passphrase: &[u8]) -> Zeroizing<String> {
    // With its whole room from the start: growing would leave pieces behind.
    let mut text = Zeroizing::new(String::with_capacity(JUDGED * 4));
    match std::str::from_utf8(passphrase) {
        Ok(valid) => text.extend(valid.chars().take(JUDGED)),
        Err(_) => text.extend(passphrase.iter().take(JUDGED).map(|byte| char::from(*byte))),
    }
    text
}

/// Of the time alone, beside which it stands: what is guessed in days is not strong, whatever it is made of.
fn word(guessed_in: Duration) -> &'static str {
    const HOUR: u64 = 60 * 60;
    const DAY: u64 = 24 * HOUR;
    const MONTH: u64 = 31 * DAY;
    const TEN_YEARS: u64 = 120 * MONTH;
    match guessed_in.as_secs() {
        ..HOUR => "very weak",
        HOUR..DAY => "weak",
        DAY..MONTH => "fair",
        MONTH..TEN_YEARS => "good",
        _ => "strong",
    }
}

fn time(times: CrackTimes, guessing: Guessing) -> CrackTimeSeconds {
    match guessing {
        Guessing::Slow => times.offline_slow_hashing_1e4_per_second(),
        Guessing::Fast => times.offline_fast_hashing_1e10_per_second(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strength(passphrase: &[u8], guessing: Guessing) -> Strength {
        of(&Secret::from(passphrase.to_vec()), guessing, &["alice", "workstation"])
    }

    #[test]
    fn words_everybody_tries_are_weak_and_many_words_are_strong() {
        let common = strength(b"password1", Guessing::Slow);
        assert_eq!((common.word, common.time.as_str()), ("very weak", "less than a second"));
        assert!(common.warning.is_some());
        let long = strength(b"velvet harbour oxide tuesday lantern", Guessing::Slow);
        assert_eq!((long.word, long.time.as_str()), ("strong", "centuries"));
        assert_eq!(long.warning, None);
    }

    #[test]
    fn the_users_own_name_is_guessed_first() {
        assert_eq!(strength(b"workstation", Guessing::Slow).word, "very weak");
    }

    #[test]
    fn a_file_that_is_quick_to_try_is_quicker_guessed() {
        let times = [Guessing::Slow, Guessing::Fast].map(|it| strength(b"oxide-lantern", it).time);
        assert_ne!(times[0], times[1]);
    }

    /// Lost otherwise: `strong`, and guessed in twelve days.
    #[test]
    fn the_word_says_what_the_time_says() {
        let days = |days: u64| word(Duration::from_secs(days * 24 * 60 * 60));
        assert_eq!(
            [0, 1, 12, 400, 4000].map(days),
            ["very weak", "fair", "fair", "good", "strong"]
        );
        let quick = strength(b"longer pass 1", Guessing::Fast);
        assert_ne!(quick.word, "strong", "{quick:?}");
    }

    #[test]
    fn nothing_of_the_passphrase_is_told() {
        let told = format!("{:?}", strength(b"Tr0ub4dour&3", Guessing::Slow));
        assert!(!told.contains("Tr0ub") && !told.contains("dour"), "{told}");
    }

    #[test]
    fn any_bytes_of_any_length_are_judged() {
        for passphrase in [&[0xff; 12][..], "ü漢🔑".repeat(300).as_bytes(), &[b'a'; 1023], b""]
        {
            assert!(!strength(passphrase, Guessing::Slow).word.is_empty());
        }
    }
}
