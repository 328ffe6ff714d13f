//! Public keys and certificates out of files: lines, PEM, RFC 4716, and the public half of
//! private keys.

use keyfob_keys::PublicKey;

use crate::armour::Begin;
use crate::detect::{self, Found, Sight};
use crate::document::{Content, Document};
use crate::error::Error;
use crate::format::Format;
use crate::text::{Lines, Text, clean};
use crate::{ppk, public_line};

/// A public key among others.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PublicEntry {
    /// Its line in the file, the first one is 1. Of a key of several lines the first one.
    pub line: usize,
    /// What stands in front of it on its line, as it is: options of `authorized_keys`, or
    /// the marker and the names of a host in `known_hosts`. Any bytes, maybe none.
    pub options: Vec<u8>,
    /// The key, or what is wrong with it: [`Error::NotAKey`] for a line that is neither a
    /// key nor empty nor a remark.
    pub key: Result<PublicKey, Error>,
    /// Its comment, any bytes, maybe none.
    pub comment: Vec<u8>,
}

/// Reads the first public key of a file, and its comment (any bytes, maybe none).
///
/// The public half of a private key file is taken if it can be had without a passphrase.
///
/// # Errors
/// [`Error::PassphraseNeeded`] when the public half is encrypted too.
pub fn read_public(bytes: &[u8]) -> Result<(PublicKey, Vec<u8>), Error> {
    detect::with(bytes, |found| match found {
        Found::Document(document) => document.public(),
        Found::Ppk(text) => {
            let file = ppk::File::read(text)?;
            Ok((file.public()?, file.comment.to_vec()))
        }
        Found::Foreign(format) => Err(format.unsupported()),
        Found::PublicLine(line) => public_line::read(line).1,
    })
}

/// Reads all public keys of a file, in their order: `authorized_keys`, `known_hosts`, several
/// blocks of PEM, or whatever [`read_public`] reads.
///
/// Empty lines and remarks (`#`) are left out. Where a file has blocks, so is the text
/// around them.
///
/// # Errors
/// [`Error::TooLarge`], [`Error::NotAKey`] when there is nothing at all. What is wrong with a
/// single key is told in its entry.
pub fn read_public_all(bytes: &[u8]) -> Result<Vec<PublicEntry>, Error> {
    let text = Text::read(bytes)?;
    if let Some(document) = Document::bare(bytes) {
        return Ok(vec![PublicEntry::of(1, document.public())]);
    }
    let mut entries = Vec::new();
    let mut blocks = false;
    let mut place = Place { line: 0, rest: text.bytes() };
    while let Some((number, whole, here)) = place.next() {
        let line = clean(whole);
        match Sight::of(whole) {
            Some(Sight::Begin(begin)) if is_key(&begin) => {
                blocks = true;
                let document = Document::read(&begin, place.rest);
                let key = document.and_then(|document| document.public());
                entries.push(PublicEntry::of(number, key));
                place.skip(&begin);
            }
            Some(Sight::Begin(begin)) => {
                blocks = true;
                place.skip(&begin);
            }
            Some(Sight::Ppk | Sight::Ssh1) => {
                // What follows is its content, to the end of the file.
                entries.push(PublicEntry::of(number, read_public(here)));
                blocks = true;
                break;
            }
            Some(Sight::PublicLine(line)) => entries.push(PublicEntry::of_line(number, line)),
            None if line.is_empty() || line.starts_with(b"#") => {}
            None => entries.push(PublicEntry::of(number, Err(Error::NotAKey))),
        }
    }
    if blocks {
        entries.retain(|entry| entry.key != Err(Error::NotAKey));
    }
    if entries.is_empty() { Err(Error::NotAKey) } else { Ok(entries) }
}

/// A key by its wire form, from a file of this format.
pub(crate) fn of_blob(format: Format, blob: &[u8]) -> Result<PublicKey, Error> {
    let key = PublicKey::from_blob(blob).and_then(checked);
    key.map_err(|error| Error::of_key(format, error))
}

/// A key out of a file may be a slip of somebody's hand, or a trap: whoever installs one of small
/// order on a server lets everybody in.
pub(crate) fn checked(key: PublicKey) -> keyfob_keys::Result<PublicKey> {
    key.check_point()?;
    Ok(key)
}

/// Whether a block is a key, and no certificate of X.509 or the like.
fn is_key(begin: &Begin<'_>) -> bool {
    Content::of(begin).is_some() || begin.label().ends_with(b"PRIVATE KEY")
}

impl PublicEntry {
    fn of(line: usize, read: Result<(PublicKey, Vec<u8>), Error>) -> Self {
        match read {
            Ok((key, comment)) => Self { line, options: Vec::new(), key: Ok(key), comment },
            Err(error) => Self { line, options: Vec::new(), key: Err(error), comment: Vec::new() },
        }
    }

    fn of_line(number: usize, line: &[u8]) -> Self {
        let (before, read) = public_line::read(line);
        Self { options: before.to_vec(), ..Self::of(number, read) }
    }
}

/// Where in the text the reading is.
struct Place<'a> {
    /// The line that came last.
    line: usize,
    rest: &'a [u8],
}

impl<'a> Place<'a> {
    /// The next line: its number, itself with its blanks, and the text from it on.
    fn next(&mut self) -> Option<(usize, &'a [u8], &'a [u8])> {
        let here = self.rest;
        let mut lines = Lines::new(here);
        let line = lines.next_whole()?;
        self.rest = lines.rest();
        self.line += 1;
        Some((self.line, line, here))
    }

    /// Goes behind the block that began; one without an end ends where it says so.
    fn skip(&mut self, begin: &Begin<'_>) {
        if let Ok((block, rest)) = begin.split(self.rest) {
            self.line += Lines::new(block).count() + 1;
            self.rest = rest;
        }
    }
}
