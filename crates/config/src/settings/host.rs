//! `[[host]]`: rules for hosts.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{names, value};

/// `[[host]]`. What is not said is left as it is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct HostRule {
    /// The host's names, as they stand in known hosts files: `*` and `?` are wild, `!` before one
    /// takes hosts out again.
    #[serde(rename = "match")]
    pub matches: Patterns,
    /// The names of the accounts there; everyone when nothing is said.
    pub user: Option<Patterns>,
    /// The keys that are offered, in this order, and no others: fingerprints, or patterns of their
    /// comments.
    #[serde(default, deserialize_with = "names::keys_or_none")]
    pub keys: Option<Vec<String>>,
    /// Whether a person confirms each use.
    #[serde(default)]
    pub confirm: bool,
    /// How long a key stays after it was used there.
    #[serde(
        default,
        deserialize_with = "value::duration_or_never",
        serialize_with = "value::write_duration_or_never"
    )]
    pub lifetime: Option<Duration>,
    /// What becomes of requests that come from there, or through there, over a forwarded agent.
    pub forwarded: Option<Forwarded>,
}

/// One pattern or several, of which one can match.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "OneOrMore")]
pub struct Patterns(pub Vec<String>);

/// What becomes of forwarded requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Forwarded {
    /// They are refused, and see no keys.
    Deny,
    /// A person confirms each.
    Ask,
    /// They are treated as local ones.
    Allow,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl TryFrom<OneOrMore> for Patterns {
    type Error = String;

    fn try_from(patterns: OneOrMore) -> Result<Self, String> {
        let patterns = match patterns {
            OneOrMore::One(pattern) => vec![pattern],
            OneOrMore::More(patterns) => patterns,
        };
        names::can_match(&patterns)?;
        Ok(Self(patterns))
    }
}
