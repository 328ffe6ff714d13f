//! What values of `ssh_config` come to for the agent and its keys.

use std::path::Path;

use keyfob_config::env::Name;
use keyfob_keys::{Algorithm, PublicKey};
use keyfob_protocol::pattern;

use super::key_files::public_files;
use super::listener::Kind;
use super::place::{Place, is_same};
use crate::public_file;
use crate::ssh_config::expanded;
use crate::voice::{shown, shown_path};

/// What is wrong with the value of `IdentityAgent`, if anything is.
pub(super) fn agent_fault(place: &Place, value: &[u8], home: &Path) -> Option<String> {
    if value.eq_ignore_ascii_case(b"none") {
        return Some("IdentityAgent none: ssh asks no agent".to_owned());
    }
    if value == Name::SshAuthSock.as_str().as_bytes() {
        return None;
    }
    let text = place.expanded(&String::from_utf8_lossy(value));
    // `%h` and variables of others are known for a connection only.
    let path = expanded(text.as_bytes(), home).filter(|_| !text.starts_with('$'))?;
    let is_asked = place.environment.auth_sock().is_some_and(|set| is_same(&set, &path));
    if place.is_own(&path) || is_asked {
        return None;
    }
    let at = shown_path(&path);
    match place.meet(&path) {
        Ok(agent) if agent.kind == Kind::Keyfob => None,
        Ok(agent) => Some(format!("IdentityAgent leads ssh to {} at {at}", agent.kind)),
        Err(_) => Some(format!("IdentityAgent leads ssh to {at}, where no agent answers")),
    }
}

/// Whether `AddKeysToAgent` takes these words.
pub(super) fn adds_keys(values: &[Vec<u8>]) -> bool {
    let words: Vec<String> =
        values.iter().map(|value| String::from_utf8_lossy(value).to_ascii_lowercase()).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["yes" | "no" | "true" | "false" | "ask" | "confirm"] => true,
        ["confirm", time] | [time] => is_time(time),
        _ => false,
    }
}

/// `90`, `1h30m`.
fn is_time(text: &str) -> bool {
    let mut digits = 0;
    for letter in text.chars() {
        match letter {
            '0'..='9' => digits += 1,
            's' | 'm' | 'h' | 'd' | 'w' if digits > 0 => digits = 0,
            _ => return false,
        }
    }
    !text.is_empty() && text.starts_with(|first: char| first.is_ascii_digit())
}

/// Whether a list of algorithms lets a key of this type sign, in what `ssh` makes of the list.
pub(super) fn accepts(list: &str, key: &PublicKey) -> bool {
    let plain = key.plain();
    let algorithms: &[&str] = match plain.algorithm() {
        Algorithm::Rsa => &["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"],
        _ => &[plain.type_name()],
    };
    let matched = |list: &str, name: &str| {
        list.split(',').any(|one| pattern::matches(one.trim().as_bytes(), name.as_bytes()))
    };
    match (list.chars().next(), list.get(1..)) {
        (Some('+' | '^'), _) => true,
        // SHA-1 is not among what it takes by itself.
        (Some('-'), Some(rest)) => {
            algorithms.iter().any(|name| *name != "ssh-rsa" && !matched(rest, name))
        }
        _ => algorithms.iter().any(|name| matched(list, name)),
    }
}

/// The keys of this person, and what they are called: those of the agent, and the public halves in
/// `~/.ssh`.
pub(super) fn keys(place: &Place, home: &Path) -> Vec<(PublicKey, String)> {
    let mut keys: Vec<(PublicKey, String)> = Vec::new();
    let mut take = |key: PublicKey, name: String| {
        if !keys.iter().any(|(known, _)| known.plain() == key.plain()) {
            keys.push((key, name));
        }
    };
    let agent = place.environment.auth_sock().and_then(|path| place.meet(&path).ok());
    if let Some(mut agent) = agent.or_else(|| place.keyfob()) {
        for identity in agent.connection.identities().unwrap_or_default() {
            if let Ok(key) = PublicKey::from_blob(&identity.key_blob) {
                take(key, shown(&identity.comment));
            }
        }
    }
    for path in public_files(home).iter().filter(|path| path.is_file()) {
        if let Ok((key, _)) = public_file::load(path) {
            take(key, shown_path(path));
        }
    }
    keys
}

/// What a list of algorithms leaves out, in words.
pub(super) fn left_out(list: &str, keys: &[(PublicKey, String)]) -> Option<String> {
    let out: Vec<String> = keys
        .iter()
        .filter(|(key, _)| !accepts(list, key))
        .map(|(key, name)| format!("{} {name}", key.short_name()))
        .collect();
    (!out.is_empty()).then(|| out.join(", "))
}

/// Whether `ssh` finds out which key of the agent a file means. It needs the public half.
pub(super) fn has_public_half(path: &Path) -> bool {
    let halves = [path.to_owned(), crate::files::beside(path, ".pub")];
    halves.iter().any(|half| half.is_file() && public_file::load(half).is_ok())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn key(line: &str) -> PublicKey {
        PublicKey::from_line(line.as_bytes()).unwrap().0
    }

    const ED25519: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHU6rb2yviiPNJtMtZqM1V5bo/DzzNLcgBln/8DC0ngN";

    #[test]
    fn a_list_of_algorithms_is_read_as_ssh_reads_it() {
        for (list, accepted) in [
            ("ssh-ed25519,rsa-sha2-512", true),
            ("*", true),
            ("rsa-sha2-512", false),
            ("+ssh-rsa", true),
            ("^rsa-sha2-512", true),
            ("-ssh-ed25519", false),
            ("-ssh-ed*", false),
            ("-ssh-rsa", true),
        ] {
            assert_eq!(accepts(list, &key(ED25519)), accepted, "{list}");
        }
    }

    #[test]
    fn words_for_adding_keys_are_those_ssh_takes() {
        let taken = |text: &str| {
            let words: Vec<Vec<u8>> =
                text.split(' ').map(|word| word.as_bytes().to_vec()).collect();
            adds_keys(&words)
        };
        for good in ["yes", "no", "ask", "confirm", "1h30m", "90", "confirm 1h", "YES"] {
            assert!(taken(good), "{good}");
        }
        for bad in ["maybe", "1x", "yes 1h", "confirm maybe", "", "h"] {
            assert!(!taken(bad), "{bad}");
        }
    }
}
