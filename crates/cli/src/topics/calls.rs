//! Finds the calls of `keyfob` in a line for a shell and gives them to the parser.

use clap::error::ErrorKind;

use crate::cli;

/// How many calls are in the line; each is one the parser takes.
#[track_caller]
pub(crate) fn understood(line: &str) -> usize {
    let calls = calls(line);
    for call in &calls {
        if let Err(error) = cli::table().try_get_matches_from(call) {
            let is_fine = match error.kind() {
                ErrorKind::DisplayHelp => true,
                // The command is spoken of, not called.
                ErrorKind::MissingRequiredArgument => call.len() == 2,
                _ => false,
            };
            assert!(is_fine, "{line}\n{call:?}\n{error}");
        }
    }
    calls.len()
}

/// The calls of keyfob, in words.
fn calls(line: &str) -> Vec<Vec<String>> {
    // A substitution is a command of its own, in quotes or not.
    let line = ["\"$(", ")\"", "$(", ")"].iter().fold(line.to_owned(), |line, mark| {
        let after = if mark.starts_with(')') { " ; ARGUMENT" } else { " ; " };
        line.replace(mark, after)
    });
    let words = words(&line);
    let commands = words.split(|word| ["|", ";", "&&", ">"].contains(&word.as_str()));
    let calls = commands.filter(|words| words.first().is_some_and(|word| word == "keyfob"));
    calls.map(<[String]>::to_vec).collect()
}

/// The words as a shell would make them, as far as manual pages go.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for letter in line.chars() {
        match (letter, quote) {
            (letter, Some(end)) if letter == end => quote = None,
            ('\'' | '"', None) => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (letter, None) if letter.is_whitespace() => words.extend(word.take()),
            (';', None) => {
                words.extend(word.take());
                words.push(letter.to_string());
            }
            (letter, _) => word.get_or_insert_default().push(letter),
        }
    }
    assert!(quote.is_none(), "a quote does not end: {line}");
    words.extend(word);
    words
}

#[test]
fn calls_are_found_wherever_they_stand() {
    assert_eq!(calls("eval \"$(keyfob env)\""), [["keyfob", "env"]]);
    assert_eq!(calls("keyfob env | source"), [["keyfob", "env"]]);
    assert_eq!(calls("cd x; keyfob comment id 'a b' && keyfob list").len(), 2);
    assert_eq!(calls("keyfob comment id 'a b'"), [["keyfob", "comment", "id", "a b"]]);
    assert_eq!(calls("man keyfob"), Vec::<Vec<String>>::new());
}

#[test]
#[should_panic(expected = "--no-such-flag")]
fn a_flag_that_is_none_is_found() {
    understood("keyfob list --no-such-flag");
}
