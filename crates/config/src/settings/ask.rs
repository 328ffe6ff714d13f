//! `[ask]`: how a person is asked.

use std::time::Duration;

use super::value;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// `[ask]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct AskSettings {
    /// Where a question may go, the first that can be reached. Empty: nowhere, every question is
    /// answered with "no".
    #[serde(deserialize_with = "ways")]
    pub ways: Vec<Way>,
    /// How long the answer "for a while" counts. Written `0`: it is not offered.
    #[serde(
        deserialize_with = "value::duration_or_never",
        serialize_with = "value::write_duration_or_never"
    )]
    pub allow_for: Option<Duration>,
    /// Whether answers about forwarded requests may be remembered.
    pub remember_forwarded: bool,
    /// Denied questions within a minute that are followed by no pause.
    #[serde(deserialize_with = "value::count")]
    pub pause_after: u32,
    /// How long a requester is not asked about after more of them. Written `0`: no pause.
    #[serde(
        deserialize_with = "value::duration_or_never",
        serialize_with = "value::write_duration_or_never"
    )]
    pub pause: Option<Duration>,
}

/// One place a question can go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// A `keyfob watch` that has the right to answer.
    Watch,
    /// The program `SSH_ASKPASS` of the agent names, or the system's.
    Askpass,
    /// `pinentry`.
    Pinentry,
    /// The terminal the request comes from.
    Terminal,
    /// A dialog of keyfob's own, on Windows.
    Dialog,
}

/// There nothing else leads to anybody.
#[cfg(windows)]
const USUAL: [Way; 3] = [Way::Watch, Way::Askpass, Way::Dialog];
#[cfg(not(windows))]
const USUAL: [Way; 4] = [Way::Watch, Way::Askpass, Way::Terminal, Way::Pinentry];

impl Default for AskSettings {
    fn default() -> Self {
        Self {
            ways: USUAL.to_vec(),
            allow_for: Some(Duration::from_secs(15 * 60)),
            remember_forwarded: false,
            pause_after: 3,
            pause: Some(Duration::from_secs(60)),
        }
    }
}

/// Each place once: the second time it would be tried in vain.
fn ways<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<Way>, D::Error> {
    let ways = Vec::<Way>::deserialize(source)?;
    match ways.iter().enumerate().find(|(at, way)| ways.iter().take(*at).any(|one| one == *way)) {
        None => Ok(ways),
        Some((_, way)) => {
            let name = format!("{way:?}").to_lowercase();
            Err(D::Error::custom(format!("`{name}` is named twice, expected each way once")))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Settings;

    #[test]
    fn a_way_is_named_once() {
        let error = Settings::parse("[ask]\nways = [\"askpass\", \"askpass\"]", "/c".as_ref());
        assert_eq!(error.unwrap_err().to_string(), "/c:2:8: `askpass` is named twice");
        let none = Settings::parse("[ask]\nways = []", "/c".as_ref()).unwrap();
        assert!(none.ask.ways.is_empty());
    }

    #[test]
    fn a_number_of_denials_is_a_whole_one() {
        for wrong in ["-1", "\"3\"", "1.5"] {
            let text = format!("[ask]\npause-after = {wrong}");
            let error = Settings::parse(&text, "/c".as_ref()).unwrap_err();
            assert_eq!(error.hint(), Some("expected a whole number such as 3"), "{error}");
        }
        let settings = Settings::parse("[ask]\npause-after = 0\npause = 0", "/c".as_ref());
        let ask = settings.unwrap().ask;
        assert_eq!((ask.pause_after, ask.pause), (0, None));
    }
}
