//! Asking by a small dialog of this process, on Windows. What comes too early counts for nothing, and
//! Enter and Escape are a "no" (see `keyfob_sys::windows::dialog`).

use keyfob_sys::windows::dialog::{Dialog, can_be_seen};

use crate::choice::in_words;
use crate::{Choice, Error, MAX_PASSPHRASE, Offered, Secret, escape};

/// Above each of them.
const TITLE: &str = "keyfob";

/// Letters of all lines together that are seen without scrolling: no line may be pushed out of sight by
/// another.
const SEEN: usize = 1800;

/// Asks for one of the answers that are offered.
///
/// # Errors
/// [`Error::Nobody`] where there is no desktop, [`Error::Dialog`] when it cannot be shown.
pub fn choose(question: &str, offered: Offered) -> Result<Choice, Error> {
    let agree = agreements(offered);
    let labels: Vec<String> = agree.iter().map(|(_, label)| label.clone()).collect();
    let text = fitting(question);
    let dialog = Dialog { title: TITLE, text: &text, agree: &labels, refuse: "Deny" };
    let pressed = on_a_desktop()?.show(|| dialog.choose())?;
    Ok(pressed.and_then(|number| agree.get(number)).map_or(Choice::Deny, |(choice, _)| *choice))
}

/// Asks for a passphrase; what is typed is not shown.
///
/// # Errors
/// As [`choose`]; [`Error::Cancelled`] when nothing is to be typed.
pub fn passphrase(question: &str) -> Result<Secret, Error> {
    let (labels, text) = (["OK".to_owned()], fitting(question));
    let dialog = Dialog { title: TITLE, text: &text, agree: &labels, refuse: "Cancel" };
    let typed = on_a_desktop()?.show(|| dialog.secret(MAX_PASSPHRASE))?;
    typed.map(|typed| crate::first_line(typed.bytes())).ok_or(Error::Cancelled)
}

/// Proof that somebody could see it.
struct Desktop;

fn on_a_desktop() -> Result<Desktop, Error> {
    match can_be_seen() {
        true => Ok(Desktop),
        false => Err(Error::Nobody("this session has no desktop")),
    }
}

impl Desktop {
    fn show<T>(&self, dialog: impl FnOnce() -> std::io::Result<T>) -> Result<T, Error> {
        dialog().map_err(Error::Dialog)
    }
}

/// The buttons that agree, and what each means.
fn agreements(offered: Offered) -> Vec<(Choice, String)> {
    let mut all = vec![(Choice::Once, "Once".to_owned())];
    if offered.session {
        all.push((Choice::Session, "This session".to_owned()));
    }
    if let Some(span) = offered.for_a_while {
        all.push((Choice::ForAWhile, format!("For {}", in_words(span))));
    }
    all
}

/// The text, its longest lines shortened until all of it is seen.
fn fitting(text: &str) -> String {
    let shortened = |limit| {
        let lines = text.lines().map(|line| escape::for_display_within(line.as_bytes(), limit));
        lines.collect::<Vec<_>>().join("\n")
    };
    let all = [400, 200, 120, 80, 60].map(shortened);
    let fits = all.iter().find(|text| text.chars().count() <= SEEN);
    fits.or(all.last()).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn only_what_is_offered_has_a_button() {
        let words = |offered| {
            let all = agreements(offered).into_iter().map(|(_, label)| label);
            all.collect::<Vec<_>>().join(", ")
        };
        assert_eq!(words(Offered::default()), "Once");
        let all = Offered { session: true, for_a_while: Some(Duration::from_secs(900)) };
        assert_eq!(words(all), "Once, This session, For 15 minutes");
        assert!(agreements(all).iter().all(|(choice, _)| all.includes(*choice)));
    }

    #[test]
    fn the_last_line_of_a_long_question_is_there() {
        let text =
            format!("Allow {}?\n{}\nThe request is forwarded.", "k".repeat(5000), "a\n".repeat(20));
        let shown = fitting(&text);
        assert!(shown.chars().count() <= SEEN && shown.ends_with("The request is forwarded."));
        assert_eq!(fitting("Allow a\u{202e}b?"), "Allow a\\u{202e}b?");
    }
}
