//! Asks through `pinentry`, the program GnuPG asks with.
//!
//! It may draw on the terminal that waits for the answer; then that terminal is put right again
//! behind it, however it ended.

use std::io;
use std::os::fd::AsFd as _;
use std::path::Path;

use keyfob_config::env::Environment;
use keyfob_daemon::ways::{Answer, Asked, Kind, Request};
use keyfob_prompt::terminal::Guest;
use keyfob_prompt::{Choice, Error as PromptError, escape, first_line};
use keyfob_sys::signals::{Event, Held};
use pinentry::unix::Options;
use pinentry::{ConfirmationDialog, Error, PassphraseInput};
use secrecy::ExposeSecret as _;

const PROGRAM: &str = "pinentry";

/// Where it is looked for when the agent's environment names no folders: the system's places.
const USUAL: [&str; 3] = ["/usr/bin/pinentry", "/usr/local/bin/pinentry", "/bin/pinentry"];

/// "Not confirmed". Some say so when a person cancels, `pinentry-tty` also when it finds no terminal.
const NOT_CONFIRMED: u16 = 114;

/// It cannot show a character in the agent's locale, which in a service is often that of no language.
const NO_SUCH_CHARACTER: u16 = 166;

/// Named where no terminal is free, so that none is found. It must not be there: on `/dev/null`
/// `pinentry-curses` draws, and waits for ever.
const NO_TERMINAL: &str = "/dev/null/none";

/// Bytes of a text as it is sent: a line of the protocol has at most 1000, its command included.
const MAX_TEXT: usize = 900;

pub(super) fn ask(request: &Request, environment: &Environment) -> Answer {
    let found = environment.program(PROGRAM);
    let usual = || USUAL.map(Path::new).into_iter().find(|path| path.exists()).map(Path::to_owned);
    let Some(program) = found.or_else(usual) else {
        return Answer::Unreachable("it is not installed".to_owned());
    };
    let Some(terminal) = &request.terminal else {
        return with_signals(&program, request, None).unwrap_or_else(failed);
    };
    let guest = match Guest::open(&terminal.path, terminal.device) {
        Ok(guest) => guest,
        Err(error) => return Answer::Unreachable(error.to_string()),
    };
    with_signals(&program, request, Some(&guest)).unwrap_or_else(failed)
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of a fallback")]
fn failed(error: io::Error) -> Answer {
    Answer::Unreachable(error.to_string())
}

/// Talks on a thread of its own, so that this one notices a signal and puts the terminal right.
fn with_signals(program: &Path, request: &Request, guest: Option<&Guest>) -> io::Result<Answer> {
    // First the signals, then the terminal: undone in the opposite order.
    let held = Held::new()?;
    let kept = guest.map(Guest::lend).transpose().map_err(|error| match error {
        PromptError::Terminal(error) => error,
        error => io::Error::other(error.to_string()),
    })?;
    let (done, tell) = io::pipe()?;
    std::thread::scope(|scope| {
        let talking = scope.spawn(move || {
            let answer = talk(program, request);
            drop(tell);
            answer
        });
        match held.wait(done.as_fd())? {
            Event::Readable => {
                talking.join().map_err(|_| io::Error::other("it cannot be spoken with"))
            }
            Event::Signal(signal) => {
                drop(kept);
                held.deliver(signal)?;
                Ok(Answer::Cancelled)
            }
        }
    })
}

fn talk(program: &Path, request: &Request) -> Answer {
    let Some(text) = fitting(&request.text) else {
        return Answer::Unreachable("the question is too long for it".to_owned());
    };
    let name = request.terminal.as_ref().and_then(|terminal| terminal.path.to_str());
    let options = Options::builder().tty_name(name.unwrap_or(NO_TERMINAL));
    let options = options.tty_type(request.term.as_deref().unwrap_or("dumb")).build();
    let ask = |text: &str| match request.kind {
        Kind::Confirm(_) => confirm(program, text, options),
        Kind::Passphrase => passphrase(program, text, options),
    };
    let answer = match ask(&text) {
        Err(Error::Gpg(error)) if error.code() == NO_SUCH_CHARACTER => ask(&in_ascii(&text)),
        answer => answer,
    };
    answer.unwrap_or_else(|error| without(&error))
}

/// Two answers only. The protocol has a third button, but what comes of it ("not confirmed") is also
/// what several makes say when a person cancels or the terminal fails: nothing but the first button
/// may be a yes.
fn confirm(program: &Path, text: &str, options: Options<'_>) -> Result<Answer, Error> {
    let Some(mut dialog) = ConfirmationDialog::with_binary(program) else {
        return Ok(Answer::Unreachable("it cannot be run".to_owned()));
    };
    dialog.with_ok("_Once").with_cancel("_Deny").with_unix_options(options);
    let choice = match dialog.confirm(text) {
        Ok(true) => Choice::Once,
        Ok(false) => Choice::Deny,
        Err(Error::Gpg(error)) if error.code() == NOT_CONFIRMED => Choice::Deny,
        Err(error) => return Err(error),
    };
    Ok(Answer::Asked(Asked::Choice(choice)))
}

fn passphrase(program: &Path, text: &str, options: Options<'_>) -> Result<Answer, Error> {
    let Some(mut dialog) = PassphraseInput::with_binary(program) else {
        return Ok(Answer::Unreachable("it cannot be run".to_owned()));
    };
    dialog.with_title("keyfob").with_description(text).with_prompt("Passphrase:");
    let found = dialog.with_unix_options(options).interact()?;
    Ok(Answer::Asked(Asked::Passphrase(first_line(found.expose_secret().as_bytes()))))
}

fn without(error: &Error) -> Answer {
    match error {
        Error::Cancelled | Error::Timeout => Answer::Cancelled,
        error => Answer::Unreachable(error.to_string()),
    }
}

/// The text, its longest lines shortened until all of it fits into one line of the protocol: no
/// line may be pushed out of sight by another.
fn fitting(text: &str) -> Option<String> {
    let shortened = |limit| {
        let lines = text.lines().map(|line| escape::for_display_within(line.as_bytes(), limit));
        lines.collect::<Vec<_>>().join("\n")
    };
    [400, 200, 120, 80, 60, 40].map(shortened).into_iter().find(|text| sent_size(text) <= MAX_TEXT)
}

/// The text in characters that every locale has. It is no longer in bytes than before.
fn in_ascii(text: &str) -> String {
    let character = |character: char| match character {
        '←' => "<-".to_owned(),
        '…' => "...".to_owned(),
        other if other.is_ascii() => other.to_string(),
        _ => "?".to_owned(),
    };
    text.chars().map(character).collect()
}

/// Three bytes instead of one for what would end the line or begin an escape.
fn sent_size(text: &str) -> usize {
    text.bytes().map(|byte| if matches!(byte, b'\n' | b'%' | b'\\') { 3 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lost otherwise: an agent that is a service, in no language's locale, can ask nobody.
    #[test]
    fn what_a_locale_lacks_is_written_with_what_it_has() {
        let text = "Allow schlüssel?\nAsked by ssh (pid 1) ← … ← sh (pid 2).";
        assert_eq!(in_ascii(text), "Allow schl?ssel?\nAsked by ssh (pid 1) <- ... <- sh (pid 2).");
        assert!(sent_size(&in_ascii(text)) <= sent_size(text));
    }

    /// Lost otherwise: a comment moves the line that warns out of the dialog.
    #[test]
    fn every_line_of_a_long_question_is_there() {
        let text =
            format!("Allow {}?\n{}\nThe request is forwarded.", "k".repeat(390), "%".repeat(390));
        let fitting = fitting(&text).unwrap();
        assert!(sent_size(&fitting) <= MAX_TEXT);
        assert_eq!(fitting.lines().count(), 3);
        assert!(fitting.ends_with("\nThe request is forwarded."), "{fitting}");
        assert_eq!(super::fitting("Allow?").as_deref(), Some("Allow?"));
        assert_eq!(super::fitting(&"%\n".repeat(300)), None, "then it is not asked so");
    }
}
