//! What an interrupted run would leave behind: agents that run on, folders with keys.
//!
//! Nothing in a killed process can clean up after it. A small shell does: it reads from a pipe
//! what is there and what is gone, and when the pipe ends it ends and removes what is left. It has
//! a session of its own, so that Ctrl-C does not reach it.

use std::io::Write;
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{LazyLock, Mutex};

use rustix::process::Pid;

/// `+ x` and `- x`; x is a folder's path or the number of a process and of its group, which is not
/// there yet when the process has just been started.
const SHELL: &str = r#"
list=' '
while read -r sign what; do
    case $sign in
    +) list="$list$what " ;;
    -) case $list in *" $what "*) list="${list%%" $what "*} ${list#*" $what "}" ;; esac ;;
    esac
done
for what in $list; do case $what in /*) ;; *) kill -s KILL -- "-$what" "$what" ;; esac; done
for what in $list; do case $what in /*) rm -rf -- "$what" ;; esac; done
"#;

/// A process group that must not outlive this run.
pub(crate) fn note_process(leader: Pid) {
    tell(&format!("+ {}\n", leader.as_raw_nonzero()));
}

/// It ended.
pub(crate) fn forget_process(leader: Pid) {
    tell(&format!("- {}\n", leader.as_raw_nonzero()));
}

/// A folder that must not outlive this run. One with a blank in its path is left alone.
pub(crate) fn note_folder(path: &Path) {
    tell_folder('+', path);
}

/// It was removed.
pub(crate) fn forget_folder(path: &Path) {
    tell_folder('-', path);
}

fn tell_folder(sign: char, path: &Path) {
    let word = path.to_str().filter(|path| !path.contains(char::is_whitespace));
    if let Some(word) = word {
        tell(&format!("{sign} {word}\n"));
    }
}

fn tell(line: &str) {
    static CLEANER: LazyLock<Mutex<Option<ChildStdin>>> = LazyLock::new(|| Mutex::new(cleaner()));
    // Without the shell an interrupted run leaves its agents; that is no reason to run no test.
    if let Some(pipe) = CLEANER.lock().ok().as_mut().and_then(|pipe| pipe.as_mut()) {
        let _ = pipe.write_all(line.as_bytes());
    }
}

fn cleaner() -> Option<ChildStdin> {
    Command::new("/usr/bin/setsid")
        .args(["--", "/bin/sh", "-c", SHELL])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?
        .stdin
}
