//! The only place that prints.
//!
//! Data goes to stdout, everything else to stderr. Colour is used when stderr
//! is a terminal and `NO_COLOR` is not set (anstream decides). Does not know
//! what is printed: the words live in `voice`.

use std::io::{ErrorKind, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

#[cfg(windows)]
use crate::lent::lent;

const FACT: Style = AnsiColor::Red.on_default().bold();
pub(crate) const HEADING: Style = Style::new().bold();
pub(crate) const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// Set when stdout could not take everything: the command then did not do
/// what was asked, whatever else went well.
static DATA_LOST: AtomicBool = AtomicBool::new(false);

/// Puts the parts of a line together; paths and comments are bytes.
#[macro_export]
macro_rules! text {
    ($($part:expr),* $(,)?) => {{
        let mut line: Vec<u8> = Vec::new();
        $( line.extend_from_slice(AsRef::<[u8]>::as_ref(&$part)); )*
        line
    }};
}

/// Bytes to stdout, as they are.
pub(crate) fn data(bytes: &[u8]) {
    let mut stdout = std::io::stdout().lock();
    if let Err(error) = stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        DATA_LOST.store(true, Ordering::Relaxed);
        // A reader that has seen enough (`keyfob list | head`) is no news.
        if error.kind() != ErrorKind::BrokenPipe {
            fact(format!("cannot write to standard output: {error}"));
        }
    }
}

/// A secret to stdout, past the buffer of the standard library, which would keep a copy of it.
///
/// # Errors
/// What the system says.
pub(crate) fn unbuffered(mut bytes: &[u8]) -> std::io::Result<()> {
    while !bytes.is_empty() {
        match write_through(bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Without another descriptor: whoever is closed in may have none.
#[cfg(unix)]
fn write_through(bytes: &[u8]) -> std::io::Result<usize> {
    Ok(rustix::io::write(std::io::stdout(), bytes)?)
}

#[cfg(windows)]
fn write_through(bytes: &[u8]) -> std::io::Result<usize> {
    let handle = lent(&std::io::stdout()).try_clone_to_owned()?;
    std::fs::File::from(handle).write(bytes)
}

/// Words with emphasis to stdout; a pipe, or who wants no colours, gets them bare.
pub(crate) fn styled_data(words: &clap::builder::StyledStr) {
    if stdout_is_styled() {
        data(words.ansi().to_string().as_bytes());
    } else {
        data(words.to_string().as_bytes());
    }
}

/// Whether words with emphasis have it on stdout.
pub(crate) fn stdout_is_styled() -> bool {
    anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never
}

/// A line to stdout.
pub(crate) fn data_line(line: impl AsRef<[u8]>) {
    data(&text![line, "\n"]);
}

/// A line to stderr.
pub(crate) fn note(line: impl AsRef<[u8]>) {
    stderr(&text![line, "\n"]);
}

/// What happened, in `keyfob`'s form.
pub(crate) fn fact(line: impl AsRef<[u8]>) {
    stderr(&text![styled(FACT, "keyfob:"), " ", line, "\n"]);
}

/// What can be done about it.
pub(crate) fn hint(line: impl AsRef<[u8]>) {
    stderr(&text![styled(HINT, "hint:"), " ", line, "\n"]);
}

/// What the lines below it are about.
pub(crate) fn heading(line: &str) {
    stderr(&text!["\n", styled(HEADING, line), "\n"]);
}

/// A line as OpenSSH's log prints it: ended by CR LF, so that it reads well
/// on a terminal another program has set to raw.
pub(crate) fn log_line(line: impl AsRef<[u8]>) {
    stderr(&text![line, "\r\n"]);
}

/// What is wrong with a command line, as clap puts it.
pub(crate) fn usage_error(error: &clap::Error) {
    // clap knows about colours and terminals itself; a failed print cannot be told anywhere.
    let _ = error.print();
}

/// A bar on stderr for work that takes a while; nothing where nobody looks on.
pub(crate) struct Progress {
    bar: ProgressBar,
}

/// Steps of the bar.
const STEPS: u64 = 1000;

/// How often it is drawn though nothing has changed: the seconds go on.
const TICK: Duration = Duration::from_millis(100);

impl Progress {
    /// Shows it, with a word on what is being done.
    pub(crate) fn new(what: String) -> Self {
        let bar = ProgressBar::with_draw_target(Some(STEPS), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{msg} [{bar:30}] {percent:>3} % {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
        bar.set_message(what);
        bar.enable_steady_tick(TICK);
        Self { bar }
    }

    /// Shows nothing.
    pub(crate) fn silent() -> Self {
        Self { bar: ProgressBar::hidden() }
    }

    /// How far it is, from 0 to 1.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a small number, and a cast to an integer stops at its ends"
    )]
    pub(crate) fn set(&self, done: f64) {
        self.bar.set_position((done * STEPS as f64) as u64);
    }

    /// Does something while it is off the terminal. For good, if that ends the process.
    pub(crate) fn aside<T>(&self, work: impl FnOnce() -> T) -> T {
        self.bar.suspend(work)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Stdout as a screen that is drawn on.
#[cfg(feature = "watch")]
pub(crate) fn screen() -> std::io::Stdout {
    std::io::stdout()
}

/// Whether people read stdout: text from outside is then made safe first.
pub(crate) fn stdout_is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// How wide text for people may be: as the terminal is, and no wider than it is read well.
pub(crate) fn stdout_columns() -> usize {
    const USUAL: usize = 80;
    const WIDEST: usize = 100;
    stdout_terminal_columns().map_or(USUAL, |columns| columns.min(WIDEST))
}

/// How wide the terminal is that people read stdout on; `None` where there is none, or it does not
/// know.
pub(crate) fn stdout_terminal_columns() -> Option<usize> {
    terminal_columns().filter(|columns| *columns > 0)
}

#[cfg(unix)]
fn terminal_columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    Some(size.ws_col.into())
}

#[cfg(windows)]
fn terminal_columns() -> Option<usize> {
    let (width, _) = terminal_size::terminal_size_of(std::io::stdout())?;
    Some(width.0.into())
}

/// Whether a person types at stdin.
#[cfg(feature = "watch")]
pub(crate) fn stdin_is_terminal() -> bool {
    std::io::stdin().is_terminal()
}

/// Whether people read stderr.
pub(crate) fn stderr_is_terminal() -> bool {
    std::io::stderr().is_terminal()
}

/// Whether something meant for stdout got lost.
pub(crate) fn data_lost() -> bool {
    DATA_LOST.load(Ordering::Relaxed)
}

/// One write for one line: lines of several processes do not mix.
/// Nothing can be said when even stderr fails, so its errors are dropped.
fn stderr(bytes: &[u8]) {
    let _ = std::io::stderr().lock().write_all(bytes);
}

fn styled(style: Style, word: &str) -> String {
    match anstream::AutoStream::choice(&std::io::stderr()) {
        anstream::ColorChoice::Never => word.to_owned(),
        _ => format!("{style}{word}{style:#}"),
    }
}
