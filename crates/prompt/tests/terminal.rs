//! The terminal as a real one: a pseudo terminal whose other end plays the person.
//!
//! Run with an argument, this program is the one that asks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "tests")]

use keyfob_prompt::{Error, Surroundings, terminal};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};
use secrecy::ExposeSecret;
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

type Case = (&'static str, fn());

const CASES: [Case; 13] = [
    ("what_is_typed_is_read_and_not_shown", what_is_typed_is_read_and_not_shown),
    ("any_bytes_are_a_passphrase", any_bytes_are_a_passphrase),
    ("mistakes_can_be_erased", mistakes_can_be_erased),
    ("what_was_typed_before_the_question_is_no_answer", typed_ahead),
    ("end_of_file_means_cancel", end_of_file_means_cancel),
    ("an_interrupt_ends_the_program_and_restores_the_terminal", an_interrupt_ends_the_program),
    ("a_termination_restores_the_terminal", a_termination_restores_the_terminal),
    ("a_stopped_program_gives_the_terminal_back_and_asks_again", a_stopped_program_asks_again),
    ("yes_and_no_are_shown_and_asked_again", yes_and_no),
    ("a_line_of_text_is_shown_while_it_is_typed", a_line_of_text),
    ("the_terminal_is_used_even_when_the_streams_are_not_it", streams_elsewhere),
    ("without_a_terminal_the_standard_input_answers_line_by_line", no_terminal),
    ("without_a_terminal_there_is_an_error_that_says_so", no_terminal_error),
];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("ask") => report(terminal::read_passphrase("Passphrase: ")),
        Some("ask-as-client") => {
            report(keyfob_prompt::passphrase(&Surroundings::default(), "Passphrase: "));
        }
        Some("ask-twice") => {
            for _ in 0..2 {
                report(keyfob_prompt::passphrase(&Surroundings::default(), "Passphrase: "));
            }
        }
        Some("line") => report_line(terminal::read_line("Name: ")),
        Some("lines-of-stdin") => {
            for _ in 0..3 {
                report_line(terminal::read_line_from_stdin());
            }
        }
        Some("confirm") => println!("answer={:?}", terminal::confirm("Remove it?")),
        _ => {
            for (name, case) in CASES {
                case();
                println!("test {name} ... ok");
            }
            println!("\ntest result: ok. {} passed; 0 failed; 0 ignored", CASES.len());
        }
    }
}

fn report(answer: Result<keyfob_prompt::Secret, Error>) {
    match answer {
        Ok(secret) => println!("answer={}", secret.expose_secret().escape_ascii()),
        Err(error) => println!("error={error}"),
    }
}

fn report_line(answer: Result<Vec<u8>, Error>) {
    match answer {
        Ok(line) => println!("answer={}", line.escape_ascii()),
        Err(error) => println!("error={error}"),
    }
}

/// A terminal, a program in it, and everything that appeared on the screen.
struct Screen {
    master: File,
    slave: File,
    child: Child,
    seen: Vec<u8>,
}

impl Screen {
    /// Starts this program in a terminal of its own, as the leader of a session.
    fn run(role: &str) -> Self {
        Self::shell(&format!("exec \"$0\" {role}"))
    }

    /// Starts a shell script there; `$0` is this program.
    fn shell(script: &str) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC);
        let master = master.unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let name = std::ffi::OsStr::from_bytes(name.to_bytes());
        let slave = File::options().read(true).write(true).open(name).unwrap();
        let stream = || Stdio::from(slave.try_clone().unwrap());
        let child = Command::new("setsid")
            .args(["--ctty", "--wait", "bash", "-c", script])
            .arg(std::env::current_exe().unwrap())
            .stdin(stream())
            .stdout(stream())
            .stderr(stream())
            .spawn()
            .unwrap();
        Self { master: master.into(), slave, child, seen: Vec::new() }
    }

    fn type_in(&mut self, text: &[u8]) {
        self.master.write_all(text).unwrap();
    }

    /// Waits until the text is on the screen, and forgets the screen up to there.
    fn expect(&mut self, text: &str) {
        let begin = Instant::now();
        loop {
            let window = text.len();
            if let Some(at) = self.seen.windows(window).position(|part| part == text.as_bytes()) {
                self.seen.drain(..at + window);
                return;
            }
            let patient = begin.elapsed() < Duration::from_secs(20);
            assert!(patient && self.read_more(), "{text:?} not in {:?}", self.text());
        }
    }

    /// Waits for the program's end; everything else it showed.
    fn rest(&mut self) -> String {
        self.child.wait().unwrap();
        while self.read_more() {}
        self.text()
    }

    fn read_more(&mut self) -> bool {
        let limit = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };
        let mut ready = [PollFd::new(&self.master, PollFlags::IN)];
        if poll(&mut ready, Some(&limit)).unwrap() == 0 {
            // Nothing for now; over only when the program is.
            return self.child.try_wait().unwrap().is_none();
        }
        let mut bytes = [0; 4096];
        let read = self.master.read(&mut bytes).unwrap_or(0);
        self.seen.extend_from_slice(&bytes[..read]);
        read > 0
    }

    fn signal(&mut self) -> Option<i32> {
        self.child.wait().unwrap().signal()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.seen).into_owned()
    }

    fn echoes(&self) -> bool {
        tcgetattr(&self.slave).unwrap().local_modes.contains(LocalModes::ECHO)
    }

    /// Echo goes off a moment before the question appears, so this is true right after it.
    fn asks(&mut self) {
        self.expect("Passphrase: ");
        assert!(!self.echoes(), "what is typed would be shown");
    }
}

fn what_is_typed_is_read_and_not_shown() {
    let mut screen = Screen::run("ask");
    screen.asks();
    screen.type_in(b"open sesame\n");
    let rest = screen.rest();
    assert_eq!(rest, "\r\nanswer=open sesame\r\n", "the answer was shown, or a line is missing");
    assert!(screen.echoes(), "the shell would be left without echo");
}

fn any_bytes_are_a_passphrase() {
    let mut screen = Screen::run("ask");
    screen.asks();
    screen.type_in(b"p\xc3\xa4ss \xff\xfe\x16\x03\n");
    // ^V takes the next character, here ^C, as it is: the kernel's own line editing is at work.
    assert!(screen.rest().contains(r"answer=p\xc3\xa4ss \xff\xfe\x03"));
}

fn mistakes_can_be_erased() {
    let mut screen = Screen::run("ask");
    screen.asks();
    screen.type_in(b"all wrong\x15rigth\x7f\x7fht\n");
    assert!(screen.rest().contains("answer=right\r\n"));
}

fn typed_ahead() {
    let mut screen = Screen::shell("read -rs -t 20 go; sleep 0.5; exec \"$0\" ask");
    screen.type_in(b"go\nls -l\n");
    screen.asks();
    screen.type_in(b"mine\n");
    assert!(screen.rest().contains("answer=mine\r\n"), "a command became the passphrase");
}

fn end_of_file_means_cancel() {
    let mut screen = Screen::run("ask");
    screen.asks();
    screen.type_in(b"\x04");
    assert!(screen.rest().contains("error=cancelled"));
    assert!(screen.echoes());
}

fn an_interrupt_ends_the_program() {
    let mut screen = Screen::run("ask");
    screen.asks();
    screen.type_in(b"half\x03");
    let rest = screen.rest();
    assert!(!rest.contains("answer="), "{rest}");
    assert_eq!(screen.signal(), Some(2), "the shell must see what ended it");
    assert!(screen.echoes(), "the shell would be left without echo");
}

fn a_termination_restores_the_terminal() {
    let mut screen = Screen::run("ask");
    screen.asks();
    let pid = rustix::process::Pid::from_child(&screen.child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    screen.rest();
    assert_eq!(screen.signal(), Some(15));
    assert!(screen.echoes(), "the shell would be left without echo");
}

fn a_stopped_program_asks_again() {
    let mut screen = Screen::shell("set -m; \"$0\" ask; echo stopped=$?; stty -a; fg; echo end");
    screen.asks();
    screen.type_in(b"half\x1a");
    screen.expect("stopped=148");
    screen.expect(" echo ");
    screen.asks();
    screen.type_in(b"whole\n");
    screen.expect("answer=whole\r\n");
    screen.expect("end");
    screen.rest();
    assert!(screen.echoes());
}

fn yes_and_no() {
    let mut screen = Screen::run("confirm");
    screen.expect("Remove it? (yes/no) ");
    assert!(screen.echoes(), "an answer that is no secret is shown");
    screen.type_in(b"maybe\n");
    screen.expect("Please type 'yes' or 'no': ");
    screen.type_in(b"YES\n");
    assert!(screen.rest().contains("answer=Ok(true)"));
    let mut screen = Screen::run("confirm");
    screen.expect("(yes/no) ");
    screen.type_in(b"\x04");
    assert!(screen.rest().contains("answer=Ok(false)"), "no answer is no");
}

fn a_line_of_text() {
    let mut screen = Screen::run("line");
    screen.expect("Name: ");
    assert!(screen.echoes(), "an answer that is no secret is shown");
    screen.type_in(b"two words \xff\n");
    assert!(screen.rest().contains(r"answer=two words \xff"));
    let mut screen = Screen::run("line");
    screen.expect("Name: ");
    screen.type_in(b"\x04");
    assert!(screen.rest().contains("error=cancelled"));
    let (answers, questions) = detached("lines-of-stdin", b"first\n\nlast");
    assert_eq!(answers, "answer=first\nanswer=\nanswer=last\n");
    assert_eq!(questions, "", "the caller has asked already");
    let (answers, _) = detached("lines-of-stdin", b"");
    assert_eq!(answers, "error=cancelled\n".repeat(3));
}

fn streams_elsewhere() {
    let mut screen = Screen::shell("echo data | \"$0\" ask-as-client 2>/dev/null | cat");
    screen.asks();
    screen.type_in(b"typed\n");
    assert!(screen.rest().contains("answer=typed"), "standard input was taken for the person");
}

/// Without a terminal at all: a session of its own, and pipes.
fn detached(role: &str, input: &[u8]) -> (String, String) {
    let mut child = Command::new("setsid")
        .arg("--wait")
        .arg(std::env::current_exe().unwrap())
        .arg(role)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // One that refuses to ask may be gone before it could have read.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr))
}

fn no_terminal() {
    let (answers, questions) = detached("ask-twice", b"first\nsecond");
    assert_eq!(answers, "answer=first\nanswer=second\n", "one line for each question");
    assert_eq!(questions, "Passphrase: Passphrase: ", "questions are not data");
    let (answers, _) = detached("ask-twice", b"only\n");
    assert_eq!(answers, "answer=only\nerror=cancelled\n");
}

fn no_terminal_error() {
    let (answers, _) = detached("ask", b"not asked\n");
    assert!(answers.starts_with("error=cannot use the terminal: "), "{answers}");
}
