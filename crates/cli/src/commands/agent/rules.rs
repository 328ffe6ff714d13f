//! From the settings file and the flags to the rules of an agent.

use std::time::Duration;

use keyfob_config::directories::Directories;
use keyfob_config::env::Environment;
use keyfob_config::settings::{AgentSettings, FingerprintHash, RsaSha1, SecretMemory};
use keyfob_config::{Settings, settings};
use keyfob_daemon::{Rules, StorePlace};
use keyfob_keys::HashKind;
use keyfob_sys::{locked, user};

/// Reads the settings; without a home there are none.
pub(super) fn settings(environment: &Environment) -> Result<AgentSettings, settings::Error> {
    let Ok(directories) = Directories::new(environment, user::effective_uid()) else {
        return Ok(AgentSettings::default());
    };
    Ok(Settings::load(&directories.settings_file(environment))?.agent)
}

/// What flags say instead.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flags {
    /// `-t`; `Some(0)` is for ever, whatever the settings say.
    pub(super) lifetime: Option<u32>,
    /// `-E`.
    pub(super) hash: Option<HashKind>,
}

/// The rules; flags win over settings.
pub(super) fn rules(settings: &AgentSettings, flags: Flags) -> Rules {
    let lifetime = flags.lifetime.or(settings.lifetime).filter(|seconds| *seconds != 0);
    let by_settings = match settings.fingerprint_hash {
        FingerprintHash::Sha256 => HashKind::Sha256,
        FingerprintHash::Md5 => HashKind::Md5,
    };
    Rules {
        default_lifetime: lifetime.map(|seconds| Duration::from_secs(seconds.into())),
        allow_rsa_sha1: settings.rsa_sha1 == RsaSha1::Allow,
        idle_wipe: settings.idle_wipe,
        store_lock_after: settings.store_lock_after,
        confirm_timeout: settings.confirm_timeout,
        fingerprint_hash: flags.hash.unwrap_or(by_settings),
    }
}

/// Where the key store is, or would be. An agent in a home that cannot be found has none.
pub(super) fn store(environment: &Environment) -> Option<StorePlace> {
    let directories = Directories::new(environment, user::effective_uid()).ok()?;
    let states = directories.stores_state();
    Some(StorePlace { folder: directories.store, states })
}

/// Must be said before the first secret is kept.
pub(super) fn choose_memory(settings: &AgentSettings) {
    locked::use_secret_memory(settings.secret_memory == SecretMemory::Use);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> AgentSettings {
        AgentSettings {
            lifetime: Some(60),
            fingerprint_hash: FingerprintHash::Md5,
            ..AgentSettings::default()
        }
    }

    #[test]
    fn settings_count_where_no_flag_speaks() {
        let rules = rules(&settings(), Flags { lifetime: None, hash: None });
        assert_eq!(rules.default_lifetime, Some(Duration::from_secs(60)));
        assert_eq!(rules.fingerprint_hash, HashKind::Md5);
        assert!(rules.allow_rsa_sha1);
    }

    #[test]
    fn flags_win_and_a_zero_lifetime_means_for_ever() {
        let flags = Flags { lifetime: Some(0), hash: Some(HashKind::Sha256) };
        let rules = rules(&settings(), flags);
        assert_eq!(rules.default_lifetime, None);
        assert_eq!(rules.fingerprint_hash, HashKind::Sha256);
    }
}
