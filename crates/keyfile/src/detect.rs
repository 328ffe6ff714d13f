//! Finds the key in a file and tells its format.
//!
//! The first private key wins, whatever stands before it: certificates, `EC PARAMETERS`,
//! mail headers. Only when there is none does a public key count.

use crate::armour::Begin;
use crate::document::{Content, Document};
use crate::error::Error;
use crate::format::Format;
use crate::text::{Lines, Text, clean, indentation};
use crate::{ppk, public_line};

/// What was found.
pub(crate) enum Found<'a> {
    /// A private or public key in an armour, or in bare DER.
    Document(Document),
    /// A PuTTY key: the text from its first line on.
    Ppk(&'a [u8]),
    /// A private key in a format that is not read.
    Foreign(Format),
    /// A line with a public key.
    PublicLine(&'a [u8]),
}

/// What a line looks like.
pub(crate) enum Sight<'a> {
    /// The beginning of a block.
    Begin(Begin<'a>),
    /// The beginning of a PuTTY key.
    Ppk,
    /// The beginning of an SSH-1 key.
    Ssh1,
    /// A public key.
    PublicLine(&'a [u8]),
}

/// Finds the first private key, or else the first public one, and hands it on.
pub(crate) fn with<T>(
    bytes: &[u8],
    read: impl FnOnce(Found<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let text = Text::read(bytes)?;
    if let Some(document) = Document::bare(bytes) {
        return read(Found::Document(document));
    }
    read(find(text.bytes())?)
}

impl<'a> Sight<'a> {
    /// Looks at a line, the blanks around it included.
    pub(crate) fn of(line: &'a [u8]) -> Option<Self> {
        if let Some(begin) = Begin::read(line) {
            return Some(Self::Begin(begin));
        }
        let line = clean(line);
        if line.starts_with(ppk::FIRST.as_bytes()) {
            Some(Self::Ppk)
        } else if line.starts_with(b"SSH PRIVATE KEY FILE FORMAT 1.1") {
            Some(Self::Ssh1)
        } else {
            public_line::has_key(line).then_some(Self::PublicLine(line))
        }
    }
}

fn find(text: &[u8]) -> Result<Found<'_>, Error> {
    let mut lines = Lines::new(text);
    let mut public = None;
    loop {
        let here = lines.rest();
        let Some(line) = lines.next_whole() else { break };
        match Sight::of(line) {
            Some(Sight::Begin(begin)) if begin.label().ends_with(b"PRIVATE KEY") => {
                return Document::read(&begin, lines.rest()).map(Found::Document);
            }
            Some(Sight::Begin(begin)) if Content::of(&begin).is_some() => {
                public.get_or_insert((Sight::Begin(begin), lines.rest()));
            }
            Some(Sight::Begin(_)) | None => {}
            Some(Sight::Ppk) => return Ok(Found::Ppk(&here[indentation(line).len()..])),
            Some(Sight::Ssh1) => return Ok(Found::Foreign(Format::Ssh1)),
            Some(line @ Sight::PublicLine(_)) => {
                public.get_or_insert((line, lines.rest()));
            }
        }
    }
    match public {
        Some((Sight::Begin(begin), rest)) => Document::read(&begin, rest).map(Found::Document),
        Some((Sight::PublicLine(line), _)) => Ok(Found::PublicLine(line)),
        _ => Err(Error::NotAKey),
    }
}
