//! From the settings file and the flags to the rules of an agent.

#[cfg(unix)]
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use keyfob_config::directories::{Directories, SettingsFile};
use keyfob_config::env::Environment;
#[cfg(unix)]
use keyfob_config::env::Name;
use keyfob_config::settings::{FingerprintHash, RsaSha1, SecretMemory};
use keyfob_config::{Settings, settings};
use keyfob_daemon::desktop::{DesktopHelper, Wishes};
use keyfob_daemon::ways::Way;
use keyfob_daemon::{
    Forwarded, Fresh, HostRule, KeySelector, LogLimits, LogRules, Offer, Patience, Reload, Rules,
    StorePlace, Unread,
};
use keyfob_keys::HashKind;
use keyfob_sys::{locked, user};

use crate::voice::shown;

/// The settings an agent starts with, and where they come from.
#[derive(Debug, Clone, Default)]
pub(super) struct Start {
    pub(super) settings: Settings,
    /// None without a home.
    file: Option<SettingsFile>,
}

/// Reads the settings; without a home there are none. To be called before the agent leaves the
/// folder it is started in.
pub(super) fn settings(environment: &Environment) -> Result<Start, settings::Error> {
    let Ok(directories) = Directories::new(environment, user::effective_uid()) else {
        return Ok(Start::default());
    };
    let SettingsFile { path, named } = directories.settings_file(environment);
    let file = SettingsFile { path: std::path::absolute(&path).unwrap_or(path), named };
    Ok(Start { settings: Settings::load(&file)?, file: Some(file) })
}

/// How a running agent reads them again.
pub(super) fn reload(start: &Start, flags: Flags) -> Option<Reload> {
    let Start { settings: at_start, file } = start.clone();
    let file = file?;
    let path = file.path.clone();
    let read = move || {
        let settings = Settings::load(&file).map_err(|error| Unread {
            fact: shown(error.to_string().as_bytes()),
            hint: error.hint().map(str::to_owned),
        })?;
        let fixed = at_start.fixed_changes(&settings);
        Ok(Fresh { rules: rules(&settings, flags), fixed })
    };
    Some(Reload { path, read: Box::new(read) })
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
pub(super) fn rules(all: &Settings, flags: Flags) -> Rules {
    let Settings { agent: settings, ask, lock, log, .. } = all;
    let lifetime = flags.lifetime.or(settings.lifetime).filter(|seconds| *seconds != 0);
    let by_settings = match settings.fingerprint_hash {
        FingerprintHash::Sha256 => HashKind::Sha256,
        FingerprintHash::Md5 => HashKind::Md5,
    };
    Rules {
        default_lifetime: lifetime.map(|seconds| Duration::from_secs(seconds.into())),
        allow_rsa_sha1: settings.rsa_sha1 == RsaSha1::Allow,
        idle_wipe: settings.idle_wipe,
        store_lock_after: lock.store_idle,
        ways: ask.ways.iter().copied().map(way).collect(),
        key_idle: lock.key_idle,
        session: lock.session,
        desktop: Wishes {
            suspend: lock.suspend,
            screen: lock.screen,
            logout: lock.logout,
            notify: settings.notify,
        },
        confirm_timeout: settings.confirm_timeout,
        allow_for: ask.allow_for,
        remember_forwarded: ask.remember_forwarded,
        patience: Patience { denials: ask.pause_after, pause: ask.pause },
        fingerprint_hash: flags.hash.unwrap_or(by_settings),
        hosts: all.host.iter().map(host_rule).collect(),
        offer: match settings.offer {
            settings::Offer::KnownFirst => Offer::KnownFirst,
            settings::Offer::KnownOnly => Offer::KnownOnly,
            settings::Offer::All => Offer::All,
        },
        learn: settings.learn,
        log: LogRules {
            enabled: log.enabled,
            required: log.required,
            limits: LogLimits { size: log.max_size, files: log.keep },
        },
    }
}

fn host_rule(rule: &settings::HostRule) -> HostRule {
    HostRule {
        matches: rule.matches.0.clone(),
        users: rule.user.as_ref().map(|patterns| patterns.0.clone()),
        keys: rule.keys.as_deref().map(selectors),
        confirm: rule.confirm,
        lifetime: rule.lifetime,
        forwarded: rule.forwarded.map(|word| match word {
            settings::Forwarded::Allow => Forwarded::Allow,
            settings::Forwarded::Ask => Forwarded::Ask,
            settings::Forwarded::Deny => Forwarded::Deny,
        }),
    }
}

/// The keys a rule or a profile names.
pub(super) fn selectors(keys: &[String]) -> Vec<KeySelector> {
    keys.iter().map(|key| KeySelector::new(key)).collect()
}

fn way(way: settings::AskWay) -> Way {
    match way {
        settings::AskWay::Watch => Way::Watch,
        settings::AskWay::Askpass => Way::Askpass,
        settings::AskWay::Pinentry => Way::Pinentry,
        settings::AskWay::Terminal => Way::Terminal,
        settings::AskWay::Dialog => Way::Dialog,
    }
}

/// Where the key store is, or would be. An agent in a home that cannot be found has none.
pub(super) fn store(environment: &Environment) -> Option<StorePlace> {
    let directories = Directories::new(environment, user::effective_uid()).ok()?;
    let states = directories.stores_state();
    Some(StorePlace { folder: directories.store, states })
}

/// Where the log is. An agent in a home that cannot be found has none.
pub(super) fn log(environment: &Environment) -> Option<PathBuf> {
    Some(Directories::new(environment, user::effective_uid()).ok()?.log())
}

/// Where the system bus is unless a variable says otherwise.
#[cfg(unix)]
const SYSTEM_BUS: &str = "/run/dbus/system_bus_socket";

/// Listens to the desktop, in a build that can. Without a system bus nothing is started: a server or
/// a container has none, and should not have a process more for that.
#[cfg(unix)]
pub(super) fn desktop(environment: &Environment) -> Option<DesktopHelper> {
    let is_there = environment.get(Name::DbusSystemBus).is_some() || Path::new(SYSTEM_BUS).exists();
    if !cfg!(feature = "desktop") || !is_there {
        tracing::debug!("sleep, screen and session are not watched: there is no system bus");
        return None;
    }
    let names = [Name::DbusSystemBus, Name::DbusSessionBus, Name::XdgRuntimeDir];
    let variables = names
        .into_iter()
        .filter_map(|name| Some((name.as_str(), environment.get(name)?.to_owned())));
    Some(DesktopHelper::of_this_program(variables.collect()))
}

/// Windows tells every window.
#[cfg(windows)]
#[allow(clippy::unnecessary_wraps, reason = "elsewhere there may be nothing to listen to")]
pub(super) fn desktop(_environment: &Environment) -> Option<DesktopHelper> {
    Some(DesktopHelper::of_this_program(Vec::new()))
}

/// Must be said before the first secret is kept.
pub(super) fn choose_memory(settings: &Settings) {
    locked::use_secret_memory(settings.agent.secret_memory == SecretMemory::Use);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use keyfob_config::settings::AgentSettings;

    use super::*;

    fn settings() -> Settings {
        let agent = AgentSettings {
            lifetime: Some(60),
            fingerprint_hash: FingerprintHash::Md5,
            ..AgentSettings::default()
        };
        Settings { agent, ..Settings::default() }
    }

    #[test]
    fn rules_for_hosts_are_taken_over_as_they_are_written() {
        let text = r#"
            [agent]
            offer = "known-only"
            learn = false
            [[host]]
            match = ["*.example.com", "!a.example.com"]
            user = "root"
            keys = ["SHA256:uNiVztksCsDhcc0u9e8BrrJXVGDnWcFMHNEQLvUQxv0", "*@work"]
            confirm = true
            lifetime = "5m"
            forwarded = "deny"
            [[host]]
            match = "b.org"
        "#;
        let settings = Settings::parse(text, "/home/me/config.toml".as_ref()).unwrap();
        let rules = rules(&settings, Flags { lifetime: None, hash: None });
        assert_eq!((rules.offer, rules.learn), (Offer::KnownOnly, false));
        let expected = HostRule {
            matches: vec!["*.example.com".to_owned(), "!a.example.com".to_owned()],
            users: Some(vec!["root".to_owned()]),
            keys: Some(vec![
                KeySelector::new("SHA256:uNiVztksCsDhcc0u9e8BrrJXVGDnWcFMHNEQLvUQxv0"),
                KeySelector::new("*@work"),
            ]),
            confirm: true,
            lifetime: Some(Duration::from_secs(300)),
            forwarded: Some(Forwarded::Deny),
        };
        assert_eq!(rules.hosts[0], expected);
        assert_eq!(rules.hosts[1].keys, None);
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
