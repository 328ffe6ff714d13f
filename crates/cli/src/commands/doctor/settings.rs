//! Whether the settings file is right, and whether the agent that runs goes by it.

use keyfob_config::settings::{self, Settings, text_of};

use super::finding::Finding;
use super::place::Place;
use super::turns::Teller;
use crate::voice::doctor as words;
use crate::voice::shown;

const CHECK: &str = "settings";

/// Reads it as an agent would, and asks the one that runs.
pub(super) fn check(place: &Place, tell: &Teller) {
    let Some(directories) = &place.directories else {
        return;
    };
    let file = directories.settings_file(&place.environment);
    tell.looks_at(&file.path);
    let checked = text_of(&file)
        .and_then(|text| text.map(|text| Settings::parse(&text, &file.path)).transpose());
    match checked {
        Ok(found) => {
            let fact = if found.is_some() {
                "the settings are right"
            } else {
                "no settings: the defaults"
            };
            tell.found(Finding::fine(CHECK, fact));
        }
        Err(error) => tell.found(wrong(&error)),
    }
    let Some(mut agent) = place.keyfob() else {
        return;
    };
    tell.looks_at(&agent.path);
    let Ok(Some(status)) = agent.connection.settings() else {
        return;
    };
    if !status.problem.is_empty() {
        let fact = format!("the agent runs with older settings: {}", shown(&status.problem));
        tell.found(Finding::warning(CHECK, fact).hint(words::MEND_SETTINGS));
    }
    if !status.fixed.is_empty() {
        let fact = format!("changed, for the next agent only: {}", shown(&status.fixed));
        tell.found(Finding::note(CHECK, fact).hint(agent.restart()));
    }
}

fn wrong(error: &settings::Error) -> Finding {
    let hint = error.hint().map_or_else(|| "keyfob config check".to_owned(), str::to_owned);
    let hint = shown(hint.as_bytes());
    match error {
        settings::Error::Content { path, line, fact, .. } => {
            Finding::wrong(CHECK, shown(fact.as_bytes())).line(path, *line).hint(hint)
        }
        settings::Error::Read { path, source } => {
            let fact = format!("cannot be read: {}", crate::files::reason(source));
            Finding::wrong(CHECK, fact).at(path).hint(hint)
        }
        other => Finding::wrong(CHECK, shown(other.to_string().as_bytes())).hint(hint),
    }
}
