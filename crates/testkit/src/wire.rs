//! Agent messages as bytes: written field by field, read field by field.
//!
//! Knows lengths and nothing else. A test that wants a wrong length, a missing field or trailing
//! bytes says so with [`Message::raw`].

/// Message numbers, as RFC 9987 writes them.
#[allow(missing_docs, reason = "the names are the RFC's")]
pub mod number {
    pub const FAILURE: u8 = 5;
    pub const SUCCESS: u8 = 6;
    pub const REMOVE_ALL_V1: u8 = 9;
    pub const REQUEST_IDENTITIES: u8 = 11;
    pub const IDENTITIES_ANSWER: u8 = 12;
    pub const SIGN_REQUEST: u8 = 13;
    pub const SIGN_RESPONSE: u8 = 14;
    pub const ADD_IDENTITY: u8 = 17;
    pub const REMOVE_IDENTITY: u8 = 18;
    pub const REMOVE_ALL: u8 = 19;
    pub const ADD_SMARTCARD_KEY: u8 = 20;
    pub const REMOVE_SMARTCARD_KEY: u8 = 21;
    pub const LOCK: u8 = 22;
    pub const UNLOCK: u8 = 23;
    pub const ADD_ID_CONSTRAINED: u8 = 25;
    pub const ADD_SMARTCARD_KEY_CONSTRAINED: u8 = 26;
    pub const EXTENSION: u8 = 27;
    pub const EXTENSION_FAILURE: u8 = 28;
    pub const EXTENSION_RESPONSE: u8 = 29;
    pub const CONSTRAIN_LIFETIME: u8 = 1;
    pub const CONSTRAIN_CONFIRM: u8 = 2;
    pub const CONSTRAIN_EXTENSION: u8 = 255;
}

/// A message body under construction, its type byte first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message(Vec<u8>);

impl Message {
    /// Begins a message of this type.
    pub fn new(kind: u8) -> Self {
        Self(vec![kind])
    }

    /// Begins a run of fields without a type byte, for what is nested inside a string.
    pub fn fields() -> Self {
        Self(Vec::new())
    }

    /// Appends one byte.
    pub fn byte(mut self, value: u8) -> Self {
        self.0.push(value);
        self
    }

    /// Appends a big-endian u32.
    pub fn number(mut self, value: u32) -> Self {
        self.0.extend_from_slice(&value.to_be_bytes());
        self
    }

    /// Appends a length and these bytes.
    pub fn string(mut self, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        let length = u32::try_from(bytes.len()).expect("a test string below 4 GiB");
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(bytes);
        self
    }

    /// Appends these bytes as they are.
    pub fn raw(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.0.extend_from_slice(bytes.as_ref());
        self
    }

    /// The same message without its last `count` bytes.
    pub fn shortened(mut self, count: usize) -> Self {
        let kept = self.0.len().checked_sub(count).expect("not shorter than nothing");
        self.0.truncate(kept);
        self
    }

    /// The body, without a length.
    pub fn body(&self) -> &[u8] {
        &self.0
    }

    /// The body with its length before it: what goes onto the wire.
    pub fn frame(&self) -> Vec<u8> {
        Message::fields().string(&self.0).0
    }
}

impl AsRef<[u8]> for Message {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// A cursor over received fields; panics where a field is missing.
#[derive(Debug)]
pub struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// Starts at the first of these bytes.
    pub fn of(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// One byte.
    #[track_caller]
    pub fn byte(&mut self) -> u8 {
        self.take(1)[0]
    }

    /// A big-endian u32.
    #[track_caller]
    pub fn number(&mut self) -> u32 {
        u32::from_be_bytes(self.take(4).try_into().expect("four bytes were taken"))
    }

    /// A string's content.
    #[track_caller]
    pub fn string(&mut self) -> &'a [u8] {
        let length = self.number() as usize;
        self.take(length)
    }

    /// What is left.
    pub fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// Asserts that nothing is left.
    #[track_caller]
    pub fn end(self) {
        assert!(self.0.is_empty(), "{} bytes after the last field", self.0.len());
    }

    #[track_caller]
    fn take(&mut self, count: usize) -> &'a [u8] {
        assert!(self.0.len() >= count, "wanted {count} more bytes, there are {}", self.0.len());
        let (taken, rest) = self.0.split_at(count);
        self.0 = rest;
        taken
    }
}
