//! At home on Windows: an entry of the account's start-up, which starts the agent at each logon.
//!
//! Nothing else is needed where the agent has the pipe at which Win32-OpenSSH's programs look; elsewhere
//! a variable leads them. Both are this account's own, so nobody has to be an administrator.

mod variable;

use std::ffi::OsStr;
use std::path::Path;

use keyfob_config::env::Environment;
use keyfob_sys::peer;
use keyfob_sys::windows::registry::{self, Value};

use super::program::{self, Program};
use super::step::{State, Step, What};
use super::work::{Stop, Work};
use crate::commands::agent::{Place, Start, Stay};
use crate::connection::Connection;
use crate::files::reason;
use crate::finding;
use crate::shell::Shell;
use crate::voice::{Voice, moving_in as words, shown, shown_path};

/// The pipe is known to every program.
pub(in crate::commands) const SHELLS_NEED_A_LINE: bool = false;

/// What is started when the account logs on, by name.
const ENTRIES: &str = r"Software\Microsoft\Windows\CurrentVersion\Run";
/// Which of them are switched off in the settings of Windows.
const SWITCHES: &str = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run";

/// Our entry.
const NAME: &str = "keyfob";

/// The twin of the program that opens no console.
const WITHOUT_CONSOLE: &str = "keyfobw.exe";

/// Behind the program.
const COMMAND: &str = " agent";

/// Longer entries are not started.
const LONGEST: usize = 260;

/// The start-up.
pub(crate) struct Home(());

impl Home {
    /// Every account has it.
    #[allow(clippy::unnecessary_wraps, reason = "elsewhere there may be none")]
    pub(crate) fn reach(_environment: &Environment) -> Result<Self, String> {
        Ok(Self(()))
    }
}

/// What the entry is.
enum Entry {
    Nothing,
    /// It starts a keyfob.
    Ours(String),
    Other(String),
}

impl Work {
    /// Makes the entry, and starts the agent as it will from now on.
    pub(super) fn move_in(
        &mut self,
        _home: &Home,
        program: &Program,
        environment: &Environment,
    ) -> Result<(), Stop> {
        self.put_entry(program)?;
        self.start_now(environment)?;
        if is_switched_off() {
            self.hint(words::SWITCHED_OFF.to_owned());
        }
        self.lead_programs()
    }

    /// Ends the agent and takes the entry away.
    pub(in crate::commands) fn move_out(
        &mut self,
        _home: Option<&Home>,
        environment: &Environment,
    ) -> Result<(), Stop> {
        self.lead_no_more()?;
        match self.entry()? {
            Entry::Nothing => return Ok(()),
            Entry::Other(text) => {
                let left = Step::new(What::Remove, State::Left, subject());
                self.tell(left.because(words::entry_is(&text)));
                return Ok(());
            }
            Entry::Ours(_) => {}
        }
        if let Ok(socket) = finding::own_socket(environment)
            && Connection::open(&socket).is_ok_and(|mut it| is_keyfob(&mut it))
        {
            self.make_way(&socket)?;
        }
        if !self.is_dry() {
            finding::tidy_sockets(environment);
            let gone = registry::remove(ENTRIES, NAME);
            gone.map_err(|error| self.failed(What::Remove, subject(), reason(&error)))?;
            // What Windows remembers of the entry; without the entry it says nothing.
            let _ = registry::remove(SWITCHES, NAME);
        }
        self.tell(Step::new(What::Remove, self.doing(), subject()));
        for text in std::mem::take(&mut self.record.replaced) {
            self.hint(words::entry_was(&text));
        }
        Ok(())
    }

    fn put_entry(&mut self, program: &Program) -> Result<(), Stop> {
        let text = match text(program) {
            Ok(text) => text,
            Err(why) => return Err(self.failed(What::StartUp, subject(), why)),
        };
        let step = |state| Step::new(What::StartUp, state, subject());
        let mut why = shown(text.as_bytes());
        match self.entry()? {
            Entry::Ours(old) if old == text => {
                self.tell(step(State::Already));
                return Ok(());
            }
            Entry::Nothing => {}
            Entry::Ours(_) => why = words::RENEWED.to_owned(),
            Entry::Other(old) => {
                if !self.may(&words::replace_entry_question(&old)) {
                    self.tell(step(State::Left).because(words::entry_is(&old)));
                    return Err(Stop);
                }
                self.record.replaced.push(old);
            }
        }
        if !self.is_dry() {
            let set = registry::set(ENTRIES, NAME, OsStr::new(&text));
            set.map_err(|error| self.failed(What::StartUp, subject(), reason(&error)))?;
        }
        // So that there is a record to be taken away.
        self.record.start_up = true;
        self.tell(step(self.doing()).because(why));
        Ok(())
    }

    /// A person who has just installed it does not log off first.
    fn start_now(&mut self, environment: &Environment) -> Result<(), Stop> {
        let Ok(socket) = finding::own_socket(environment) else { return Ok(()) };
        if let Ok(mut there) = Connection::open(&socket) {
            let step = |state| Step::new(What::Run, state, words::START.to_owned());
            if is_keyfob(&mut there) {
                self.tell(step(State::Already));
            } else {
                let who = there.listener().and_then(|pid| peer::executable(pid).ok());
                let who = who.map_or_else(|| words::OTHER_AGENT.to_owned(), |it| shown_path(&it));
                self.tell(step(State::Left).because(who));
            }
            return Ok(());
        }
        let start = Start {
            voice: Voice::Keyfob,
            place: Place::Own,
            stay: Stay::Background,
            shell: Shell::Pwsh,
            lifetime: None,
            hash: None,
        };
        self.call(words::START.to_owned(), || {
            start.background(environment).map(drop).map_err(|failure| failure.words().to_owned())
        })
    }

    fn entry(&mut self) -> Result<Entry, Stop> {
        match registry::value(ENTRIES, NAME) {
            Ok(None) => Ok(Entry::Nothing),
            Ok(Some(Value::Text(text))) => {
                let text = text.to_string_lossy().into_owned();
                Ok(if is_ours(&text) { Entry::Ours(text) } else { Entry::Other(text) })
            }
            Ok(Some(_)) => Ok(Entry::Other(words::NO_TEXT.to_owned())),
            Err(error) => Err(self.failed(What::Look, subject(), reason(&error))),
        }
    }
}

fn subject() -> String {
    format!(r"HKCU\{ENTRIES}: {NAME}")
}

/// What the entry says: in quotes, for a path may have blanks.
fn text(program: &Program) -> Result<String, String> {
    let twin = program.path.with_file_name(WITHOUT_CONSOLE);
    let path = if twin.is_file() { &twin } else { &program.path };
    let path = path.to_str().ok_or(words::NO_UNICODE)?;
    let text = format!("\"{path}\"{COMMAND}");
    if text.encode_utf16().count() > LONGEST {
        return Err(words::TOO_LONG.to_owned());
    }
    Ok(text)
}

/// Whether an entry starts a keyfob as we write it, at whatever place.
fn is_ours(text: &str) -> bool {
    let path = text.strip_prefix('"').and_then(|rest| rest.strip_suffix(COMMAND));
    let path = path.and_then(|rest| rest.strip_suffix('"')).filter(|path| !path.contains('"'));
    path.is_some_and(|path| program::is_called_so(Path::new(path)))
}

fn is_keyfob(connection: &mut Connection) -> bool {
    connection.details().is_ok_and(|details| details.is_some())
}

/// The first byte of the switch is odd when it is off.
fn is_switched_off() -> bool {
    let value = registry::value(SWITCHES, NAME);
    matches!(value, Ok(Some(Value::Bytes(bytes))) if bytes.first().is_some_and(|it| it % 2 == 1))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_ours_if_it_starts_a_keyfob_as_we_write_it() {
        for ours in [
            r#""C:\Program Files\keyfob\keyfob.exe" agent"#,
            r#""C:\k\KEYFOBW.EXE" agent"#,
            r#""D:\keyfob-0.1.0.exe" agent"#,
        ] {
            assert!(is_ours(ours), "{ours}");
        }
        for other in [
            r#""C:\k\keyfob.exe" agent -d"#,
            r"C:\k\keyfob.exe agent",
            r#""C:\k\other.exe" agent"#,
            r#""C:\x.exe" "C:\k\keyfob.exe" agent"#,
            "",
        ] {
            assert!(!is_ours(other), "{other}");
        }
    }

    #[test]
    fn an_entry_that_windows_would_not_start_is_not_made() {
        let program = |path: String| Program { path: path.into(), in_path: false };
        let made = text(&program(r"C:\a b\keyfob.exe".to_owned())).unwrap();
        assert_eq!(made, r#""C:\a b\keyfob.exe" agent"#);
        assert!(is_ours(&made));
        assert!(text(&program(format!(r"C:\{}\keyfob.exe", "x".repeat(240)))).is_err());
    }
}
