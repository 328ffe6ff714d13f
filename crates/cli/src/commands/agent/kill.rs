//! Ends the agent that `SSH_AGENT_PID` names (`ssh-agent -k`).

use keyfob_config::env::Environment;
use keyfob_sys::process;

use crate::exit::Exit;
use crate::shell::Shell;
use crate::voice::Voice;
use crate::voice::agents::NotEnded;

/// Which words, for which shell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kill {
    /// Whose words.
    pub(crate) voice: Voice,
    /// The shell that evaluates them.
    pub(crate) shell: Shell,
}

impl Kill {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let Some(value) = environment.agent_pid() else {
            self.voice.not_ended(&NotEnded::Unset);
            return Exit::Failure;
        };
        let text = value.to_string_lossy();
        let pid = match number(&text) {
            Ok(pid) => pid,
            Err(why) => {
                self.voice.not_ended(&NotEnded::BadNumber { text: &text, why });
                return Exit::Failure;
            }
        };
        if let Err(error) = process::terminate(pid) {
            self.voice.not_ended(&NotEnded::Unreachable(&error));
            return Exit::Failure;
        }
        self.voice.ended(self.shell, pid);
        Exit::Success
    }
}

/// A process number above 1: 0 and negative ones mean groups, 1 is init.
/// The words are those of `strtonum(3)`, which also skips blanks before it.
fn number(text: &str) -> Result<u32, &'static str> {
    let trimmed = text.trim_start();
    let (negative, digits) = match trimmed.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("invalid");
    }
    match digits.parse::<u64>() {
        Ok(number) if negative || number < 2 => Err("too small"),
        Ok(number) => {
            u32::try_from(number).ok().filter(|pid| i32::try_from(*pid).is_ok()).ok_or("too large")
        }
        Err(_) if negative => Err("too small"),
        Err(_) => Err("too large"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_number_of_one_process_is_taken() {
        for (text, expected) in [
            ("1234", Ok(1234)),
            (" 77", Ok(77)),
            ("", Err("invalid")),
            ("12x", Err("invalid")),
            ("x", Err("invalid")),
            ("0", Err("too small")),
            ("1", Err("too small")),
            ("-1", Err("too small")),
            ("-99999999999999999999999", Err("too small")),
            ("4294967296", Err("too large")),
            ("99999999999999999999999", Err("too large")),
        ] {
            assert_eq!(number(text), expected, "{text:?}");
        }
    }
}
