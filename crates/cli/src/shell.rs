//! Lines a shell evaluates, quoted so that no path can run anything.
//!
//! Knows six families of shells and nothing about agents.

use std::ffi::OsStr;

use keyfob_sys::os_text::OsStrExt as _;

use crate::called;

/// A family of shells that share their syntax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Shell {
    /// sh, bash, dash, zsh, ksh.
    #[value(aliases = ["bash", "dash", "zsh", "ksh"])]
    Sh,
    /// csh, tcsh.
    #[value(alias = "tcsh")]
    Csh,
    /// fish.
    Fish,
    /// PowerShell.
    #[value(name = "powershell", alias = "pwsh")]
    Pwsh,
    /// Nushell: it evaluates no lines, but takes over variables from what it reads, which is TOML here.
    #[value(name = "nushell", alias = "nu")]
    Nu,
    /// cmd.exe.
    Cmd,
}

impl Shell {
    /// The family of a shell's program name or path, `-bash` of a login shell included.
    pub(crate) fn of_program(program: &OsStr) -> Option<Self> {
        let name = called::name(program)?;
        match name.strip_prefix('-').unwrap_or(&name) {
            "sh" | "bash" | "dash" | "zsh" | "ksh" | "mksh" | "ash" | "busybox" | "yash" => {
                Some(Self::Sh)
            }
            "csh" | "tcsh" | "bsd-csh" => Some(Self::Csh),
            "fish" => Some(Self::Fish),
            "pwsh" | "powershell" => Some(Self::Pwsh),
            "nu" | "nushell" => Some(Self::Nu),
            "cmd" => Some(Self::Cmd),
            _ => None,
        }
    }

    /// What `ssh-agent` guesses from `$SHELL`: csh when it ends so, else sh.
    pub(crate) fn by_ending(shell: Option<&OsStr>) -> Self {
        match shell {
            Some(path) if path.len() > 2 && path.as_bytes().ends_with(b"csh") => Self::Csh,
            _ => Self::Sh,
        }
    }

    /// A line that sets and exports a variable.
    pub(crate) fn set(self, name: &str, value: &[u8]) -> Vec<u8> {
        let value = match self {
            Self::Nu => quote_for_toml(value),
            Self::Cmd => within_quotes_of_cmd(value),
            _ => self.quote(value),
        };
        self.set_quoted(name, &value)
    }

    /// The same, with the value as `ssh-agent` prints it.
    pub(crate) fn set_as_openssh(self, name: &str, value: &[u8]) -> Vec<u8> {
        match self {
            Self::Nu | Self::Cmd => self.set(name, value),
            _ => self.set_quoted(name, &self.quote_as_openssh(value)),
        }
    }

    fn set_quoted(self, name: &str, quoted: &[u8]) -> Vec<u8> {
        let (before, after) = match self {
            Self::Sh => (format!("{name}="), format!("; export {name};\n")),
            Self::Csh => (format!("setenv {name} "), ";\n".to_owned()),
            Self::Fish => (format!("set -gx {name} "), ";\n".to_owned()),
            Self::Pwsh => (format!("$Env:{name} = "), ";\n".to_owned()),
            Self::Nu => (format!("{name} = "), "\n".to_owned()),
            Self::Cmd => (format!("set \"{name}="), "\"\n".to_owned()),
        };
        [before.as_bytes(), quoted, after.as_bytes()].concat()
    }

    /// A line that removes a variable.
    pub(crate) fn unset(self, name: &str) -> String {
        match self {
            Self::Sh => format!("unset {name};\n"),
            Self::Csh => format!("unsetenv {name};\n"),
            Self::Fish => format!("set -e {name};\n"),
            Self::Pwsh => format!("Remove-Item Env:{name};\n"),
            // What takes it over cannot remove it; an empty one leads nowhere.
            Self::Nu => format!("{name} = \"\"\n"),
            Self::Cmd => format!("set \"{name}=\"\n"),
        }
    }

    /// A line that tells a person something.
    pub(crate) fn say(self, text: &str) -> String {
        match self {
            Self::Nu => format!("# {text}\n"),
            Self::Cmd => format!("echo {text}\n"),
            _ => format!("echo {text};\n"),
        }
    }

    /// The line for a start file, or for a person to type: takes over what `keyfob env` prints.
    /// The program is a word of this shell already.
    pub(crate) fn take_over(self, program: &[u8]) -> Vec<u8> {
        let (before, after) = self.around_program();
        // PowerShell takes a quoted word for a text, not for a program.
        let call: &[u8] = match self {
            Self::Pwsh if program.starts_with(b"'") => b"& ",
            // Nushell neither.
            Self::Nu if program.starts_with(b"'") || program.starts_with(b"r#") => b"^",
            _ => b"",
        };
        [before.as_bytes(), call, program, after.as_bytes()].concat()
    }

    /// Whether a line is one of those, whatever the program is called.
    pub(crate) fn takes_over(self, line: &[u8]) -> bool {
        let (before, after) = self.around_program();
        let program = line.strip_prefix(before.as_bytes());
        program.and_then(|rest| rest.strip_suffix(after.as_bytes())).is_some()
    }

    fn around_program(self) -> (&'static str, &'static str) {
        match self {
            Self::Sh => ("eval \"$(", " env)\""),
            Self::Csh => ("eval `", " env`"),
            Self::Fish => ("", " env | source"),
            Self::Pwsh => ("", " env | Out-String | Invoke-Expression"),
            Self::Nu => ("", " env | from toml | load-env"),
            Self::Cmd => ("for /f \"delims=\" %i in ('", " env') do @%i"),
        }
    }

    /// One word of the shell that means exactly these bytes.
    ///
    /// Plain words stay as they are: people read these lines.
    pub(crate) fn quote(self, value: &[u8]) -> Vec<u8> {
        match self {
            Self::Pwsh => quote_for_powershell(value),
            Self::Nu if !value.is_empty() && value.iter().copied().all(is_plain) => value.to_vec(),
            // Nothing is special between single quotes, but they themselves.
            Self::Nu if !value.contains(&b'\'') => [b"'", value, b"'"].concat(),
            Self::Nu => [br#"r######'"#, value, br#"'######"#].concat(),
            Self::Cmd if !value.is_empty() && value.iter().all(is_plain_for_cmd) => value.to_vec(),
            Self::Cmd => [b"\"", within_quotes_of_cmd(value).as_slice(), b"\""].concat(),
            _ if !value.is_empty() && value.iter().copied().all(is_plain) => value.to_vec(),
            Self::Sh => quoted_by(value, |byte| (byte == b'\'').then_some(br"'\''".as_slice())),
            // History expansion and line ends act even inside single quotes.
            Self::Csh => quoted_by(value, |byte| match byte {
                b'\'' => Some(br"'\''".as_slice()),
                b'!' => Some(br"'\!'"),
                b'\n' => Some(b"\\\n"),
                _ => None,
            }),
            // Two escapes are known inside fish's single quotes.
            Self::Fish => quoted_by(value, |byte| match byte {
                b'\'' => Some(br"\'".as_slice()),
                b'\\' => Some(br"\\"),
                _ => None,
            }),
        }
    }

    /// A value as `ssh-agent` prints it since 10.3: double quotes around
    /// blanks, backslashes before `\`, `'` and `"`.
    ///
    /// That form means something else, or runs something, for a few rare
    /// characters; for those this is [`Shell::quote`].
    fn quote_as_openssh(self, value: &[u8]) -> Vec<u8> {
        let blank = value.iter().any(|byte| matches!(byte, b' ' | b'\t'));
        let safe = value.iter().all(|&byte| match byte {
            b' ' | b'\t' => true,
            b'\\' | b'"' => self == Self::Sh,
            b'\'' => self == Self::Sh && !blank,
            _ => is_plain(byte),
        });
        if !safe || value.is_empty() {
            return self.quote(value);
        }
        let mut word = Vec::with_capacity(value.len() + 2);
        if blank {
            word.push(b'"');
        }
        for &byte in value {
            if matches!(byte, b'\\' | b'\'' | b'"') {
                word.push(b'\\');
            }
            word.push(byte);
        }
        if blank {
            word.push(b'"');
        }
        word
    }
}

/// Bytes that mean themselves in every shell here, anywhere in a word.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'/' | b'.' | b'_' | b'-' | b',' | b':' | b'+' | b'@')
}

/// PowerShell ends a single-quoted string at curly quotes too (U+2018 to
/// U+201B), so those are doubled like the straight one.
fn quote_for_powershell(value: &[u8]) -> Vec<u8> {
    let mut word = vec![b'\''];
    let mut rest = value;
    while let Some((&byte, after)) = rest.split_first() {
        let width = match rest {
            [b'\'', ..] => 1,
            [0xE2, 0x80, 0x98..=0x9B, ..] => 3,
            _ => 0,
        };
        if width == 0 {
            word.push(byte);
            rest = after;
        } else {
            let (quote, after) = rest.split_at(width);
            word.extend_from_slice(quote);
            word.extend_from_slice(quote);
            rest = after;
        }
    }
    word.push(b'\'');
    word
}

fn is_plain_for_cmd(byte: &u8) -> bool {
    *byte == b'\\' || is_plain(*byte)
}

/// Between double quotes all is meant as it is, but a quote, and what ends the line: no path of Windows has
/// either. (`%` counts before a line that `for` made is there.)
fn within_quotes_of_cmd(value: &[u8]) -> Vec<u8> {
    value.iter().copied().filter(|&it| it != b'"' && !it.is_ascii_control()).collect()
}

/// A basic string of TOML. What is no UTF-8 stays, and is refused by who reads it.
fn quote_for_toml(value: &[u8]) -> Vec<u8> {
    let mut word = vec![b'"'];
    for &byte in value {
        match byte {
            b'"' | b'\\' => word.extend_from_slice(&[b'\\', byte]),
            0..0x20 | 0x7f => word.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => word.push(byte),
        }
    }
    word.push(b'"');
    word
}

/// Single quotes around a value, with some bytes replaced.
fn quoted_by(value: &[u8], special: impl Fn(u8) -> Option<&'static [u8]>) -> Vec<u8> {
    let mut word = Vec::with_capacity(value.len() + 2);
    word.push(b'\'');
    for &byte in value {
        match special(byte) {
            Some(replacement) => word.extend_from_slice(replacement),
            None => word.push(byte),
        }
    }
    word.push(b'\'');
    word
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "tests")]
    use super::*;
    use proptest::prelude::*;
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    /// Lost otherwise: `--shell bash` is refused, which is what most people type.
    #[test]
    fn a_family_is_found_by_the_name_of_any_of_its_shells() {
        use clap::ValueEnum as _;
        for name in "sh bash dash zsh ksh csh tcsh fish powershell pwsh nu cmd".split(' ') {
            assert_eq!(
                Shell::from_str(name, false).ok(),
                Shell::of_program(name.as_ref()),
                "{name}"
            );
        }
    }

    #[test]
    fn ordinary_paths_stay_readable() {
        for shell in [Shell::Sh, Shell::Csh, Shell::Fish] {
            assert_eq!(
                shell.quote(b"/run/user/1000/keyfob/agent.sock"),
                b"/run/user/1000/keyfob/agent.sock"
            );
        }
        assert_eq!(
            Shell::Sh.set("SSH_AUTH_SOCK", b"/tmp/a"),
            b"SSH_AUTH_SOCK=/tmp/a; export SSH_AUTH_SOCK;\n"
        );
        assert_eq!(Shell::Csh.set("SSH_AGENT_PID", b"7"), b"setenv SSH_AGENT_PID 7;\n");
    }

    #[test]
    fn the_drop_in_quotes_as_openssh_10_3_where_that_is_right() {
        assert_eq!(Shell::Sh.quote_as_openssh(b"/tmp/plain"), b"/tmp/plain");
        assert_eq!(Shell::Sh.quote_as_openssh(b"/tmp/a b"), br#""/tmp/a b""#);
        assert_eq!(Shell::Sh.quote_as_openssh(br#"/tmp/a"b\c'd"#), br#"/tmp/a\"b\\c\'d"#);
        assert_eq!(Shell::Sh.quote_as_openssh(br#"/tmp/a "b"#), br#""/tmp/a \"b""#);
    }

    #[test]
    fn the_drop_in_leaves_openssh_where_its_form_would_run_a_command() {
        assert_eq!(Shell::Sh.quote_as_openssh(b"/tmp/$(id)"), b"'/tmp/$(id)'");
        assert_eq!(Shell::Sh.quote_as_openssh(b"/tmp/a;id"), b"'/tmp/a;id'");
    }

    #[test]
    fn shells_are_known_by_path_and_by_login_name() {
        let of = |name: &str| Shell::of_program(OsStr::new(name));
        assert_eq!(of("/usr/bin/bash"), Some(Shell::Sh));
        assert_eq!(of("-zsh"), Some(Shell::Sh));
        assert_eq!(of("/bin/tcsh"), Some(Shell::Csh));
        assert_eq!(of("fish"), Some(Shell::Fish));
        assert_eq!(of("pwsh"), Some(Shell::Pwsh));
        assert_eq!(of("/usr/bin/make"), None);
    }

    #[test]
    fn the_line_of_a_start_file_is_known_again() {
        for shell in [Shell::Sh, Shell::Csh, Shell::Fish, Shell::Pwsh, Shell::Nu, Shell::Cmd] {
            let line = shell.take_over(&shell.quote(b"/a b/keyfob"));
            assert!(shell.takes_over(&line), "{}", line.escape_ascii());
            assert!(!shell.takes_over(&[line.as_slice(), b"; id"].concat()));
        }
        assert_eq!(Shell::Sh.take_over(b"keyfob"), b"eval \"$(keyfob env)\"");
        assert_eq!(
            Shell::Pwsh.take_over(b"'/a b/keyfob'"),
            b"& '/a b/keyfob' env | Out-String | Invoke-Expression"
        );
    }

    /// Lost otherwise: a folder's name ends the quotes, and what follows runs.
    #[test]
    fn nothing_of_a_path_leaves_the_quotes_of_cmd() {
        assert_eq!(
            Shell::Cmd.set("SSH_AUTH_SOCK", br"C:\a & b\50%\agent.sock"),
            b"set \"SSH_AUTH_SOCK=C:\\a & b\\50%\\agent.sock\"\n"
        );
        assert_eq!(Shell::Cmd.set("A", b"a\"& calc\r\n"), b"set \"A=a& calc\"\n");
        assert_eq!(Shell::Cmd.quote(br"C:\keyfob.exe"), br"C:\keyfob.exe");
        assert_eq!(Shell::Cmd.quote(br"C:\a b\keyfob.exe"), br#""C:\a b\keyfob.exe""#);
    }

    #[test]
    fn curly_quotes_do_not_end_a_powershell_string() {
        assert_eq!(
            Shell::Pwsh.quote("a\u{2019}b'c".as_bytes()),
            "'a\u{2019}\u{2019}b''c'".as_bytes()
        );
    }

    /// The value a real shell gives the variable after running our line, or
    /// `None` when that shell is not installed.
    fn round_trip(program: &str, arguments: &[&str], line: &[u8]) -> Option<Vec<u8>> {
        // fish makes folders in its home.
        let home = tempfile::tempdir().unwrap();
        let mut child = Command::new(program)
            .args(arguments)
            .env_remove("PROBE")
            .env("HOME", home.path())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut script = line.to_vec();
        script.extend_from_slice(b"printenv PROBE\n");
        child.stdin.take().unwrap().write_all(&script).unwrap();
        let mut output = child.wait_with_output().unwrap().stdout;
        assert_eq!(
            output.pop(),
            Some(b'\n'),
            "{program} printed nothing for {}",
            line.escape_ascii()
        );
        Some(output)
    }

    /// As [`round_trip`], by what Nushell takes over.
    fn round_trip_of_nushell(lines: &[u8]) -> Option<Vec<u8>> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("lines");
        std::fs::write(&file, lines).unwrap();
        let script =
            format!("open --raw '{}' | from toml | load-env; ^printenv PROBE", file.display());
        let output = Command::new("nu").args(["--no-config-file", "-c", &script]).output().ok()?;
        let mut seen = output.stdout;
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(seen.pop(), Some(b'\n'), "{}: {said}", lines.escape_ascii());
        Some(seen)
    }

    fn check_nushell(value: &[u8]) {
        let lines = [Shell::Nu.set("PROBE", value), Shell::Nu.say("Agent pid 7").into()].concat();
        match round_trip_of_nushell(&lines) {
            Some(seen) => {
                assert_eq!(seen.escape_ascii().to_string(), value.escape_ascii().to_string());
            }
            None => eprintln!("nu is not installed: not tried"),
        }
    }

    fn check(shell: Shell, program: &str, arguments: &[&str], value: &[u8]) {
        for line in [shell.set("PROBE", value), shell.set_as_openssh("PROBE", value)] {
            match round_trip(program, arguments, &line) {
                Some(seen) => assert_eq!(
                    seen.escape_ascii().to_string(),
                    value.escape_ascii().to_string(),
                    "{program} ran {}",
                    line.escape_ascii()
                ),
                None => eprintln!("{program} is not installed: not tried"),
            }
        }
    }

    fn hostile() -> impl Strategy<Value = String> {
        // Every ASCII character with a meaning somewhere, and some beyond.
        proptest::string::string_regex(
            "/([ -~]|[\t'\"\\\\$`!;&|<>*?~#(){}\\[\\]^%]|é|漢|\u{2019}){0,24}",
        )
        .unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        #[test]
        fn no_path_runs_anything_in_sh(value in hostile()) {
            check(Shell::Sh, "sh", &[], value.as_bytes());
            check(Shell::Sh, "bash", &["--norc"], value.as_bytes());
        }

        #[test]
        fn no_path_runs_anything_in_csh(value in hostile()) {
            check(Shell::Csh, "csh", &["-f"], value.as_bytes());
        }

        #[test]
        fn no_path_runs_anything_in_fish(value in hostile()) {
            check(Shell::Fish, "fish", &["--no-config"], value.as_bytes());
        }

        #[test]
        fn no_path_runs_anything_in_nushell(value in hostile()) {
            check_nushell(value.as_bytes());
        }

        /// What nothing else reads as TOML either is no word of ours.
        #[test]
        fn what_nushell_takes_over_is_toml(value in ".{0,24}") {
            let lines = String::from_utf8(Shell::Nu.set("PROBE", value.as_bytes())).unwrap();
            let table: toml::Table = lines.parse().unwrap();
            assert_eq!(table["PROBE"].as_str(), Some(value.as_str()));
        }
    }

    /// The program of the line, where its path needs quotes. (No path of Windows has quotes in it.)
    #[cfg(unix)]
    #[test]
    fn nushell_runs_a_program_with_an_odd_path() {
        for name in ["keyfob", "a b/keyfob", "it's/\"odd\" $env/keyfob"] {
            let folder = tempfile::tempdir().unwrap();
            let program = folder.path().join(name);
            std::fs::create_dir_all(program.parent().unwrap()).unwrap();
            std::os::unix::fs::symlink("/bin/echo", &program).unwrap();
            let line = Shell::Nu.take_over(&Shell::Nu.quote(program.as_os_str().as_bytes()));
            let line = String::from_utf8(line).unwrap().replace("from toml | load-env", "str trim");
            let output = Command::new("nu").args(["--no-config-file", "-c", &line]).output();
            let Ok(output) = output else { return eprintln!("nu is not installed: not tried") };
            assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "env", "{line}");
        }
    }

    #[test]
    fn line_ends_inside_a_path_survive() {
        check(Shell::Sh, "sh", &[], b"/a\nb\n c");
        check(Shell::Fish, "fish", &["--no-config"], b"/a\nb\n c");
        check_nushell(b"/a\nb\n c\x7f\x1b");
    }
}
