//! Names and patterns as the settings write them: which of them can mean something.
//!
//! A pattern that can never match, or a fingerprint that no key can have, is a rule that silently
//! does nothing: it is refused where it stands.

use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// Characters of a SHA-256 in base64, without its padding.
const SHA256_LENGTH: usize = 43;

/// The keys a rule or a profile means.
pub(super) fn keys<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<String>, D::Error> {
    let keys = Vec::<String>::deserialize(source)?;
    for key in &keys {
        selects_a_key(key).map_err(D::Error::custom)?;
    }
    Ok(keys)
}

/// The same where there need be none.
pub(super) fn keys_or_none<'de, D>(source: D) -> Result<Option<Vec<String>>, D::Error>
where
    D: Deserializer<'de>,
{
    keys(source).map(Some)
}

/// The keys a profile shows.
pub(super) fn some_keys<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<String>, D::Error> {
    let keys = keys(source)?;
    if keys.is_empty() {
        return Err(D::Error::custom("no keys are named, expected one at least; \"*\" means all"));
    }
    Ok(keys)
}

/// What a profile is called: it becomes the name of a socket.
pub(super) fn profile<'de, D: Deserializer<'de>>(source: D) -> Result<String, D::Error> {
    let name = String::deserialize(source)?;
    let is_fine = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || name.len() > 32 || !name.chars().all(is_fine) {
        return Err(D::Error::custom(format!(
            "{name:?} is no name for a profile, expected up to 32 letters, digits, - and _"
        )));
    }
    if name == "agent" {
        return Err(D::Error::custom(
            "\"agent\" is the name of the agent's own socket, expected another one",
        ));
    }
    Ok(name)
}

/// Patterns of which one can match.
pub(super) fn can_match(patterns: &[String]) -> Result<(), String> {
    let strange = |pattern: &&String| {
        let bare = pattern.strip_prefix('!').unwrap_or(pattern);
        bare.is_empty() || bare.contains(|c: char| c.is_whitespace() || c.is_control() || c == ',')
    };
    if let Some(pattern) = patterns.iter().find(strange) {
        return Err(format!(
            "{pattern:?} is no pattern, expected one name or pattern; several are written as a \
             list, [\"one\", \"two\"]"
        ));
    }
    if let Some(pattern) = patterns.iter().find(|pattern| is_broken_fingerprint(pattern)) {
        return Err(format!(
            "{pattern:?} is no fingerprint of a host key, expected a whole one, SHA256 as \
             `ssh-keygen -lf` shows it"
        ));
    }
    if patterns.iter().all(|pattern| pattern.starts_with('!')) {
        return Err(
            "nothing can match this, expected one pattern at least without ! before it".to_owned()
        );
    }
    Ok(())
}

/// No host has a name like this, and hosts are known by the SHA-256 of their keys only. With
/// wildcards it may match.
fn is_broken_fingerprint(pattern: &str) -> bool {
    let bare = pattern.strip_prefix('!').unwrap_or(pattern);
    let Some((kind, _)) = bare.split_once(':') else { return false };
    let names_hash = kind.eq_ignore_ascii_case("SHA256") || kind.eq_ignore_ascii_case("MD5");
    let is_whole = bare.strip_prefix("SHA256:").is_some_and(is_sha256);
    names_hash && !bare.contains(['*', '?']) && !is_whole
}

fn is_sha256(hash: &str) -> bool {
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || c == '+' || c == '/';
    hash.len() == SHA256_LENGTH && hash.chars().all(is_base64)
}

fn selects_a_key(key: &str) -> Result<(), String> {
    let is_well_formed = if let Some(hash) = key.strip_prefix("SHA256:") {
        is_sha256(hash)
    } else if let Some(hash) = key.strip_prefix("MD5:") {
        let pairs: Vec<_> = hash.split(':').collect();
        let is_pair = |pair: &&str| pair.len() == 2 && pair.bytes().all(|b| b.is_ascii_hexdigit());
        pairs.len() == 16 && pairs.iter().all(is_pair)
    } else if key.trim().is_empty() {
        return Err("\"\" means no key, expected a fingerprint or a pattern of comments".to_owned());
    } else {
        return Ok(());
    };
    if is_well_formed {
        return Ok(());
    }
    Err(format!("{key:?} is no fingerprint, expected a whole one as `keyfob list` shows it"))
}

#[cfg(test)]
mod tests {
    use crate::Settings;

    fn error(text: &str) -> (String, String) {
        let error = Settings::parse(text, "/c".as_ref()).unwrap_err();
        (error.to_string(), error.hint().unwrap_or_default().to_owned())
    }

    #[test]
    fn a_fingerprint_that_no_key_can_have_is_refused_where_it_stands() {
        for wrong in ["SHA256:abc", "SHA256:*", "MD5:00:11", "SHA256:"] {
            let text = format!("[[host]]\nmatch = \"a\"\nkeys = [\"*@work\", \"{wrong}\"]\n");
            let (fact, hint) = error(&text);
            assert_eq!(fact, format!("/c:3:8: \"{wrong}\" is no fingerprint"));
            assert!(hint.contains("keyfob list"), "{hint}");
        }
        let right = "SHA256:uNiVztksCsDhcc0u9e8BrrJXVGDnWcFMHNEQLvUQxv0";
        let md5 = "MD5:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff";
        let text = format!("[[profile]]\nname = \"a\"\nkeys = [\"{right}\", \"{md5}\"]\n");
        Settings::parse(&text, "/c".as_ref()).unwrap();
    }

    /// Lost otherwise: a rule that is meant to narrow does nothing, and nobody is told.
    #[test]
    fn a_host_is_meant_by_a_whole_fingerprint_or_a_pattern_of_one() {
        let whole = "SHA256:uNiVztksCsDhcc0u9e8BrrJXVGDnWcFMHNEQLvUQxv0";
        let (cut, padded) = (&whole[..49], format!("{whole}="));
        let (lower, taken_out) = (whole.replace("SHA", "sha"), format!("!{cut}"));
        let md5 = "MD5:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff";
        for wrong in ["SHA256:abc", "SHA256:", cut, &padded, &lower, md5, &taken_out] {
            let (fact, hint) = error(&format!("[[host]]\nmatch = [\"a.org\", \"{wrong}\"]\n"));
            let expected = format!("/c:2:9: \"{wrong}\" is no fingerprint of a host key");
            assert_eq!(fact, expected);
            assert!(hint.contains("ssh-keygen -lf"), "{hint}");
        }
        let taken_out = format!("!{whole}");
        for right in [whole, "SHA256:*", "SHA256:uNi*", "md5", "sha256.org", &taken_out] {
            let text = format!("[[host]]\nmatch = [\"a.org\", \"{right}\"]\n");
            Settings::parse(&text, "/c".as_ref()).unwrap();
        }
    }

    #[test]
    fn keys_that_mean_nothing_are_refused() {
        let (fact, _) = error("[[profile]]\nname = \"a\"\nkeys = [\" \"]\n");
        assert_eq!(fact, "/c:3:8: \"\" means no key");
        let (fact, _) = error("[[profile]]\nname = \"a\"\nkeys = []\n");
        assert_eq!(fact, "/c:3:8: no keys are named");
        // A rule may say that a host is offered nothing.
        Settings::parse("[[host]]\nmatch = \"a\"\nkeys = []\n", "/c".as_ref()).unwrap();
    }

    #[test]
    fn patterns_that_match_nothing_are_refused() {
        for (wrong, fact) in [
            ("\"\"", "\"\" is no pattern"),
            ("\"a,b\"", "\"a,b\" is no pattern"),
            ("[\"a\", \"!\"]", "\"!\" is no pattern"),
            ("[]", "nothing can match this"),
            ("[\"!a\"]", "nothing can match this"),
        ] {
            let (text, hint) = error(&format!("[[host]]\nmatch = {wrong}\n"));
            assert_eq!(text, format!("/c:2:9: {fact}"));
            assert!(hint.starts_with("expected one"), "{hint}");
        }
        assert!(error("[[host]]\nmatch = \"a\"\nuser = \"\"\n").0.starts_with("/c:3:8: "));
    }

    #[test]
    fn a_profile_has_a_name_of_its_own_that_can_be_a_file_s() {
        for wrong in ["", "a/b", "..", "a b", "ä", "agent"] {
            let (fact, hint) = error(&format!("[[profile]]\nname = {wrong:?}\nkeys = [\"*\"]\n"));
            assert!(fact.starts_with("/c:2:8: "), "{fact}");
            assert!(!hint.is_empty());
        }
    }
}
