//! What runs on the server.
//!
//! One line for whatever login shell there is (sh, dash, ash, csh, fish …), which only has to
//! start `sh`: no single quote, no backslash, no exclamation mark, no line end.

/// What became of one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It was not there, and is now.
    Added,
    /// It was there.
    Known,
}

/// In front of each answer: a login script may print things of its own.
const MARK: &str = "keyfob-copy-id";

/// Keys come as lines. A key counts as there when its base64 stands in a line that is no
/// comment, with whatever options. Modes are narrowed as far as sshd wants it, never widened.
const SCRIPT: &[&str] = &[
    "set -f",
    "umask 077",
    "cd || exit 1",
    "f=.ssh/authorized_keys",
    "[ -d .ssh ] || mkdir .ssh || exit 1",
    "chmod go-w .ssh",
    "[ -f $f ] && chmod go-w $f",
    // What the file ends with, unless that is a line end.
    "if [ -s $f ] && [ -n \"$(tail -c 1 $f)\" ]; then echo >>$f || exit 1; fi",
    "while IFS= read -r line; do set -- $line",
    "if [ -f $f ] && grep -v \"^[[:blank:]]*#\" $f | grep -qF -e \"$2\"",
    "then echo MARK known",
    "else { printf %s \"$line\" && echo; } >>$f || exit 1",
    "echo MARK added",
    "fi",
    "done",
    "if type restorecon >/dev/null 2>&1; then restorecon -F .ssh $f; fi",
    "true",
];

/// The command for the login shell.
pub(super) fn command() -> String {
    format!("exec sh -c '{}'", SCRIPT.join("; ").replace("MARK", MARK))
}

/// The answers, in the order of the keys; `None` where there is none.
pub(super) fn answers(stdout: &[u8], keys: usize) -> Vec<Option<Answer>> {
    let lines = stdout.split(|byte| *byte == b'\n').filter_map(|line| {
        let line = std::str::from_utf8(line).ok()?.trim_end();
        match line.strip_prefix(MARK)? {
            " added" => Some(Answer::Added),
            " known" => Some(Answer::Known),
            _ => None,
        }
    });
    let mut answers: Vec<Option<Answer>> = lines.map(Some).take(keys).collect();
    answers.resize(keys, None);
    answers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_login_shell_reads_it_as_three_words() {
        let command = command();
        let script = command.strip_prefix("exec sh -c '").and_then(|it| it.strip_suffix('\''));
        let script = script.unwrap_or_default();
        assert!(!script.is_empty());
        assert!(!script.contains(['\'', '\\', '!', '\n']), "{script}");
    }

    #[test]
    fn what_a_login_script_prints_is_no_answer() {
        let stdout = b"Welcome!\r\nkeyfob-copy-id added\nkeyfob-copy-id?\nkeyfob-copy-id known\r\n";
        assert_eq!(answers(stdout, 2), [Some(Answer::Added), Some(Answer::Known)]);
        assert_eq!(answers(b"", 1), [None]);
        assert_eq!(answers(stdout, 1), [Some(Answer::Added)]);
    }
}
