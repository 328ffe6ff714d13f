//! What the settings of a client (ssh_config(5)) call hosts: names to try against hashed ones.
//!
//! Collects words, and decides nothing: which block would count for a login, no name is harmed by
//! being tried, because only the hash proves it.

use crate::limits::{MAX_CONFIGURED, MAX_INCLUDES, MAX_NAME};

/// What one file says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Configured {
    /// In lower case, `[name]:port` too where a port belongs to them.
    pub names: Vec<String>,
    /// The files it includes, as they are written: `~` and wildcards are left to the reader.
    pub includes: Vec<String>,
}

/// The lines from one `Host` or `Match` to the next.
#[derive(Default)]
struct Block {
    hosts: Vec<String>,
    name: Option<String>,
    alias: Option<String>,
    port: Option<u16>,
}

impl Configured {
    /// Of the text of a file. What makes no sense is passed over, as `ssh` tells of it.
    pub fn read(text: &[u8]) -> Self {
        let mut found = Self::default();
        let mut block = Block::default();
        for line in text.split(|byte| *byte == b'\n') {
            let Some((keyword, words)) = std::str::from_utf8(line).ok().and_then(taken_apart)
            else {
                continue;
            };
            match keyword.as_str() {
                "host" | "match" => {
                    found.close(std::mem::take(&mut block));
                    if keyword == "host" {
                        block.hosts = words.into_iter().filter(|word| is_name(word)).collect();
                    }
                }
                "hostname" => block.name = block.name.or(words.into_iter().next()),
                "hostkeyalias" => block.alias = block.alias.or(words.into_iter().next()),
                "port" => {
                    let port = words.first().and_then(|port| port.parse().ok());
                    block.port = block.port.or(port);
                }
                "include" => {
                    let room = MAX_INCLUDES.saturating_sub(found.includes.len());
                    found.includes.extend(words.into_iter().take(room));
                }
                _ => {}
            }
        }
        found.close(block);
        found
    }

    fn close(&mut self, block: Block) {
        let name = block.name.unwrap_or_default();
        let of_hosts = block.hosts.iter().map(|host| name.replace("%h", host)).collect::<Vec<_>>();
        let names = block.hosts.into_iter().chain(of_hosts).chain([name]).chain(block.alias);
        for name in names.filter(|name| is_name(name)).map(|name| name.to_ascii_lowercase()) {
            let with_port = block.port.map(|port| format!("[{name}]:{port}"));
            for name in std::iter::once(name).chain(with_port) {
                if self.names.len() < MAX_CONFIGURED && !self.names.contains(&name) {
                    self.names.push(name);
                }
            }
        }
    }
}

/// Whether this is the name of one host: no pattern, and nothing that only a login fills in.
fn is_name(word: &str) -> bool {
    !word.is_empty() && word.len() <= MAX_NAME && !word.contains(['*', '?', '!', '%'])
}

/// A line's keyword in lower case, and the words behind it; quotes hold words together.
fn taken_apart(line: &str) -> Option<(String, Vec<String>)> {
    let line = line.trim();
    let end = line.find(|c: char| c.is_ascii_whitespace() || c == '=')?;
    let (keyword, rest) = line.split_at_checked(end)?;
    if keyword.starts_with('#') {
        return None;
    }
    let rest = rest.trim_start();
    let mut rest = rest.strip_prefix('=').unwrap_or(rest).trim_start();
    let mut words = Vec::new();
    while !rest.is_empty() && !rest.starts_with('#') {
        let (word, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => rest.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((rest, "")),
        };
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    Some((keyword.to_ascii_lowercase(), words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_that_a_client_could_use_is_found() {
        let found = Configured::read(
            b"Include config.d/* ~/more\n# Host commented\nHost web Db *.inner !no\n  hostname=%h.Example.com\n\
              \tPort 2222\nHost \"a b\"\n HostKeyAlias alias.example # why\nMatch host x\n HostName only.example\n\
              HostName second\nHost *\n HostName %h.%%\n\xff\nPort\n",
        );
        assert_eq!(found.includes, ["config.d/*", "~/more"]);
        let wanted = ["web", "[web]:2222", "db", "web.example.com", "[db.example.com]:2222"];
        for name in wanted.iter().chain(&["alias.example", "only.example"]) {
            assert!(found.names.iter().any(|found| found == name), "{name}: {:?}", found.names);
        }
        for name in ["commented", "no", "second", "x"] {
            assert!(!found.names.iter().any(|found| found == name), "{name}: {:?}", found.names);
        }
    }

    #[test]
    fn a_file_of_a_stranger_is_read_within_limits() {
        let many: String = (0..10_000).map(|n| format!("Host h{n}\nInclude f{n}\n")).collect();
        let found = Configured::read(many.as_bytes());
        assert_eq!(found.names.len(), MAX_CONFIGURED);
        assert_eq!(found.includes.len(), MAX_INCLUDES);
        for text in ["", "\"", "=", "host", "Host \"", "Host =", "\r\nHost x\r\n"] {
            let found = Configured::read(text.as_bytes());
            assert!(found.names.iter().all(|name| name == "x"), "{text:?}: {found:?}");
        }
    }
}
