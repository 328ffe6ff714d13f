//! `ssh-keygen -l` and `-B`: the fingerprints of all keys in a file.

use std::path::Path;

use keyfob_keyfile::{Format, Limits, inspect, read_private, read_public};
use keyfob_keys::{PublicKey, bubblebabble, randomart};
use zeroize::Zeroizing;

use super::flags::Given;
use super::private::{Private, missing};
use super::{line, public, questions};
use crate::exit::Exit;
use crate::voice::{keygen, raw_data};
use crate::{files, output, text};

/// A `known_hosts` file may be larger than any key file.
const LARGEST: usize = 64 << 20;

/// What `-l` calls standard input.
pub(super) const STDIN: &str = "(stdin)";

/// Shows them.
pub(super) fn show(given: &Given) -> Result<(), Exit> {
    let path = questions::file(given)?;
    if path.as_os_str() == "-" {
        let name = Path::new(STDIN);
        let bytes = files::read_stdin().map_err(|_| not_public(name))?;
        return lines(given, &bytes).or_else(|()| no_line(given, &bytes, name));
    }
    let bytes = read(&path)?;
    if begins_private(&bytes) {
        return file(given, &path);
    }
    lines(given, &bytes).or_else(|()| match inspect(&bytes) {
        Ok(found) if found.format.is_private() => file(given, &path),
        Ok(found) if found.format != Format::PublicLine || is_marked(&bytes) => {
            no_line(given, &bytes, &path)
        }
        _ => Err(not_public(&path)),
    })
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Exit> {
    let mut opened = files::open(path).map_err(|error| missing(path, &error, true))?;
    opened.read_up_to(LARGEST).map_err(|_| not_public(path))
}

fn not_public(path: &Path) -> Exit {
    keygen::is_not(path, "a public key file");
    Exit::Fatal
}

/// As the original tells a private key file: by its first line.
fn begins_private(bytes: &[u8]) -> bool {
    const MARK: &[u8] = b"PRIVATE KEY";
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let first = line::trim_start(first);
    let public = line::find(first).is_some();
    !line::is_remark(first) && !public && first.windows(MARK.len()).any(|text| text == MARK)
}

/// Whether a text begins as some editors begin every text. What then is a line is found by
/// `keyfile`; other lines that only it takes for one are none to the original.
fn is_marked(bytes: &[u8]) -> bool {
    const MARKS: [&[u8]; 3] = [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"];
    MARKS.iter().any(|mark| bytes.starts_with(mark))
}

/// The keys in the lines of a text; an error when there is none.
fn lines(given: &Given, bytes: &[u8]) -> Result<(), ()> {
    let lines = bytes.split(|byte| *byte == b'\n').filter_map(line::find);
    let shown = lines.map(|line| one(given, &line.key, line.comment)).count();
    if shown == 0 { Err(()) } else { Ok(()) }
}

/// A private key file. Its own comment is looked for only where no public file tells one.
fn file(given: &Given, path: &Path) -> Result<(), Exit> {
    let (mut key, mut comment) = public::load(path).unzip();
    if comment.as_ref().is_none_or(Option::is_none) {
        match Private::open(path, &Limits::default(), questions::none) {
            Ok(private) => {
                key.get_or_insert_with(|| private.file.key.public().plain());
                comment = private.comment().map(|comment| Some(comment.to_vec()));
            }
            Err(why) => keygen::too_open(path, &why),
        }
    }
    let Some(key) = key else {
        keygen::is_not(path, "a key file");
        return Err(Exit::Fatal);
    };
    one(given, &key, comment.flatten().as_deref());
    Ok(())
}

/// A key that is no line of text: a public one in another form, or one on standard input.
fn no_line(given: &Given, bytes: &[u8], name: &Path) -> Result<(), Exit> {
    let (key, comment) = read_public(bytes).map_err(|_| not_public(name))?;
    let inside = read_private(bytes, None).ok().map(|file| file.comment);
    let comment = Some(comment).filter(|comment| !comment.is_empty()).or(inside);
    one(given, &key, comment.as_deref());
    Ok(())
}

fn one(given: &Given, key: &PublicKey, comment: Option<&[u8]>) {
    let fingerprint =
        if given.has('B') { bubblebabble(key) } else { key.fingerprint(given.hash).to_string() };
    let comment = comment.unwrap_or(b"no comment");
    let kind = format!(" ({})\n", key.short_name());
    let picture = if given.has('v') { randomart(key, given.hash) } else { String::new() };
    let bits = format!("{} {fingerprint} ", key.bits());
    output::data(&text![bits, raw_data(comment), kind, picture]);
}
