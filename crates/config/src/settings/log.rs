//! `[log]`: what was done with which key.

use serde::{Deserialize, Serialize};

use super::value;

/// `[log]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct LogSettings {
    /// There is one.
    pub enabled: bool,
    /// Nothing is signed whose line cannot be written.
    pub required: bool,
    /// Bytes of a file, at most.
    #[serde(deserialize_with = "value::size", serialize_with = "value::write_size")]
    pub max_size: u64,
    /// Files that are kept.
    #[serde(deserialize_with = "value::files")]
    pub keep: usize,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { enabled: true, required: false, max_size: 1 << 20, keep: 10 }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<LogSettings, toml::de::Error> {
        toml::from_str(text)
    }

    #[test]
    fn every_setting_can_be_written() {
        let text = "enabled = false\nrequired = true\nmax-size = \"4M\"\nkeep = 3";
        let expected = LogSettings { enabled: false, required: true, max_size: 4 << 20, keep: 3 };
        assert_eq!(read(text).unwrap(), expected);
    }

    #[test]
    fn a_size_is_a_number_or_has_a_unit() {
        for (text, size) in [
            ("65536", 1 << 16),
            ("\"64K\"", 1 << 16),
            ("\"2M\"", 2 << 20),
            ("\"1G\"", 1 << 30),
            ("\"100000\"", 100_000),
        ] {
            assert_eq!(read(&format!("max-size = {text}")).unwrap().max_size, size);
        }
        for text in ["0", "-1", "65535", "\"2G\"", "\"1T\"", "\"M\"", "\"\"", "\"1 M\"", "1.5"] {
            let error = read(&format!("max-size = {text}")).unwrap_err().to_string();
            assert!(error.contains("expected"), "{text}: {error}");
        }
        for keep in ["0", "1000", "-1"] {
            assert!(read(&format!("keep = {keep}")).is_err());
        }
    }
}
