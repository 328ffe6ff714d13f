//! `[[profile]]`: further sockets that show some keys only.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{names, value};

/// `[[profile]]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Profile {
    /// What it is called: letters, digits, `-` and `_`.
    #[serde(deserialize_with = "names::profile")]
    pub name: String,
    /// Where it listens, absolute; where it is not said, `NAME.sock` beside the agent's own socket.
    #[serde(default, deserialize_with = "value::absolute_or_none")]
    pub socket: Option<PathBuf>,
    /// The keys it shows: fingerprints, or patterns of their comments.
    #[serde(deserialize_with = "names::some_keys")]
    pub keys: Vec<String>,
}
