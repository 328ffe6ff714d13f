//! Every setting in words: what the manual, `keyfob config show` and the advice after a mistake
//! are made from.
//!
//! The tests prove that these are the settings there are, that a default is the default and that
//! an example can be written. What a setting does is said here once; how it is read is said where
//! it is declared.

/// A table of the file.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name, without brackets.
    pub name: &'static str,
    /// Whether there may be several: `[[name]]`.
    pub many: bool,
    /// What it is about.
    pub meaning: &'static str,
    /// What can be written in it.
    pub settings: &'static [Setting],
}

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// What kind of value it takes.
    pub kind: &'static str,
    /// What counts when nothing is written.
    pub default: Default,
    /// A value, as it is written.
    pub example: &'static str,
    /// What it does.
    pub meaning: &'static str,
    /// Whether a running agent takes a change over.
    pub live: bool,
}

/// What counts when nothing is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Default {
    /// As if this value were written.
    Value(&'static str),
    /// This, which cannot be written.
    Words(&'static str),
    /// It must be written.
    Needed,
}

impl Table {
    /// How its beginning is written.
    pub fn heading(&self) -> String {
        if self.many { format!("[[{}]]", self.name) } else { format!("[{}]", self.name) }
    }
}

/// A length of time.
const TIME: &str = "length of time";
const SWITCH: &str = "true or false";

/// All tables, in the order they are shown.
pub const TABLES: &[Table] = &[
    Table {
        name: "agent",
        many: false,
        meaning: "The agent's own behaviour. Flags of keyfob agent go before it.",
        settings: AGENT,
    },
    Table { name: "ask", many: false, meaning: "How a person is asked.", settings: ASK },
    Table {
        name: "lock",
        many: false,
        meaning: "When everything locks by itself.",
        settings: LOCK,
    },
    Table {
        name: "log",
        many: false,
        meaning: "The log that keyfob log shows: who used which key for what.",
        settings: LOG,
    },
    Table {
        name: "host",
        many: true,
        meaning: "A rule for hosts; the first that matches counts. What it does not say is left as it is.",
        settings: HOST,
    },
    Table {
        name: "profile",
        many: true,
        meaning: "A further socket that shows some keys only, for IdentityAgent in ssh_config(5), a container or a customer.",
        settings: PROFILE,
    },
];

const AGENT: &[Setting] = &[
    Setting {
        name: "rsa-sha1",
        kind: "\"allow\" or \"refuse\"",
        default: Default::Value("\"allow\""),
        example: "\"refuse\"",
        meaning: "Whether RSA keys sign with SHA-1 (ssh-rsa), which only old devices need.",
        live: true,
    },
    Setting {
        name: "idle-wipe",
        kind: TIME,
        default: Default::Value("\"1m\""),
        example: "\"30s\"",
        meaning: "How long a key stays ready to sign after its last use; then it is sealed again.",
        live: true,
    },
    Setting {
        name: "lifetime",
        kind: TIME,
        default: Default::Value("\"0\""),
        example: "\"8h\"",
        meaning: "How long keys stay that are added without a lifetime; 0 is for ever. A change is for keys that are added later.",
        live: true,
    },
    Setting {
        name: "fingerprint-hash",
        kind: "\"sha256\" or \"md5\"",
        default: Default::Value("\"sha256\""),
        example: "\"md5\"",
        meaning: "How questions and the log name keys.",
        live: true,
    },
    Setting {
        name: "log",
        kind: "\"stderr\", \"journald\" or { file = \"/PATH\" }",
        default: Default::Value("\"stderr\""),
        example: "\"journald\"",
        meaning: "Where the agent says what it does. In the background nobody sees stderr.",
        live: false,
    },
    Setting {
        name: "log-level",
        kind: "\"error\", \"warn\", \"info\", \"debug\" or \"trace\"",
        default: Default::Value("\"info\""),
        example: "\"warn\"",
        meaning: "How much it says there. At info it says who used which key for what.",
        live: false,
    },
    Setting {
        name: "confirm-timeout",
        kind: TIME,
        default: Default::Value("\"0\""),
        example: "\"45s\"",
        meaning: "How long a question waits for an answer before it counts as no; 0 is for ever.",
        live: true,
    },
    Setting {
        name: "secret-memory",
        kind: "\"use\" or \"avoid\"",
        default: Default::Value("\"use\""),
        example: "\"avoid\"",
        meaning: "Memory that even the kernel does not map, where there is some. A machine cannot hibernate while it is in use.",
        live: false,
    },
    Setting {
        name: "sandbox",
        kind: SWITCH,
        default: Default::Value("true"),
        example: "false",
        meaning: "Whether the agent gives up what it does not need: starting programs, networks, changing files outside of a few folders, most system calls. `keyfob status --security` tells what the kernel does of it.",
        live: false,
    },
    Setting {
        name: "offer",
        kind: "\"known-first\", \"known-only\" or \"all\"",
        default: Default::Value("\"known-first\""),
        example: "\"known-only\"",
        meaning: "Which keys a host is shown that is known to take one of them: that one first and then the others, the last used first; only that one; or all in the order they were added.",
        live: true,
    },
    Setting {
        name: "learn",
        kind: SWITCH,
        default: Default::Value("true"),
        example: "false",
        meaning: "Whether the agent remembers which key a host took.",
        live: true,
    },
    Setting {
        name: "notify",
        kind: SWITCH,
        default: Default::Value("false"),
        example: "true",
        meaning: "Whether a desktop notification tells of each use of a key.",
        live: true,
    },
    Setting {
        name: "wsl-socket",
        kind: SWITCH,
        default: Default::Value("false"),
        example: "true",
        meaning: "Whether programs of WSL 1 find the agent by a socket in the account's folder; on Windows only. keyfob relay leads to it from WSL 2.",
        live: false,
    },
];

#[cfg(windows)]
const USUAL_WAYS: &str = "[\"watch\", \"askpass\", \"dialog\"]";
#[cfg(not(windows))]
const USUAL_WAYS: &str = "[\"watch\", \"askpass\", \"terminal\", \"pinentry\"]";
#[cfg(windows)]
const OTHER_WAYS: &str = "[\"dialog\"]";
#[cfg(not(windows))]
const OTHER_WAYS: &str = "[\"pinentry\", \"terminal\"]";

const ASK: &[Setting] = &[
    Setting {
        name: "ways",
        kind: "list of \"watch\", \"askpass\", \"terminal\", \"pinentry\" and \"dialog\"",
        default: Default::Value(USUAL_WAYS),
        example: OTHER_WAYS,
        meaning: "Where a question may go, the first that can be reached: a keyfob watch that has the right to answer, the program SSH_ASKPASS names or the system's, the terminal the request comes from, pinentry, a dialog of keyfob's own (on Windows only, where terminal and pinentry lead nowhere). With none every question is answered with no.",
        live: true,
    },
    Setting {
        name: "allow-for",
        kind: TIME,
        default: Default::Value("\"15m\""),
        example: "\"1h\"",
        meaning: "How long the answer \"for a while\" counts: for this key, this use of it and this program in this session. 0 does not offer it.",
        live: true,
    },
    Setting {
        name: "remember-forwarded",
        kind: SWITCH,
        default: Default::Value("false"),
        example: "true",
        meaning: "Whether answers about requests over a forwarded agent may be remembered too. Whoever controls the host it is forwarded to can then use what was allowed.",
        live: true,
    },
    Setting {
        name: "pause-after",
        kind: "number",
        default: Default::Value("3"),
        example: "10",
        meaning: "How many questions of one requester may be denied within a minute. After one more nobody is asked for it for a while; its requests are refused.",
        live: true,
    },
    Setting {
        name: "pause",
        kind: TIME,
        default: Default::Value("\"1m\""),
        example: "\"5m\"",
        meaning: "How long that is; 0 never pauses.",
        live: true,
    },
];

const LOCK: &[Setting] = &[
    Setting {
        name: "store-idle",
        kind: TIME,
        default: Default::Value("\"0\""),
        example: "\"12h\"",
        meaning: "How long the key store stays open after the last use of one of its keys; 0 is until keyfob lock.",
        live: true,
    },
    Setting {
        name: "key-idle",
        kind: TIME,
        default: Default::Value("\"0\""),
        example: "\"4h\"",
        meaning: "How long a key stays after its last use. Then a key of the store asks for the passphrase, another one is removed; 0 is as long as it would anyway. keyfob add --idle and keyfob set --idle say otherwise for one key.",
        live: true,
    },
    Setting {
        name: "session",
        kind: TIME,
        default: Default::Value("\"0\""),
        example: "\"10h\"",
        meaning: "How long a session is at most, used or not: the key store locks so long after its passphrase was given, a key of no store is removed so long after it was added; 0 is without end.",
        live: true,
    },
    Setting {
        name: "suspend",
        kind: SWITCH,
        default: Default::Value("true"),
        example: "false",
        meaning: "Whether it locks before the machine sleeps, which waits for that. Keys of no store stay where no store is open: there is no passphrase to seal them under.",
        live: true,
    },
    Setting {
        name: "screen",
        kind: SWITCH,
        default: Default::Value("false"),
        example: "true",
        meaning: "Whether it locks when a screen of this user is locked.",
        live: true,
    },
    Setting {
        name: "logout",
        kind: SWITCH,
        default: Default::Value("true"),
        example: "false",
        meaning: "Whether the store locks and all other keys are removed when the last login session of the user ends.",
        live: true,
    },
];

const LOG: &[Setting] = &[
    Setting {
        name: "enabled",
        kind: SWITCH,
        default: Default::Value("true"),
        example: "false",
        meaning: "Whether there is one.",
        live: true,
    },
    Setting {
        name: "required",
        kind: SWITCH,
        default: Default::Value("false"),
        example: "true",
        meaning: "Whether nothing is signed whose line cannot be written, because a disk is full for instance. There is a log then whatever enabled says.",
        live: true,
    },
    Setting {
        name: "max-size",
        kind: "number of bytes, or text with K, M or G",
        default: Default::Value("\"1M\""),
        example: "\"4M\"",
        meaning: "How long a file of it is at most, from 64K to 1G; then another one begins.",
        live: true,
    },
    Setting {
        name: "keep",
        kind: "number",
        default: Default::Value("10"),
        example: "20",
        meaning: "How many files of it are kept, from 1 to 999; the oldest goes when there would be more.",
        live: true,
    },
];

const HOST: &[Setting] = &[
    Setting {
        name: "match",
        kind: "pattern, or list of patterns",
        default: Default::Needed,
        example: "[\"*.example.com\", \"!old.example.com\"]",
        meaning: "The host's names, as they stand in known hosts files, or the SHA256 fingerprint of its key: * and ? are wild, ! before one takes hosts out again. A name that is hashed there is found if it stands in the command line, in a rule without wildcards or in ~/.ssh/config; for another one only the fingerprint counts.",
        live: true,
    },
    Setting {
        name: "user",
        kind: "pattern, or list of patterns",
        default: Default::Words("every account"),
        example: "\"git\"",
        meaning: "The names of the accounts there.",
        live: true,
    },
    Setting {
        name: "keys",
        kind: "list of keys",
        default: Default::Words("all keys"),
        example: "[\"SHA256:uNiVztksCsDhcc0u9e8BrrJXVGDnWcFMHNEQLvUQxv0\", \"*@work\"]",
        meaning: "The keys that are offered, in this order, and no others: fingerprints as keyfob list shows them, or patterns of comments.",
        live: true,
    },
    Setting {
        name: "confirm",
        kind: SWITCH,
        default: Default::Value("false"),
        example: "true",
        meaning: "Whether a person confirms each use.",
        live: true,
    },
    Setting {
        name: "lifetime",
        kind: TIME,
        default: Default::Value("\"0\""),
        example: "\"1h\"",
        meaning: "How long a key stays after it was used there; 0 is as long as it would anyway.",
        live: true,
    },
    Setting {
        name: "forwarded",
        kind: "\"deny\", \"ask\" or \"allow\"",
        default: Default::Words("as the key's own rules say"),
        example: "\"ask\"",
        meaning: "What becomes of requests that come from there, or through there, over a forwarded agent: they are refused and see no keys; a person confirms each; or they are treated as local ones.",
        live: true,
    },
];

const PROFILE: &[Setting] = &[
    Setting {
        name: "name",
        kind: "text",
        default: Default::Needed,
        example: "\"customer\"",
        meaning: "What it is called: letters, digits, - and _; agent is the agent's own.",
        live: false,
    },
    Setting {
        name: "socket",
        kind: "absolute path",
        default: Default::Words("NAME.sock beside the agent's own socket"),
        example: match cfg!(windows) {
            true => r"'\\.\pipe\keyfob-customer'",
            false => "\"/run/user/1000/keyfob/customer.sock\"",
        },
        meaning: "Where it listens.",
        live: false,
    },
    Setting {
        name: "keys",
        kind: "list of keys",
        default: Default::Needed,
        example: "[\"*@customer\"]",
        meaning: "The keys it shows: fingerprints, or patterns of comments.",
        live: false,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;
    use crate::settings::EXAMPLE;

    fn parse(text: &str) -> Result<Settings, crate::settings::Error> {
        Settings::parse(text, "/c".as_ref())
    }

    /// What has to stand in a table beside a setting that is tried.
    fn needed_beside(table: &Table, setting: &Setting) -> String {
        let others = table.settings.iter().filter(|other| other.name != setting.name);
        others
            .filter(|other| other.default == Default::Needed)
            .map(|other| format!("{} = {}\n", other.name, other.example))
            .collect()
    }

    /// Lost otherwise: a setting that nobody can find, because the manual does not have it.
    #[test]
    fn the_catalogue_has_exactly_the_settings_that_can_be_read() {
        let names = |error: crate::settings::Error| {
            let hint = error.hint().unwrap().to_owned();
            let (_, names) = hint.split_once("there are ").unwrap();
            names
                .split([',', ' '])
                .filter(|part| part.starts_with('`'))
                .map(|name| name.trim_matches('`').to_owned())
                .collect::<Vec<_>>()
        };
        let tables: Vec<_> = TABLES.iter().map(|table| table.name).collect();
        assert_eq!(names(parse("qqqqqqqq = 1").unwrap_err()), tables);
        for table in TABLES {
            let read = names(parse(&format!("{}\nqqqqqqqq = 1", table.heading())).unwrap_err());
            let known: Vec<_> = table.settings.iter().map(|setting| setting.name).collect();
            assert_eq!(read, known, "[{}]", table.name);
        }
    }

    #[test]
    fn a_default_is_what_counts_when_nothing_is_written() {
        for table in TABLES {
            for setting in table.settings {
                let beside = format!("{}\n{}", table.heading(), needed_beside(table, setting));
                let alone = parse(&beside);
                match setting.default {
                    Default::Value(value) => {
                        let written = parse(&format!("{beside}{} = {value}", setting.name));
                        assert_eq!(written.unwrap(), alone.unwrap(), "{}", setting.name);
                    }
                    Default::Words(_) => assert!(alone.is_ok(), "{}", setting.name),
                    Default::Needed => assert!(alone.is_err(), "{}", setting.name),
                }
            }
        }
    }

    #[test]
    fn an_example_is_a_value_other_than_the_default() {
        for table in TABLES {
            for setting in table.settings {
                let beside = format!("{}\n{}", table.heading(), needed_beside(table, setting));
                let written = parse(&format!("{beside}{} = {}", setting.name, setting.example));
                let written = written.unwrap_or_else(|error| panic!("{}: {error}", setting.name));
                assert_ne!(Some(written), parse(&beside).ok(), "{}", setting.name);
            }
        }
    }

    /// Lost otherwise: the example in the manual no longer works, or forgets what came new.
    #[test]
    fn the_example_file_writes_every_setting() {
        parse(EXAMPLE).unwrap();
        let file: toml::Table = toml::from_str(EXAMPLE).unwrap();
        for table in TABLES {
            let place = &file[table.name];
            let tables = match place.as_array() {
                Some(tables) => tables.iter().collect(),
                None => vec![place],
            };
            for setting in table.settings {
                let is_there = tables.iter().any(|table| table.get(setting.name).is_some());
                assert!(is_there, "{} {}", table.heading(), setting.name);
            }
        }
    }
}
