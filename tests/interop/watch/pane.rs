//! A pane of tmux with `keyfob watch` in it, and a person before it.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use keyfob_testkit::{Run, RunningAgent, World};
use rustix::process::{Pid, Signal, kill_process};

/// How long something may take to be shown.
const LIMIT: Duration = Duration::from_secs(20);

/// A server of tmux of its own, with one pane.
pub(super) struct Pane<'w> {
    world: &'w World,
    /// Everything this pane leaves behind.
    folder: PathBuf,
}

impl<'w> Pane<'w> {
    /// Begins to watch this agent, on so many columns and lines.
    #[track_caller]
    pub(super) fn watching(world: &'w World, agent: &RunningAgent, size: (u16, u16)) -> Self {
        Self::watching_with(world, agent, size, "")
    }

    /// The same, with something before its command, such as a variable.
    #[track_caller]
    pub(super) fn watching_with(
        world: &'w World,
        agent: &RunningAgent,
        size: (u16, u16),
        before: &str,
    ) -> Self {
        let script = format!(
            "stty -a >before
\
            {before} sh -c 'echo $$ >pid; exec keyfob watch'
\
            code=$?
\
            stty -a >after
\
            echo $code >code.new; mv code.new code
\
            exec sleep 600
"
        );
        Self::running(world, agent, size, &script)
    }

    /// The same in a shell with jobs, which is waiting for commands again when it is stopped.
    #[track_caller]
    pub(super) fn in_a_shell(world: &'w World, agent: &RunningAgent, size: (u16, u16)) -> Self {
        let pane = Self::running(world, agent, size, "PS1='prompt: '; export PS1; exec sh -i");
        pane.shows("prompt:").types("sh -c 'echo $$ >pid; exec keyfob watch'").press("Enter");
        pane
    }

    #[track_caller]
    fn running(world: &'w World, agent: &RunningAgent, size: (u16, u16), script: &str) -> Self {
        let folder = world.unused("pane");
        fs::create_dir(&folder).unwrap();
        let pane = Self { world, folder };
        let path = pane.folder.join("script");
        fs::write(&path, script).unwrap();
        let script = path;
        let (width, height) = (size.0.to_string(), size.1.to_string());
        let begin = ["new-session", "-d", "-x", &width, "-y", &height];
        let command = format!("cd '{}' && exec sh '{}'", pane.folder.display(), script.display());
        pane.tmux().env("SSH_AUTH_SOCK", agent.socket()).args(begin).arg(command).output().exits(0);
        pane
    }

    /// Waits until this stands on the screen.
    #[track_caller]
    pub(super) fn shows(&self, text: &str) -> &Self {
        self.comes(text, true)
    }

    /// Waits until this does not.
    #[track_caller]
    pub(super) fn hides(&self, text: &str) -> &Self {
        self.comes(text, false)
    }

    /// Presses one key, by its name in tmux.
    #[track_caller]
    pub(super) fn press(&self, key: &str) -> &Self {
        self.tmux().args(["send-keys", key]).output().exits(0);
        self
    }

    /// Types text.
    #[track_caller]
    pub(super) fn types(&self, text: &str) -> &Self {
        self.tmux().args(["send-keys", "-l", text]).output().exits(0);
        self
    }

    /// Sends it a signal.
    #[track_caller]
    pub(super) fn signal(&self, signal: Signal) {
        let pid = fs::read_to_string(self.folder.join("pid")).unwrap();
        let pid = Pid::from_raw(pid.trim().parse().unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Waits for its end.
    #[track_caller]
    pub(super) fn ends_with(&self, code: i32) {
        let path = self.folder.join("code");
        let begun = Instant::now();
        while !path.exists() {
            assert!(begun.elapsed() < LIMIT, "it does not end: {}", self.screen());
            std::thread::sleep(Duration::from_millis(20));
        }
        let found = fs::read_to_string(path).unwrap();
        assert_eq!(found.trim(), code.to_string(), "{}", self.screen());
    }

    /// After its end.
    #[track_caller]
    pub(super) fn has_its_modes_back(&self) {
        let modes = |when| fs::read_to_string(self.folder.join(when)).unwrap();
        assert!(modes("before").contains("echo"));
        assert_eq!(modes("before"), modes("after"));
        // The other screen too: what stood there before is to be seen.
        self.hides("keyfob: open");
    }

    fn comes(&self, text: &str, wanted: bool) -> &Self {
        let begun = Instant::now();
        loop {
            let screen = self.screen();
            if screen.contains(text) == wanted {
                return self;
            }
            let what = if wanted { "missing" } else { "still there" };
            assert!(begun.elapsed() < LIMIT, "{what}: {text:?}\n{screen}");
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    fn screen(&self) -> String {
        self.tmux().args(["capture-pane", "-p"]).output().stdout()
    }

    fn tmux(&self) -> Run {
        let path = format!("{}/bin:/usr/bin:/bin", self.world.folder().display());
        let tmux = self.world.system_program("tmux").env("PATH", path).env("SHELL", "/bin/sh");
        let tmux = tmux.env("TERM", "xterm-256color").env("LANG", "C.UTF-8");
        tmux.args(["-u", "-f", "/dev/null", "-S"]).arg(self.folder.join("s"))
    }
}

impl Drop for Pane<'_> {
    fn drop(&mut self) {
        let _ = self.tmux().arg("kill-server").output();
    }
}
