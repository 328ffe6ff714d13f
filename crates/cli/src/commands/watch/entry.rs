//! A passphrase while it is typed: never shown, never moved, wiped when it is done with.

use zeroize::Zeroizing;

/// What was typed so far.
pub(super) struct Entry {
    typed: Zeroizing<Vec<u8>>,
}

impl Entry {
    pub(super) fn new() -> Self {
        // All the room it may need: a vector that grows leaves copies behind.
        Self { typed: Zeroizing::new(Vec::with_capacity(keyfob_prompt::MAX_PASSPHRASE)) }
    }

    /// One more character, while there is room.
    pub(super) fn push(&mut self, character: char) {
        let mut bytes = [0; 4];
        let bytes = character.encode_utf8(&mut bytes).as_bytes();
        if self.typed.len() + bytes.len() <= keyfob_prompt::MAX_PASSPHRASE {
            self.typed.extend_from_slice(bytes);
        }
    }

    /// Takes the last character back.
    pub(super) fn erase(&mut self) {
        while self.typed.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
    }

    /// The whole.
    pub(super) fn finish(self) -> Zeroizing<Vec<u8>> {
        self.typed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_is_taken_back_whole() {
        let mut entry = Entry::new();
        for character in "aß鍵".chars() {
            entry.push(character);
        }
        entry.erase();
        entry.erase();
        entry.push('b');
        assert_eq!(*entry.finish(), *b"ab");
        let mut none = Entry::new();
        none.erase();
        assert!(none.finish().is_empty());
    }

    #[test]
    fn what_is_too_long_goes_nowhere() {
        let mut entry = Entry::new();
        (0..5000).for_each(|_| entry.push('x'));
        assert_eq!(entry.finish().len(), keyfob_prompt::MAX_PASSPHRASE);
    }
}
