//! The settings file.
//!
//! TOML, one table per subject. A name that is not known is an error that says
//! where: a setting that silently does nothing is worse than none. No file means defaults.
//! Reading is all this does; `file` has the reading, this file the meaning.

mod advice;
mod ask;
pub mod catalogue;
mod changes;
mod file;
mod host;
mod lock;
mod log;
mod names;
mod profile;
mod together;
mod value;

pub use ask::{AskSettings, Way as AskWay};
pub use file::{Error, text_of};
pub use host::{Forwarded, HostRule, Patterns};
pub use lock::LockSettings;
pub use log::LogSettings;
pub use profile::Profile;

use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

/// A file that writes every setting, for the manual.
#[cfg(not(windows))]
pub const EXAMPLE: &str = include_str!("settings/example.toml");
/// The same with paths as Windows has them.
#[cfg(windows)]
pub const EXAMPLE: &str = include_str!("settings/example-windows.toml");

/// Everything that can be set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The agent's own behaviour.
    pub agent: AgentSettings,
    /// How a person is asked.
    pub ask: AskSettings,
    /// When everything locks by itself.
    pub lock: LockSettings,
    /// What was done with which key.
    pub log: LogSettings,
    /// Rules for hosts; the first that matches counts.
    pub host: Vec<HostRule>,
    /// Further sockets that show some keys only.
    pub profile: Vec<Profile>,
}

/// `[agent]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct AgentSettings {
    /// SHA-1 signatures (`ssh-rsa`), for hosts that know nothing better.
    pub rsa_sha1: RsaSha1,
    /// How long a key stays prepared for signing after its last use; after that it is sealed again.
    #[serde(deserialize_with = "value::duration", serialize_with = "value::write_duration")]
    pub idle_wipe: Duration,
    /// Lifetime of added keys that come without one, in seconds. Written `0`: for ever.
    #[serde(
        deserialize_with = "value::seconds_or_never",
        serialize_with = "value::write_seconds_or_never"
    )]
    pub lifetime: Option<u32>,
    /// How fingerprints are shown in questions.
    pub fingerprint_hash: FingerprintHash,
    /// Where the log goes.
    pub log: LogTarget,
    /// How much is logged.
    pub log_level: LogLevel,
    /// How long a question waits for an answer before it counts as "no". Written `0`: for ever.
    #[serde(
        deserialize_with = "value::duration_or_never",
        serialize_with = "value::write_duration_or_never"
    )]
    pub confirm_timeout: Option<Duration>,
    /// Memory that even the kernel does not map. A machine cannot hibernate while it is in use.
    pub secret_memory: SecretMemory,
    /// Whether the agent gives up what it does not need.
    pub sandbox: bool,
    /// Which keys a host that takes one of them is shown.
    pub offer: Offer,
    /// Whether the agent remembers which key a host took.
    pub learn: bool,
    /// Whether a desktop notification tells of each use of a key.
    pub notify: bool,
    /// Whether Windows' agent has a Unix socket for programs of WSL 1.
    pub wsl_socket: bool,
}

/// Which keys a host is shown that is known to take one of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Offer {
    /// The one it took first, then the others, the last used first.
    #[default]
    KnownFirst,
    /// Only the one it took.
    KnownOnly,
    /// All, in the order they were added.
    All,
}

/// May an RSA key make SHA-1 signatures?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RsaSha1 {
    /// When the server asks for it, as OpenSSH's agent does.
    #[default]
    Allow,
    /// Never.
    Refuse,
}

/// The hash under a fingerprint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FingerprintHash {
    /// `SHA256:…`
    #[default]
    Sha256,
    /// `MD5:…`
    Md5,
}

/// Where the log goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
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
            fingerprint_hash: FingerprintHash::default(),
            log: LogTarget::default(),
            log_level: LogLevel::default(),
            confirm_timeout: None,
            secret_memory: SecretMemory::default(),
            sandbox: true,
            offer: Offer::default(),
            learn: true,
            notify: false,
            wsl_socket: false,
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
        let log = if cfg!(windows) { "C:/keyfob.log" } else { "/var/log/keyfob" };
        let settings = read(
            &r#"
            [agent]
            rsa-sha1 = "refuse"
            idle-wipe = "1m30"
            lifetime = "8h"
            fingerprint-hash = "md5"
            log = { file = "LOG" }
            log-level = "debug"
            confirm-timeout = 45
            secret-memory = "avoid"
            sandbox = false
            offer = "known-only"
            learn = false
            notify = true
            wsl-socket = true
            "#
            .replace("LOG", log),
        );
        let expected = AgentSettings {
            rsa_sha1: RsaSha1::Refuse,
            idle_wipe: Duration::from_secs(90),
            lifetime: Some(8 * 3600),
            fingerprint_hash: FingerprintHash::Md5,
            log: LogTarget::File(log.into()),
            log_level: LogLevel::Debug,
            confirm_timeout: Some(Duration::from_secs(45)),
            secret_memory: SecretMemory::Avoid,
            sandbox: false,
            offer: Offer::KnownOnly,
            learn: false,
            notify: true,
            wsl_socket: true,
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
        let begin = if cfg!(windows) { r"C:\ or \\.\pipe\" } else { "/" };
        assert_eq!(error.hint(), Some(&*format!("expected one that begins with {begin}")));
    }

    #[test]
    fn zero_means_for_ever_where_for_ever_is_meant() {
        let agent = read("agent = { lifetime = \"0\", confirm-timeout = 0 }").unwrap().agent;
        assert_eq!((agent.lifetime, agent.confirm_timeout), (None, None));
        let agent = read("agent.idle-wipe = \"0\"").unwrap().agent;
        assert_eq!(agent.idle_wipe, Duration::ZERO);
    }

    #[test]
    fn a_mistyped_name_is_an_error_with_its_line_and_the_right_name() {
        let error = read("# mine\n[agent]\nlife-time = \"1h\"\n").unwrap_err();
        assert_eq!(error.to_string(), "/home/me/config.toml:3:1: unknown setting `life-time`");
        assert_eq!(error.hint(), Some("did you mean `lifetime`?"));
    }

    #[test]
    fn a_mistyped_table_is_an_error_at_every_level() {
        for (text, place, hint) in [
            ("[[hosts]]\nmatch = \"a\"\n", "1:3", "did you mean `[[host]]`?"),
            ("\n[agnet]\nlearn = true\n", "2:2", "did you mean `[agent]`?"),
            ("[[host]]\nmatch = \"a\"\nkey = [\"b\"]\n", "3:1", "did you mean `keys`?"),
            ("lifetime = 3\n", "1:1", "`lifetime` belongs in [agent]"),
            ("[lock]\nscreens = true\n", "2:1", "did you mean `screen`?"),
            (
                "agent.log = { files = \"/a\" }\n",
                "1:15",
                "did you mean `file`? expected one of `stderr`, `journald`, `file`",
            ),
        ] {
            let error = read(text).unwrap_err();
            let start = format!("/home/me/config.toml:{place}: unknown ");
            assert!(error.to_string().starts_with(&start), "{error}");
            assert_eq!(error.hint(), Some(hint), "{error}");
        }
    }

    #[test]
    fn what_must_be_written_and_is_not_is_named() {
        let error = read("[[profile]]\nname = \"a\"\n").unwrap_err();
        assert_eq!(error.to_string(), "/home/me/config.toml:1:1: the setting `keys` is missing");
    }

    #[test]
    fn settings_can_be_written_down_and_read_again() {
        for text in ["", EXAMPLE] {
            let settings = read(text).unwrap();
            let written = toml::to_string(&settings).unwrap();
            assert_eq!(read(&written).unwrap(), settings, "{written}");
        }
    }

    #[test]
    fn a_wrong_value_is_an_error_that_says_which_there_are() {
        let error = read("[agent]\nrsa-sha1 = \"no\"").unwrap_err();
        assert_eq!(error.to_string(), "/home/me/config.toml:2:12: unknown value `no`");
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
