//! What is wrong only when settings are seen together: two profiles of one name.
//!
//! The place comes from a second reading, made only when something is wrong: places in all
//! structures would be in the way of everyone who uses them.

use std::collections::HashSet;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::Settings;

/// Where it stands, what is wrong and what to do.
pub(super) struct Problem {
    pub(super) place: Range<usize>,
    pub(super) fact: String,
    pub(super) hint: &'static str,
}

#[derive(Deserialize)]
struct Places {
    profile: Vec<ProfilePlaces>,
}

#[derive(Deserialize)]
struct ProfilePlaces {
    name: Spanned<String>,
    socket: Option<Spanned<String>>,
}

/// The first problem, if there is one.
pub(super) fn problem(settings: &Settings, text: &str) -> Option<Problem> {
    let mut names = HashSet::new();
    let mut sockets = HashSet::new();
    let twice = settings.profile.iter().enumerate().find_map(|(index, profile)| {
        let other_socket = profile.socket.as_ref().is_none_or(|socket| sockets.insert(socket));
        match (names.insert(&profile.name), other_socket) {
            (true, true) => None,
            (name_is_new, _) => Some((index, name_is_new)),
        }
    });
    let (index, name_is_new) = twice?;
    let places: Option<Places> = toml::from_str(text).ok();
    let places = places.and_then(|places| places.profile.into_iter().nth(index));
    let problem = |place: Option<Spanned<String>>, fact, hint| {
        // Read before, so read again; the beginning of the file is better than no word.
        let place = place.map_or(0..0, |place| place.span());
        Some(Problem { place, fact, hint })
    };
    let profile = settings.profile.get(index)?;
    if name_is_new {
        let socket = profile.socket.as_deref().unwrap_or("".as_ref()).display();
        let fact = format!("another profile listens at \"{socket}\"");
        return problem(places.and_then(|places| places.socket), fact, "each needs its own");
    }
    let fact = format!("another profile is called \"{}\"", profile.name);
    problem(places.map(|places| places.name), fact, "each needs a name of its own")
}

#[cfg(test)]
mod tests {
    use crate::Settings;

    fn error(text: &str) -> String {
        Settings::parse(text, "/c".as_ref()).unwrap_err().to_string()
    }

    #[test]
    fn two_profiles_of_one_name_are_an_error_where_the_second_stands() {
        let text = "[[profile]]\nname = \"a\"\nkeys = [\"*\"]\n\n[[profile]]\nkeys = [\"*\"]\nname = \"a\"\n";
        assert_eq!(error(text), "/c:7:8: another profile is called \"a\"");
    }

    #[test]
    fn two_profiles_at_one_socket_are_an_error_too() {
        let at = if cfg!(windows) { "C:/s" } else { "/s" };
        let profile =
            |name| format!("[[profile]]\nname = \"{name}\"\nkeys = [\"*\"]\nsocket = \"{at}\"\n");
        let text = format!("{}{}", profile("a"), profile("b"));
        assert_eq!(error(&text), format!("/c:8:10: another profile listens at \"{at}\""));
    }
}
