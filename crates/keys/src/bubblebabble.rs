//! A fingerprint that can be read aloud, as `ssh-keygen -B` prints it.
//!
//! Bubble Babble (A. Huima, 2000) of the SHA-1 of the key: made-up words of vowels and
//! consonants with a checksum woven in. For people who compare; never to decide.

use sha1::{Digest, Sha1};

use crate::PublicKey;

const VOWELS: &[u8; 6] = b"aeiouy";
const CONSONANTS: &[u8; 16] = b"bcdfghklmnprstvz";
/// Both ends, and the middle of the last word.
const FRAME: u8 = b'x';

/// The words of a key (of a certificate's key for a certificate).
#[must_use]
pub fn bubblebabble(key: &PublicKey) -> String {
    words(&Sha1::digest(key.plain().blob()).into())
}

fn words(hash: &[u8; 20]) -> String {
    let mut text = vec![FRAME];
    let mut checksum = 1_usize;
    let (pairs, _) = hash.as_chunks::<2>();
    for pair in pairs {
        let [first, second] = pair.map(usize::from);
        text.extend([
            VOWELS[((first >> 6) + checksum) % 6],
            CONSONANTS[(first >> 2) & 15],
            VOWELS[((first & 3) + checksum / 6) % 6],
            CONSONANTS[second >> 4],
            b'-',
            CONSONANTS[second & 15],
        ]);
        checksum = (checksum * 5 + first * 7 + second) % 36;
    }
    text.extend([VOWELS[checksum % 6], FRAME, VOWELS[checksum / 6], FRAME]);
    text.into_iter().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eleven_words_between_two_x() {
        let text = words(&[0; 20]);
        assert_eq!(text.split('-').count(), 11);
        assert!(text.starts_with('x') && text.ends_with('x'));
        assert!(text.split('-').all(|word| word.len() == 5), "{text}");
    }

    #[test]
    fn a_changed_bit_anywhere_changes_the_last_word_or_an_earlier_one() {
        let plain = words(&[0; 20]);
        for bit in 0..160 {
            let mut hash = [0; 20];
            hash[bit / 8] = 1 << (bit % 8);
            assert_ne!(words(&hash), plain, "bit {bit}");
        }
    }
}
