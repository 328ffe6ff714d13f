//! Which way to ask: OpenSSH's rules, as a function of facts.
//!
//! `SSH_ASKPASS_REQUIRE` (`never`, `prefer`, `force`, in any case) comes first, then whether there
//! is a terminal; the asking program needs a display unless it is forced.

use crate::screen;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// Values of the environment that decide how to ask; whose environment is the caller's choice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// `SSH_ASKPASS`
    pub askpass: Option<OsString>,
    /// `SSH_ASKPASS_REQUIRE`
    pub require: Option<OsString>,
    /// `DISPLAY`
    pub display: Option<OsString>,
    /// `WAYLAND_DISPLAY`
    pub wayland_display: Option<OsString>,
}

impl Surroundings {
    /// Whether a program with a window has a screen to show it on.
    #[must_use]
    pub fn has_screen(&self) -> bool {
        set(&self.display) || set(&self.wayland_display)
    }

    /// These, with the screen of somebody else where they have none. Programs stay ours: whose
    /// screen it is may name where to ask, not who asks.
    #[must_use]
    pub fn with_screen(&self, variables: &[(&'static str, OsString)]) -> Self {
        if self.has_screen() {
            return self.clone();
        }
        let value = |name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.clone())
        };
        let (display, wayland_display) = (value(screen::DISPLAY), value(screen::WAYLAND_DISPLAY));
        Self { display, wayland_display, ..self.clone() }
    }
}

/// Who wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// A program a person has just started: it may use the terminal.
    Client,
    /// The agent: whose terminal that would be is anybody's guess.
    Agent,
}

/// What the process is connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// `/dev/tty` can be opened.
    pub terminal: bool,
    /// The standard input is a terminal.
    pub stdin_is_terminal: bool,
}

/// How to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Run this program.
    Askpass(PathBuf),
    /// On `/dev/tty`.
    Terminal,
    /// A line of the standard input: for scripts without a terminal.
    Stdin,
    /// Not at all, because of this.
    Nobody(&'static str),
}

/// Used when `SSH_ASKPASS` is not set; OpenSSH's place on Debian and in its own default.
const DEFAULT_ASKPASS: &str = "/usr/bin/ssh-askpass";

/// Decides how to ask.
pub fn choose(surroundings: &Surroundings, asker: Asker, facts: Facts) -> Way {
    let display = surroundings.has_screen();
    let required = |word| surroundings.require.as_deref().is_some_and(|value| is(value, word));
    let never = required("never");
    let allowed = required("force") || (display && !never);
    let preferred = allowed && (required("force") || required("prefer"));
    let wanted = preferred || asker == Asker::Agent || !facts.stdin_is_terminal;
    if wanted && allowed {
        return Way::Askpass(program(surroundings));
    }
    match asker {
        Asker::Agent if never => Way::Nobody("SSH_ASKPASS_REQUIRE is \"never\""),
        Asker::Agent => Way::Nobody("neither DISPLAY nor WAYLAND_DISPLAY is set"),
        Asker::Client if facts.terminal => Way::Terminal,
        Asker::Client => Way::Stdin,
    }
}

impl Facts {
    /// Looks at this process.
    pub fn of_process() -> Self {
        Self {
            terminal: crate::terminal::is_there(),
            stdin_is_terminal: std::io::IsTerminal::is_terminal(&std::io::stdin()),
        }
    }
}

/// The program of these surroundings, whether or not there is a screen for it.
pub(crate) fn program(surroundings: &Surroundings) -> PathBuf {
    let named = surroundings.askpass.as_ref().filter(|name| !name.is_empty());
    named.map_or_else(|| DEFAULT_ASKPASS.into(), PathBuf::from)
}

fn set(value: &Option<OsString>) -> bool {
    value.as_ref().is_some_and(|value| !value.is_empty())
}

fn is(value: &OsStr, word: &str) -> bool {
    value.as_encoded_bytes().eq_ignore_ascii_case(word.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKPASS: &str = "askpass";

    /// `require`, `DISPLAY`, `WAYLAND_DISPLAY`, who, (terminal, stdin is one) → what happens.
    type Row = (&'static str, &'static str, &'static str, Asker, (bool, bool), &'static str);

    use Asker::{Agent, Client};

    const TABLE: [Row; 22] = [
        // In a terminal, a client asks there, display or not.
        ("", "", "", Client, (true, true), "terminal"),
        ("", ":0", "", Client, (true, true), "terminal"),
        ("", "", "wayland-0", Client, (true, true), "terminal"),
        // Its input comes from elsewhere: a window if there can be one.
        ("", ":0", "", Client, (true, false), "askpass"),
        ("", "", "wayland-0", Client, (false, false), "askpass"),
        ("", "", "", Client, (true, false), "terminal"),
        ("", "", "", Client, (false, false), "stdin"),
        // `prefer` needs a display.
        ("prefer", ":0", "", Client, (true, true), "askpass"),
        ("PREFER", ":0", "", Client, (true, true), "askpass"),
        ("prefer", "", "", Client, (true, true), "terminal"),
        ("prefer", "", "", Client, (false, false), "stdin"),
        // `force` needs nothing.
        ("force", "", "", Client, (true, true), "askpass"),
        ("Force", "", "", Client, (false, false), "askpass"),
        ("force", "", "", Agent, (false, false), "askpass"),
        // `never` means it.
        ("never", ":0", "", Client, (true, false), "terminal"),
        ("never", ":0", "", Client, (false, false), "stdin"),
        ("never", ":0", "", Agent, (true, true), "nobody: SSH_ASKPASS_REQUIRE is \"never\""),
        // The agent never uses a terminal.
        ("", ":0", "", Agent, (true, true), "askpass"),
        ("", "", "wayland-0", Agent, (false, false), "askpass"),
        ("", "", "", Agent, (true, true), "nobody: neither DISPLAY nor WAYLAND_DISPLAY is set"),
        // A word that means nothing is as none.
        ("maybe", ":0", "", Client, (true, true), "terminal"),
        ("maybe", "", "", Client, (false, false), "stdin"),
    ];

    #[test]
    fn the_way_to_ask_is_opensshs() {
        for row in TABLE {
            let (require, display, wayland, asker, (terminal, stdin_is_terminal), expected) = row;
            let surroundings = Surroundings {
                askpass: Some(ASKPASS.into()),
                require: Some(require.into()),
                display: Some(display.into()),
                wayland_display: Some(wayland.into()),
            };
            let found = match choose(&surroundings, asker, Facts { terminal, stdin_is_terminal }) {
                Way::Askpass(program) => program.to_str().unwrap().to_owned(),
                Way::Terminal => "terminal".into(),
                Way::Stdin => "stdin".into(),
                Way::Nobody(reason) => format!("nobody: {reason}"),
            };
            assert_eq!(found, expected, "{row:?}");
        }
    }

    #[test]
    fn u1_the_screen_of_another_is_taken_only_where_there_is_none() {
        let theirs = [(screen::DISPLAY, OsString::from(":7"))];
        let found = Surroundings::default().with_screen(&theirs);
        assert_eq!(found.display.as_deref(), Some(OsStr::new(":7")));
        let own = Surroundings { wayland_display: Some("wayland-0".into()), ..Default::default() };
        assert_eq!(own.with_screen(&theirs), own);
    }

    #[test]
    fn without_a_named_program_the_usual_one_asks() {
        let mut surroundings = Surroundings { display: Some(":0".into()), ..Default::default() };
        let facts = Facts { terminal: false, stdin_is_terminal: false };
        for askpass in [None, Some("".into())] {
            surroundings.askpass = askpass;
            let way = choose(&surroundings, Asker::Agent, facts);
            assert_eq!(way, Way::Askpass(DEFAULT_ASKPASS.into()));
        }
    }
}
