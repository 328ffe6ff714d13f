//! `[lock]`: when everything locks by itself.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::value;

/// `[lock]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct LockSettings {
    /// How long the key store stays open after the last use of one of its keys. Written `0`: until
    /// it is locked.
    #[serde(
        deserialize_with = "value::duration_or_never",
        serialize_with = "value::write_duration_or_never"
    )]
    pub store_idle: Option<Duration>,
    /// How long a key stays after its last use; one of the store asks for the passphrase then,
    /// another is removed. Written `0`: as long as it would anyway.
    #[serde(
        deserialize_with = "value::duration_or_never",
        serialize_with = "value::write_duration_or_never"
    )]
    pub key_idle: Option<Duration>,
    /// How long a session is at most, used or not: the key store locks so long after its passphrase
    /// was given, a key of no store is removed so long after it was added. Written `0`: without end.
    #[serde(
        deserialize_with = "value::duration_or_never",
        serialize_with = "value::write_duration_or_never"
    )]
    pub session: Option<Duration>,
    /// Before the machine sleeps.
    pub suspend: bool,
    /// When the screen is locked.
    pub screen: bool,
    /// When the login session ends.
    pub logout: bool,
}

impl Default for LockSettings {
    fn default() -> Self {
        Self {
            store_idle: None,
            key_idle: None,
            session: None,
            suspend: true,
            screen: false,
            logout: true,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn every_setting_can_be_written_and_zero_means_never() {
        let text = r#"store-idle = "4h"
            key-idle = "30m"
            session = "12h"
            suspend = false
            screen = true
            logout = false"#;
        let hours = |hours: u64| Some(Duration::from_secs(hours * 3600));
        let expected = LockSettings {
            store_idle: hours(4),
            key_idle: Some(Duration::from_secs(1800)),
            session: hours(12),
            suspend: false,
            screen: true,
            logout: false,
        };
        assert_eq!(toml::from_str::<LockSettings>(text).unwrap(), expected);
        let never = "store-idle = 0\nkey-idle = \"0\"\nsession = 0";
        assert_eq!(toml::from_str::<LockSettings>(never).unwrap(), LockSettings::default());
    }
}
