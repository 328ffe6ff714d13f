//! What is said to the starter. Read there as a stranger's words: whoever has taken over the process
//! that holds keys would say anything.

use std::ffi::{OsStr, OsString};
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, SendAncillaryBuffer, SendAncillaryMessage, recvmsg,
    sendmsg,
};

use super::{Order, Recipe, Words, wire};

/// The longest message: a question and the place of a screen are far shorter.
pub(super) const MAX_MESSAGE: usize = 64 * 1024;

/// The most descriptors one brings: life, output, input.
const MAX_DESCRIPTORS: usize = 3;

/// Bytes of an environment, and the byte before them.
pub(super) const MAX_ENVIRONMENT: u64 = 128 * 1024;

/// How long an answer about a process may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

const START: u8 = 1;
const ENVIRONMENT: u8 = 2;
const LINE: u8 = 3;

/// A good answer begins with it.
pub(super) const FOUND: u8 = 0;
/// An error: its number follows.
pub(super) const FAILED: u8 = 1;

/// What was said.
pub(super) enum Message {
    Start(Plan),
    Environment(u32),
    Line,
}

/// An order that the menu allows.
pub(super) struct Plan {
    pub(super) recipe: usize,
    pub(super) words: Vec<OsString>,
    pub(super) variables: Vec<(&'static str, Option<OsString>)>,
}

/// The bytes of an order.
pub(super) fn start(order: &Order, recipe: &Recipe) -> io::Result<Vec<u8>> {
    let mut bytes = vec![START, small(order.recipe)?, small(order.words.len())?];
    for word in &order.words {
        put(&mut bytes, word)?;
    }
    for (name, value) in &order.variables {
        let known = recipe.variables.iter().position(|known| known == name);
        bytes.push(small(known.ok_or(io::ErrorKind::InvalidInput)?)?);
        bytes.push(u8::from(value.is_some()));
        if let Some(value) = value {
            put(&mut bytes, value)?;
        }
    }
    if bytes.len() > MAX_MESSAGE { Err(Errno::MSGSIZE.into()) } else { Ok(bytes) }
}

pub(super) fn environment(pid: u32) -> Vec<u8> {
    [&[ENVIRONMENT][..], &pid.to_ne_bytes()].concat()
}

pub(super) fn line() -> Vec<u8> {
    vec![LINE]
}

/// What it says, if the menu allows it.
pub(super) fn read(bytes: &[u8], menu: &[Recipe]) -> Option<Message> {
    let (kind, mut rest) = bytes.split_first()?;
    match *kind {
        START => plan(&mut rest, menu).map(Message::Start),
        ENVIRONMENT => Some(Message::Environment(u32::from_ne_bytes(rest.try_into().ok()?))),
        LINE if rest.is_empty() => Some(Message::Line),
        _ => None,
    }
}

fn plan(rest: &mut &[u8], menu: &[Recipe]) -> Option<Plan> {
    let number = usize::from(byte(rest)?);
    let recipe = menu.get(number)?;
    let count = byte(rest)?;
    let words: Vec<OsString> = (0..count).map(|_| take(rest)).collect::<Option<_>>()?;
    let allowed = match &recipe.words {
        Words::Of(known) => words.iter().all(|word| known.contains(word)),
        // An option would be a word of another kind.
        Words::Text => words.len() == 1 && !words[0].as_bytes().starts_with(b"-"),
    };
    let mut variables = Vec::new();
    while !rest.is_empty() {
        let name = *recipe.variables.get(usize::from(byte(rest)?))?;
        let value = if byte(rest)? == 0 { None } else { Some(take(rest)?) };
        variables.push((name, value));
    }
    allowed.then_some(Plan { recipe: number, words, variables })
}

fn small(number: usize) -> io::Result<u8> {
    u8::try_from(number).map_err(|_| Errno::MSGSIZE.into())
}

fn put(bytes: &mut Vec<u8>, text: &OsStr) -> io::Result<()> {
    let length = u16::try_from(text.len()).map_err(|_| io::Error::from(Errno::MSGSIZE))?;
    bytes.extend(length.to_be_bytes());
    bytes.extend(text.as_bytes());
    Ok(())
}

fn byte(rest: &mut &[u8]) -> Option<u8> {
    let (first, after) = rest.split_first()?;
    *rest = after;
    Some(*first)
}

fn take(rest: &mut &[u8]) -> Option<OsString> {
    let length = usize::from(u16::from_be_bytes([byte(rest)?, byte(rest)?]));
    let (text, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(OsString::from_vec(text.to_vec()))
}

/// The bytes of an answer, or the error it tells.
pub(super) fn outcome(bytes: &[u8]) -> io::Result<&[u8]> {
    match bytes.split_first() {
        Some((&FOUND, found)) => Ok(found),
        Some((&FAILED, number)) => {
            let number = number.try_into().map_err(|_| io::ErrorKind::InvalidData)?;
            Err(io::Error::from_raw_os_error(i32::from_ne_bytes(number)))
        }
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// An answer in bytes.
pub(super) fn answer(outcome: io::Result<Vec<u8>>) -> Vec<u8> {
    match outcome {
        Ok(found) => [&[FOUND][..], &found].concat(),
        Err(error) => {
            let number = error.raw_os_error().unwrap_or(libc::EIO);
            [&[FAILED][..], &number.to_ne_bytes()].concat()
        }
    }
}

/// Sends one message.
pub(super) fn send(
    socket: &OwnedFd,
    bytes: &[u8],
    descriptors: &[BorrowedFd<'_>],
) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
    let mut more = SendAncillaryBuffer::new(&mut space);
    if !more.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(Errno::MSGSIZE.into());
    }
    loop {
        match sendmsg(socket, &[IoSlice::new(bytes)], &mut more, wire::QUIETLY) {
            Err(Errno::INTR) => {}
            other => return Ok(other.map(drop)?),
        }
    }
}

/// The next message; `None` when there will be none.
pub(super) fn receive(
    socket: &OwnedFd,
    buffer: &mut [u8],
) -> io::Result<Option<(usize, Vec<OwnedFd>)>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
    loop {
        let mut more = RecvAncillaryBuffer::new(&mut space);
        let mut into = [IoSliceMut::new(buffer)];
        let got = match recvmsg(socket, &mut into, &mut more, wire::CLOSED_ON_EXEC) {
            Err(Errno::INTR) => continue,
            got => got?,
        };
        let mut descriptors: Vec<OwnedFd> = Vec::new();
        for message in more.drain() {
            if let RecvAncillaryMessage::ScmRights(rights) = message {
                descriptors.extend(rights);
            }
        }
        descriptors.iter().try_for_each(wire::keep_from_children)?;
        // Nobody sends an empty one.
        return Ok((got.bytes > 0).then_some((got.bytes, descriptors)));
    }
}
