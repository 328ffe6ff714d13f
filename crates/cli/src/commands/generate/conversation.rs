//! The questions of a conversation: type, place, comment. The passphrase has its own.
//!
//! Only on a terminal: an answer that is not one is asked again.

use keyfob_keys::generate::Kind;
use keyfob_prompt::{Error, Facts, terminal};
use keyfob_protocol::limits::MAX_COMMENT;

use super::kind::{self, Family, Refusal};
use super::place::{self, Paths};
use super::{Generate, Place, Wanted};
use crate::voice::generating::{CHOICES, Question};
use crate::voice::rewriting::long_comment;

/// How often one question is asked.
const TRIES: usize = 5;

/// Whether questions can be asked: of a person who also started the program.
pub(super) fn is_possible() -> bool {
    let facts = Facts::of_process();
    facts.terminal && facts.stdin_is_terminal
}

/// Asks for the type, unless it is known.
pub(super) fn choose_type(generate: &mut Generate) -> Result<(), Error> {
    if generate.wanted.is_none() {
        let voice = generate.voice;
        let kind = until(&Question::Type, |answer| {
            let typed = String::from_utf8_lossy(answer);
            chosen(answer).inspect_err(|refusal| voice.kind_refused(&typed, refusal)).ok()
        })?;
        generate.wanted = Some(Wanted::new(kind));
    }
    Ok(())
}

/// Asks for the place, unless it is known.
pub(super) fn choose_place(generate: &mut Generate, kind: Kind) -> Result<(), Error> {
    if generate.place == Place::Usual
        && let Ok(usual) = Place::Usual.path(kind)
    {
        let voice = generate.voice;
        generate.place = until(&Question::Place(&usual), |answer| {
            let place = if answer.is_empty() { Place::Usual } else { Place::typed(answer) };
            let usable = |path| Paths::of(path, generate.rfc4716).taken().map(|_| ());
            let tried = place.path(kind).and_then(usable);
            tried
                .inspect_err(|error: &place::Error| voice.no_such_place(error))
                .ok()
                .map(|()| place)
        })?;
    }
    Ok(())
}

/// Asks for the comment, unless it is known.
pub(super) fn choose_comment(generate: &mut Generate, usual: &[u8]) -> Result<(), Error> {
    if generate.comment.is_none() {
        generate.comment = Some(until(&Question::Comment(usual), |answer| {
            if answer.len() > MAX_COMMENT {
                long_comment(MAX_COMMENT);
                return None;
            }
            Some(if answer.is_empty() { usual } else { answer }.to_vec())
        })?);
    }
    Ok(())
}

/// Asks whether files may be replaced; anything but a yes is a no.
pub(super) fn may_replace(question: &Question<'_>) -> Result<bool, Error> {
    match ask(question) {
        Ok(answer) => Ok(matches!(answer.to_ascii_lowercase().as_slice(), b"y" | b"yes")),
        Err(Error::Cancelled) => Ok(false),
        Err(error) => Err(error),
    }
}

fn until<T>(question: &Question<'_>, read: impl Fn(&[u8]) -> Option<T>) -> Result<T, Error> {
    for _ in 0..TRIES {
        if let Some(answer) = read(&ask(question)?) {
            return Ok(answer);
        }
    }
    Err(Error::Cancelled)
}

fn ask(question: &Question<'_>) -> Result<Vec<u8>, Error> {
    Ok(terminal::read_line(&question.to_string())?.trim_ascii().to_vec())
}

/// A number of the list, nothing for the first, or a type as `-t` and `-b` take it.
fn chosen(answer: &[u8]) -> Result<Kind, Refusal> {
    let text = std::str::from_utf8(answer).map_err(|_| Refusal::Unknown)?;
    if text.is_empty() {
        return Ok(CHOICES[0].kind);
    }
    if let Some(choice) = text.parse::<usize>().ok().and_then(|number| number.checked_sub(1)) {
        return CHOICES.get(choice).map(|choice| choice.kind).ok_or(Refusal::Unknown);
    }
    let mut words = text.split_ascii_whitespace();
    let family = Family::named(words.next().unwrap_or_default())?;
    let bits = match words.next() {
        Some(bits) => Some(bits.parse().map_err(|_| Refusal::Unknown)?),
        None => None,
    };
    let kind = family.of_size(bits)?;
    kind::refuse_weak(kind)?;
    Ok(kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyfob_keys::Curve;

    #[test]
    fn a_type_is_chosen_by_number_by_name_or_not_at_all() {
        for (answer, kind) in [
            ("", Kind::Ed25519),
            ("1", Kind::Ed25519),
            ("2", Kind::Rsa { bits: 3072 }),
            ("3", Kind::Ecdsa(Curve::P256)),
            ("4", Kind::MlDsa44Ed25519),
            ("RSA 4096", Kind::Rsa { bits: 4096 }),
            ("ecdsa-sha2-nistp521", Kind::Ecdsa(Curve::P521)),
        ] {
            assert_eq!(chosen(answer.as_bytes()), Ok(kind), "{answer}");
        }
        for answer in ["0", "5", "x", "rsa many", "-1"] {
            assert_eq!(chosen(answer.as_bytes()), Err(Refusal::Unknown), "{answer}");
        }
        assert_eq!(chosen(b"rsa 1024"), Err(Refusal::RsaWeak(1024)));
        assert_eq!(chosen(b"dsa"), Err(Refusal::Dsa));
    }
}
