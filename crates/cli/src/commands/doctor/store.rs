//! Whether the key store is as it should be, as far as its files show it locked.

use std::thread;
use std::time::Duration;

use keyfob_keystore::{Error, Finding as Found, Store, Survey, is_aside, survey};
use keyfob_protocol::StoreRequest;

use super::finding::Finding;
use super::place::Place;
use super::turns::Teller;
use crate::commands::check::advice;
use crate::commands::status::folder;
use crate::voice::doctor as words;
use crate::voice::{shown, shown_path};

const CHECK: &str = "store";

/// A writer may be in the middle of a change: what is gone after this was none.
const CHANGE: Duration = Duration::from_millis(500);

/// Looks at it.
pub(super) fn check(place: &Place, tell: &Teller) {
    let Some(directories) = &place.directories else {
        return;
    };
    let store = &directories.store;
    tell.looks_at(store);
    match survey(store) {
        Ok(seen) => {
            let settled = if seen.findings.is_empty() { Ok(seen) } else { again(store, &seen) };
            match settled {
                Ok(seen) => tell_of(place, tell, &seen),
                Err(error) => tell.found(failed(&error).at(store)),
            }
        }
        Err(Error::NoStore(_)) if is_aside(store) => {
            let fact = "the key store stands beside its place: putting one back was cut short";
            tell.found(Finding::wrong(CHECK, fact).at(store).hint(words::ASIDE));
        }
        Err(Error::NoStore(_)) => tell.found(Finding::fine(CHECK, "no key store")),
        Err(error) => tell.found(failed(&error).at(store)),
    }
    of_agent(place, tell);
}

/// What is found twice.
fn again(store: &std::path::Path, seen: &Survey) -> Result<Survey, Error> {
    thread::sleep(CHANGE);
    let mut again = survey(store)?;
    again.findings.retain(|finding| seen.findings.contains(finding));
    Ok(again)
}

fn tell_of(place: &Place, tell: &Teller, seen: &Survey) {
    for found in &seen.findings {
        let fact = shown(found.to_string().as_bytes());
        let finding = match found {
            Found::File { .. } => Finding::wrong(CHECK, fact),
            _ => Finding::warning(CHECK, fact),
        };
        let finding = match found {
            Found::File { file, .. } => finding.at(file),
            _ => finding,
        };
        tell.found(finding.hint(format!("keyfob check   tells more: {}", advice(found))));
    }
    if seen.slots == 0 {
        let fact = "the key store has no way to unlock it that can be read";
        let at = place.directories.as_ref().map(|it| it.store.clone()).unwrap_or_default();
        tell.found(Finding::wrong(CHECK, fact).at(&at).hint(words::NO_SLOT));
    }
    if let Some(directories) = &place.directories
        && let Ok(store) = Store::open(&directories.store, &directories.stores_state())
    {
        by_account(&store, tell);
    }
    let keys = if seen.items == 1 { "1 key".to_owned() } else { format!("{} keys", seen.items) };
    tell.found(Finding::fine(CHECK, format!("a key store with {keys}, looked at and not opened")));
}

/// A person's wish, to be seen by who forgot it; and whether it comes true.
fn by_account(store: &Store, tell: &Teller) {
    match (store.opens_by_account(), store.account_key()) {
        (Ok(true), Ok(Some(_))) => {
            let fact = "whoever is logged in as you opens the key store without its passphrase";
            tell.found(Finding::note(CHECK, fact).hint(words::ACCOUNT));
        }
        (Ok(true), Ok(None)) => {
            let fact = "the login of your account should open the key store, and what it keeps for that is gone";
            tell.found(Finding::warning(CHECK, fact).hint(words::ACCOUNT_AGAIN));
        }
        (Ok(true), Err(error)) => {
            let fact = shown(error.to_string().as_bytes());
            let fact = format!("the login of your account does not open the key store: {fact}");
            tell.found(Finding::warning(CHECK, fact).hint(words::ACCOUNT_AGAIN));
        }
        _ => {}
    }
}

fn failed(error: &Error) -> Finding {
    Finding::wrong(CHECK, shown(error.to_string().as_bytes())).hint(words::MEND_STORE)
}

/// Whether the agent has the same one.
fn of_agent(place: &Place, tell: &Teller) {
    let Some(mut agent) = place.keyfob() else {
        return;
    };
    let Ok(Some(reply)) = agent.connection.store(StoreRequest::Status) else {
        return;
    };
    let (there, ours) = (folder(&reply.status), place.directories.as_ref().map(|it| &it.store));
    if let Some(ours) = ours
        && !there.as_os_str().is_empty()
        && !super::place::is_same(&there, ours)
    {
        let fact = format!("the agent has another key store: {}", shown_path(&there));
        tell.found(Finding::warning(CHECK, fact).hint(agent.restart()));
    }
}
