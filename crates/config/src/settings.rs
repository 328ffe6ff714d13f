//! The settings file.
//!
//! TOML, one table per room of the program. A name that is not known is an error that says
//! where: a setting that silently does nothing is worse than none. No file means defaults.
//! Reading is all this does; `file` has the reading, this file the meaning.

mod file;
mod value;

pub use file::Error;

use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;

/// Everything that can be set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The agent's own behaviour.
    pub agent: AgentSettings,
}

/// `[agent]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct AgentSettings {
    /// SHA-1 signatures (`ssh-rsa`), for hosts that know nothing better.
    pub rsa_sha1: RsaSha1,
    /// How long a key stays prepared for signing after its last use; after that it is sealed again.
    #[serde(deserialize_with = "value::duration")]
    pub idle_wipe: Duration,
    /// Lifetime of added keys that come without one, in seconds. Written `0`: for ever.
    #[serde(deserialize_with = "value::seconds_or_never")]
    pub lifetime: Option<u32>,
    /// How long the key store stays open after the last use of one of its keys. Written `0`: until
    /// it is locked.
    #[serde(deserialize_with = "value::duration_or_never")]
    pub store_lock_after: Option<Duration>,
    /// How fingerprints are shown in questions.
    pub fingerprint_hash: FingerprintHash,
    /// Where the log goes.
    pub log: LogTarget,
    /// How much is logged.
    pub log_level: LogLevel,
    /// How long a question waits for an answer before it counts as "no". Written `0`: for ever.
    #[serde(deserialize_with = "value::duration_or_never")]
    pub confirm_timeout: Option<Duration>,
    /// Memory that even the kernel does not map. A machine cannot hibernate while it is in use.
    pub secret_memory: SecretMemory,
}

/// May an RSA key make SHA-1 signatures?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RsaSha1 {
    /// When the server asks for it, as OpenSSH's agent does.
    #[default]
    Allow,
    /// Never.
    Refuse,
}

/// The hash under a fingerprint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FingerprintHash {
    /// `SHA256:…`
    #[default]
    Sha256,
    /// `MD5:…`
    Md5,
}

/// Where the log goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogTarget {
    /// The standard error stream; nowhere when it runs as a daemon.
    #[default]
    Stderr,
    /// The systemd journal.
    Journald,
    /// A file, for the owner only; written `{ file = "/path" }`.
    File(#[serde(deserialize_with = "value::absolute")] PathBuf),
}

/// How much is logged: this and everything graver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogLevel {
    /// What failed.
    Error,
    /// What is odd.
    Warn,
    /// What was done with which key.
    #[default]
    Info,
    /// Every request.
    Debug,
    /// Everything.
    Trace,
}

/// Use `memfd_secret`?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretMemory {
    /// Where the system has it.
    #[default]
    Use,
    /// Never: ordinary locked memory.
    Avoid,
}

impl Default for AgentSettings {
    fn default() -> Self {
        Self {
            rsa_sha1: RsaSha1::default(),
            idle_wipe: Duration::from_secs(60),
            lifetime: None,
            store_lock_after: None,
            fingerprint_hash: FingerprintHash::default(),
            log: LogTarget::default(),
            log_level: LogLevel::default(),
            confirm_timeout: None,
            secret_memory: SecretMemory::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Settings, Error> {
        Settings::parse(text, "/home/me/config.toml".as_ref())
    }

    #[test]
    fn nothing_written_means_the_defaults() {
        let settings = read("").unwrap().agent;
        assert_eq!(settings, AgentSettings::default());
        assert_eq!(settings.rsa_sha1, RsaSha1::Allow);
        assert_eq!(settings.idle_wipe, Duration::from_secs(60));
        assert_eq!(read("[agent]").unwrap(), Settings::default());
    }

    #[test]
    fn every_setting_can_be_written() {
        let settings = read(
            r#"
            [agent]
            rsa-sha1 = "refuse"
            idle-wipe = "1m30"
            lifetime = "8h"
            store-lock-after = "12h"
            fingerprint-hash = "md5"
            log = { file = "/var/log/keyfob" }
            log-level = "debug"
            confirm-timeout = 45
            secret-memory = "avoid"
            "#,
        );
        let expected = AgentSettings {
            rsa_sha1: RsaSha1::Refuse,
            idle_wipe: Duration::from_secs(90),
            lifetime: Some(8 * 3600),
            store_lock_after: Some(Duration::from_secs(12 * 3600)),
            fingerprint_hash: FingerprintHash::Md5,
            log: LogTarget::File("/var/log/keyfob".into()),
            log_level: LogLevel::Debug,
            confirm_timeout: Some(Duration::from_secs(45)),
            secret_memory: SecretMemory::Avoid,
        };
        assert_eq!(settings.unwrap().agent, expected);
    }

    #[test]
    fn the_log_can_go_to_the_journal() {
        let settings = read("[agent]\nlog = \"journald\"").unwrap();
        assert_eq!(settings.agent.log, LogTarget::Journald);
    }

    #[test]
    fn a_log_file_is_named_in_full() {
        // In the background the agent's folder is the root.
        let error = read("[agent]\nlog = { file = \"agent.log\" }").unwrap_err();
        assert!(error.to_string().ends_with("\"agent.log\" is no absolute path"), "{error}");
        assert_eq!(error.hint(), Some("expected one that begins with /"));
    }

    #[test]
    fn zero_means_for_ever_where_for_ever_is_meant() {
        let agent = read("agent = { lifetime = \"0\", confirm-timeout = 0 }").unwrap().agent;
        assert_eq!((agent.lifetime, agent.confirm_timeout), (None, None));
        let agent = read("agent.idle-wipe = \"0\"").unwrap().agent;
        assert_eq!(agent.idle_wipe, Duration::ZERO);
    }

    #[test]
    fn a_mistyped_name_is_an_error_with_its_line_and_the_names_there_are() {
        let error = read("# mine\n[agent]\nlife-time = \"1h\"\n").unwrap_err();
        assert_eq!(error.to_string(), "/home/me/config.toml:3:1: unknown field `life-time`");
        let hint = error.hint().unwrap();
        assert!(hint.contains("`lifetime`") && hint.contains("`rsa-sha1`"), "{hint}");
    }

    #[test]
    fn a_wrong_value_is_an_error_that_says_which_there_are() {
        let error = read("[agent]\nrsa-sha1 = \"no\"").unwrap_err();
        assert_eq!(error.to_string(), "/home/me/config.toml:2:12: unknown variant `no`");
        assert_eq!(error.hint().unwrap(), "expected `allow` or `refuse`");
    }

    #[test]
    fn a_wrong_duration_is_an_error_that_shows_a_right_one() {
        let error = read("[agent]\nidle-wipe = \"soon\"").unwrap_err();
        let text = error.to_string();
        assert_eq!(text, "/home/me/config.toml:2:13: \"soon\" is no length of time");
        assert!(error.hint().unwrap().contains("1h30m"));
        for value in ["-1", "1.5", "true", "99999999999"] {
            assert!(read(&format!("[agent]\nlifetime = {value}")).is_err(), "{value}");
        }
    }

    #[test]
    fn broken_toml_is_an_error_with_its_place() {
        let error = read("[agent\n").unwrap_err().to_string();
        assert!(error.starts_with("/home/me/config.toml:1:"), "{error}");
        assert!(!error.contains('\n'), "{error}");
    }
}
