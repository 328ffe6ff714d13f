//! What every program of this account is told: its variables, which Windows keeps.

use std::path::Path;

use keyfob_config::env::Name;
use keyfob_sys::windows::registry::Value;
use keyfob_sys::windows::variables;

use super::finding::Finding;
use super::place::Place;
use super::shells::CHECK;
use super::turns::Teller;
use crate::finding;
use crate::voice::doctor as words;
use crate::voice::shown;

/// Looks at the one that counts.
pub(super) fn check(place: &Place, tell: &Teller) {
    let name = Name::SshAuthSock.as_str();
    let fine = || Finding::fine(CHECK, "no variable of this account leads elsewhere");
    tell.found(match variables::value(name) {
        Ok(None) => fine(),
        Ok(Some(Value::Text(text))) => {
            let path = Path::new(&text);
            match place.is_own(path) || finding::own_pipe().is_some_and(|own| own == path) {
                true => fine(),
                false => {
                    let led = shown(text.to_string_lossy().as_bytes());
                    let fact = format!("SSH_AUTH_SOCK of this account is set to {led}");
                    Finding::warning(CHECK, fact).hint(words::ACCOUNT_LEADS)
                }
            }
        }
        Ok(Some(_)) => {
            let fact = "SSH_AUTH_SOCK of this account is set to something that is no plain text";
            Finding::warning(CHECK, fact).hint(words::ACCOUNT_LEADS)
        }
        Err(error) => {
            let fact = format!("the account's variables cannot be read: {error}");
            Finding::warning(CHECK, fact)
        }
    });
}
