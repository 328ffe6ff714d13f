//! A helper in the place of `SSH_ASKPASS`: answers as told and remembers what it was asked.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::run::Run;
use crate::world::World;

/// How long a question may take to arrive.
const QUESTION_LIMIT: Duration = Duration::from_secs(10);

/// What the helper does when it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Prints this line and exits 0.
    Line(String),
    /// Exits 0 without a word: yes.
    Silence,
    /// Exits 1: no, or cancelled.
    Refusal,
    /// Prints this line where a passphrase is asked for, and says yes where a yes is.
    LineOrYes(String),
    /// Waits until [`Askpass::release`], then prints this line and exits 0.
    LineWhenReleased(String),
    /// Waits until [`Askpass::release`], then exits 0.
    YesWhenReleased,
    /// Waits until [`Askpass::release`], then exits 1.
    NoWhenReleased,
    /// Exits with this code, having printed nothing.
    Code(i32),
    /// Dies of a signal.
    Killed,
}

impl Answer {
    /// Prints this line and exits 0.
    pub fn line(text: &str) -> Self {
        Self::Line(text.to_owned())
    }

    fn script(&self, folder: &Path) -> String {
        // A world that is gone releases nobody any more.
        let here = folder.display();
        let wait =
            format!("while test -d '{here}' && ! test -e '{here}/released'; do sleep 0.01; done");
        let print = |text: &str| format!("printf '%s\\n' '{}'", text.replace('\'', "'\\''"));
        match self {
            Self::Line(text) => format!("{}; exit 0", print(text)),
            Self::LineOrYes(text) => {
                let yes = "test \"$SSH_ASKPASS_PROMPT\" = confirm && exit 0";
                format!("{yes}; {}; exit 0", print(text))
            }
            Self::LineWhenReleased(text) => format!("{wait}; {}; exit 0", print(text)),
            Self::Silence => "exit 0".to_owned(),
            Self::Refusal => "exit 1".to_owned(),
            Self::YesWhenReleased => format!("{wait}; exit 0"),
            Self::NoWhenReleased => format!("{wait}; exit 1"),
            Self::Code(code) => format!("exit {code}"),
            Self::Killed => "kill -KILL $$".to_owned(),
        }
    }
}

/// One question that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The text, the helper's one argument.
    pub prompt: String,
    /// `SSH_ASKPASS_PROMPT`, if it was set.
    pub kind: Option<String>,
    /// The helper's process.
    pub pid: i32,
}

/// The helper, and the record of its calls.
#[derive(Debug)]
pub struct Askpass {
    folder: PathBuf,
}

impl Askpass {
    pub(crate) fn new(world: &World) -> Self {
        let folder = world.unused("askpass");
        fs::create_dir(&folder).expect("a folder in the world");
        let askpass = Self { folder };
        let here = askpass.folder.display();
        // mkdir is what two helpers running at once cannot both succeed at.
        let script = format!(
            "#!/bin/sh\n\
             n=0\n\
             until mkdir \"{here}/$n\" 2>/dev/null; do n=$((n+1)); done\n\
             printf '%s' \"$1\" >\"{here}/$n/prompt\"\n\
             test \"${{SSH_ASKPASS_PROMPT+set}}\" && printf '%s' \"$SSH_ASKPASS_PROMPT\" >\"{here}/$n/kind\"\n\
             printf '%s' $$ >\"{here}/$n/pid\"\n\
             mv \"{here}/$n/pid\" \"{here}/$n/complete\"\n\
             if test -e \"{here}/answer$n\"; then . \"{here}/answer$n\"; fi\n\
             . \"{here}/answer\"\n"
        );
        world.script(&askpass.program(), &script);
        askpass.answer(&Answer::Refusal);
        askpass
    }

    /// The helper's path.
    pub fn program(&self) -> PathBuf {
        self.folder.join("ask")
    }

    /// Answers every question so for which no other answer is set.
    pub fn answer(&self, answer: &Answer) -> &Self {
        let text = answer.script(&self.folder);
        fs::write(self.folder.join("answer"), text).expect("a file in the world");
        self
    }

    /// Answers the first questions so, in this order.
    pub fn answers(&self, answers: &[Answer]) -> &Self {
        for (number, answer) in answers.iter().enumerate() {
            let text = answer.script(&self.folder);
            fs::write(self.folder.join(format!("answer{number}")), text)
                .expect("a file in the world");
        }
        self
    }

    /// Sets the variables under which a program asks this helper although it has a terminal.
    pub fn forced_on(&self, run: Run) -> Run {
        run.env("SSH_ASKPASS", self.program()).env("SSH_ASKPASS_REQUIRE", "force")
    }

    /// Sets the variables of a desktop session with this helper.
    pub fn offered_to(&self, run: Run) -> Run {
        run.env("SSH_ASKPASS", self.program()).env("DISPLAY", ":0")
    }

    /// Lets the helpers that wait go on.
    pub fn release(&self) {
        fs::write(self.folder.join("released"), "").expect("a file in the world");
    }

    /// Makes the helpers wait again that are told to.
    pub fn hold(&self) {
        let _ = fs::remove_file(self.folder.join("released"));
    }

    /// Takes it away with all it knows.
    pub fn is_thrown_away(self) {
        fs::remove_dir_all(self.folder).expect("a folder in the world");
    }

    /// How often it was asked for a passphrase, and nothing else.
    pub fn passphrases(&self) -> usize {
        self.calls().iter().filter(|call| call.kind.as_deref() != Some("confirm")).count()
    }

    /// The questions so far, in their order.
    pub fn calls(&self) -> Vec<Call> {
        (0..).map_while(|number| self.call(number)).collect()
    }

    /// Waits until the question of this number (from 0) has been asked.
    #[track_caller]
    pub fn wait_for_call(&self, number: usize) -> Call {
        let deadline = Instant::now() + QUESTION_LIMIT;
        loop {
            if let Some(call) = self.call(number) {
                return call;
            }
            assert!(Instant::now() < deadline, "question {number} was never asked");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn call(&self, number: usize) -> Option<Call> {
        let folder = self.folder.join(number.to_string());
        let pid = fs::read_to_string(folder.join("complete")).ok()?;
        Some(Call {
            prompt: fs::read_to_string(folder.join("prompt")).ok()?,
            kind: fs::read_to_string(folder.join("kind")).ok(),
            pid: pid.parse().ok()?,
        })
    }
}

impl Call {
    /// Whether the helper still runs; one that ended and was not waited for does not.
    pub fn is_running(&self) -> bool {
        self.state().is_some_and(|state| state != 'Z')
    }

    /// Waits until the helper has ended.
    pub fn ended_within(&self, limit: Duration) -> bool {
        within(limit, || !self.is_running())
    }

    /// Waits until the helper has ended and its parent has waited for it.
    pub fn reaped_within(&self, limit: Duration) -> bool {
        within(limit, || self.state().is_none())
    }

    /// The letter of proc(5), if there is such a process.
    fn state(&self) -> Option<char> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid)).ok()?;
        stat.rsplit_once(") ")?.1.chars().next()
    }
}

fn within(limit: Duration, holds: impl Fn() -> bool) -> bool {
    let deadline = Instant::now() + limit;
    while !holds() {
        if Instant::now() >= deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    true
}
