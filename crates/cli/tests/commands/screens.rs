//! `docs/SCREENS.md`: what a person sees at 80 columns, made by the program itself.
//!
//! `KEYFOB_WRITE_SCREENS=1` writes the page; without it the page has to be what would be written.
//! What differs from run to run (keys, folders, hosts) is put in by names that stay.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

use keyfob_testkit::{Run, Terminal, World};
use rustix::process::Pid;

use crate::support::{STORE_PASSPHRASE, keyfob, keyfob_unlocking, make_store, world};

const COLUMNS: usize = 80;

/// What a fingerprint, a recovery code and a public key begin with in the page; cut to length.
const FINGERPRINT: &str = "SHA256:Vd0fW1oXh2pZk3rMn4tQs5yLg6bJc7eRi8aTu9wKx0E";
const CODE: &str = "7Q2M-XK4D-0TWB-9VRA-H3ZE-5NJC-8PYG-1SFK-64LX";
const KEY: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIFnYoBvXk0Wc2Jr7sTq4LhP9uEaZ5dGmR1yNi8xQ3KvC";

/// Groups of `keyfob doctor` that tell of the machine the test runs on.
const OF_MACHINE: [&str; 3] = ["Start files and services", "Other agents", "keyfob's agent"];

const HEAD: &str = "\
# Screens

At 80 columns, in colour and with `NO_COLOR`, made by the program itself: `KEYFOB_WRITE_SCREENS=1 cargo test
-p keyfob --test commands screens` writes this page and its pictures, and without the variable the same test
fails where a screen has become another. Keys, fingerprints, the recovery code, folders and hosts are replaced
by those below, with widths as they are.
";

#[test]
fn the_page_of_screens_is_what_the_program_shows() {
    let (plain, coloured) = (screens(true), screens(false));
    let mut page = HEAD.to_owned();
    for ((title, words, screen), (_, _, in_colour)) in plain.iter().zip(&coloured) {
        assert!(!screen.contains('\x1b'), "{screen:?}");
        // But for a public key, which is one line wherever it is pasted.
        let mut lines = screen.lines().filter(|line| !line.starts_with("ssh-"));
        let wide = lines.find(|line| line.chars().count() > COLUMNS);
        assert!(wide.is_none(), "{wide:?}");
        assert_eq!(&bare(in_colour), screen, "colours say nothing that words do not");
        let picture =
            format!("screens/{}.svg", title.to_lowercase().replace(" --", " ").replace(' ', "-"));
        is_what_stands_in(&picture, &svg(in_colour));
        // Writing to a String cannot fail.
        let _ = write!(
            page,
            "\n## {title}\n\n{words} [In colour]({picture}).\n\n```text\n{screen}```\n"
        );
    }
    is_what_stands_in("SCREENS.md", &(page + &colours(&coloured)));
}

/// Compares with a file of `docs`, or writes it.
fn is_what_stands_in(name: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    if std::env::var_os("KEYFOB_WRITE_SCREENS").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
    }
    let written = fs::read_to_string(&file).unwrap_or_default();
    for (at, (is, should)) in written.lines().zip(text.lines()).enumerate() {
        assert_eq!(is, should, "docs/{name}:{}: KEYFOB_WRITE_SCREENS=1 writes it", at + 1);
    }
    assert!(written == text, "docs/{name} ends too early or too late");
}

/// A picture that can be read on a page of any colour.
fn svg(screen: &str) -> String {
    /// Of 80 columns as the picture has them.
    const WIDTH: usize = 720;
    let terminal = anstyle_svg::Term::new().background(true).min_width_px(WIDTH);
    format!("{}\n", terminal.render_svg(screen).trim_end())
}

/// Title, words about it, and the screen.
type Screen = (&'static str, &'static str, String);

fn screens(plain: bool) -> Vec<Screen> {
    let world = world();
    let at = Place { world: &world, plain };
    let mut screens = vec![(
        "keyfob setup",
        "In a home without keys, and without systemd.",
        at.shown("keyfob setup", first_walk(&at)),
    )];
    let again = at.run(&["setup", "--test", "127.0.0.1:1"]);
    let again = again.on_whole_terminal();
    screens.push((
        "Again",
        "What is in place is left alone. This host is not there.",
        at.shown("keyfob setup --test 127.0.0.1:1", again),
    ));
    lists(&mut screens, plain);
    at.ssh_keygen("work", &["-t", "ecdsa", "-N", ""]);
    world.write(".ssh/config", "Host *\n  IdentityAgent none\n", 0o644);
    world.system_program("chmod").args(["644", ".ssh/work"]).output().exits(0);
    let doctor = at.shown("keyfob doctor", at.run(&["doctor"]).on_whole_terminal());
    screens.push((
        "keyfob doctor",
        "A line that keeps ssh from the agent, and a key that lies open. What it says of other programs \
         of the machine, and the line that counts, is left out here.",
        without_machine(&doctor),
    ));
    screens
}

/// In a home of its own, where every comment is as wide everywhere.
fn lists(screens: &mut Vec<Screen>, plain: bool) {
    let world = world();
    let at = Place { world: &world, plain };
    make_store(&world);
    at.ssh_keygen("id_ed25519", &["-t", "ed25519", "-N", "", "-C", "me@laptop"]);
    at.ssh_keygen("work", &["-t", "ecdsa", "-N", "", "-C", "me@work"]);
    let save = keyfob_unlocking(&world, "add").args(["--save", ".ssh/id_ed25519"]);
    save.output().exits(0);
    let agent = world.agent();
    let run = |words: &[&str]| at.run(words).env("SSH_AUTH_SOCK", agent.socket());
    run(&["add", "-t", "8h", "-c", ".ssh/work"]).output().exits(0);
    screens.push((
        "keyfob list",
        "A key of the store, and one of the session. In a pipe, or on a wider terminal, fingerprints \
         are whole; their beginning names a key.",
        at.shown("keyfob list", run(&["list"]).on_whole_terminal()),
    ));
    screens.push((
        "keyfob list --store",
        "The store is not unlocked for it.",
        at.shown("keyfob list --store", run(&["list", "--store"]).on_whole_terminal()),
    ));
}

/// Where the screens are made.
struct Place<'w> {
    world: &'w World,
    /// Whether nobody wants colours; else a terminal is all it takes.
    plain: bool,
}

impl Place<'_> {
    fn run(&self, words: &[&str]) -> Run {
        let run = keyfob(self.world).args(words).env("SHELL", "/bin/bash").env("TERM", "xterm");
        let run = run.limit(Duration::from_secs(60));
        let run = if self.plain { run.env("NO_COLOR", "1") } else { run };
        self.world.with_home_in_passwd(run)
    }

    fn ssh_keygen(&self, name: &str, flags: &[&str]) {
        let run = self.world.system_program("ssh-keygen").args(["-q", "-f"]);
        run.arg(self.world.path(".ssh").join(name)).args(flags).output().exits(0);
    }

    /// What stood there at the end, below what was typed.
    fn shown(&self, command: &str, terminal: Terminal) -> String {
        let (_, all) = terminal.wait_for_all();
        for part in all.split("Started the agent (process ").skip(1) {
            let pid = part.split(')').next().unwrap().parse().unwrap();
            self.world.adopt(Pid::from_raw(pid).unwrap());
        }
        format!("$ {command}\n{}", self.renamed(&drawn(&all)))
    }

    /// With names that stay.
    fn renamed(&self, text: &str) -> String {
        let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
        let text = text.replace(&self.world.home().display().to_string(), "/home/me");
        let text = text.replace(&format!("tester@{}", host.trim()), "me@laptop");
        let base64 = |letter: char| letter.is_ascii_alphanumeric() || "+/".contains(letter);
        let text = replaced(&text, "SHA256:", base64, FINGERPRINT);
        let text = replaced(&text, "AAAAC3", base64, KEY);
        let text = replaced(&text, "(process ", |letter| letter.is_ascii_digit(), "(process 4711");
        let is_code =
            |line: &&str| line.trim().len() == CODE.len() && line.matches('-').count() == 8;
        match text.lines().find(is_code) {
            Some(line) => text.replace(line.trim(), CODE),
            None => text.clone(),
        }
    }
}

fn first_walk(at: &Place<'_>) -> Terminal {
    let mut terminal = at.run(&["setup", "--memory", "64M"]).on_whole_terminal();
    terminal.expect("Make the key store in ").type_line("yes");
    terminal.expect("New passphrase for the key store: ").answer_unseen(STORE_PASSPHRASE);
    terminal.expect("The same again: ").answer_unseen(STORE_PASSPHRASE);
    terminal.expect("There is no key. ").expect("(yes/no) ").type_line("yes");
    terminal.expect("Do that? (yes/no) ").type_line("yes");
    terminal.expect("(Enter for none): ").type_line("");
    terminal
}

/// Words that begin so and go on with such letters, each by as much of another.
fn replaced(text: &str, start: &str, goes_on: impl Fn(char) -> bool, by: &str) -> String {
    let mut parts = text.split(start);
    let mut new = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|letter| !goes_on(letter)).unwrap_or(part.len());
        // A number is as long as it is; the others have their length.
        let length = if goes_on('A') { start.len() + end } else { by.len() };
        new += &by[..length.min(by.len())];
        new += &part[end..];
    }
    new
}

/// What a terminal shows in the end: lines that were cleared, or written over, are gone. Colours stay.
fn drawn(bytes: &str) -> String {
    let mut lines = Vec::new();
    for line in bytes.replace("\r\n", "\n").split('\n') {
        let mut shown = String::new();
        for part in line.split('\r') {
            let kept = part.rsplit("\x1b[2K").next().unwrap_or_default();
            let is_over = !kept.is_empty() || part.contains("\x1b[2K");
            shown = if is_over { kept.to_owned() } else { shown };
        }
        lines.push(shown.trim_end().to_owned());
    }
    let text = lines.join("\n");
    format!("{}\n", text.trim_matches('\n'))
}

fn without_machine(screen: &str) -> String {
    let groups = screen.split("\n\n").filter(|group| {
        let title = bare(group.lines().next().unwrap_or_default());
        // The line that counts has no heading.
        !OF_MACHINE.contains(&title.as_str()) && !group.contains(" found nothing amiss")
    });
    format!("{}\n", groups.collect::<Vec<_>>().join("\n\n").trim_end())
}

fn bare(line: &str) -> String {
    spans(line).into_iter().map(|(_, text)| text).collect()
}

/// Text and the numbers of its colours, `1;31` for bold and red.
fn spans(text: &str) -> Vec<(String, String)> {
    let mut style: Vec<&str> = Vec::new();
    let mut parts = text.split("\x1b[");
    let mut spans = vec![(String::new(), parts.next().unwrap_or_default().to_owned())];
    for part in parts {
        let Some((code, rest)) = part.split_once('m') else { continue };
        if code == "0" {
            style.clear();
        } else {
            style.push(code);
        }
        spans.push((style.join(";"), rest.to_owned()));
    }
    spans.retain(|(_, text)| !text.is_empty());
    spans
}

/// Which words have which colour.
fn colours(screens: &[Screen]) -> String {
    let mut words: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, _, screen) in screens {
        for (style, text) in spans(screen).into_iter().filter(|(style, _)| !style.is_empty()) {
            words.entry(style).or_default().insert(text.trim().to_owned());
        }
    }
    let mut text =
        "\n## Colours\n\nOn a terminal, unless `NO_COLOR` is set; in a pipe there are none. \
                    No colour says what no word says.\n\n| how | what |\n|---|---|\n"
            .to_owned();
    for (style, words) in words {
        let names: Vec<&str> = style.split(';').map(name).collect();
        let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
        let _ = writeln!(text, "| {} | {} |", names.join(", "), words.join(", "));
    }
    text
}

fn name(code: &str) -> &'static str {
    match code {
        "1" => "bold",
        "31" => "red",
        "32" => "green",
        "33" => "yellow",
        "34" => "blue",
        "36" => "cyan",
        other => panic!("a colour without a name: {other}"),
    }
}

#[test]
fn what_was_written_over_is_not_shown() {
    let bar = "a\r\nDeriving 1\r\x1b[2KDeriving 2\r\x1b[2Kb\r\n\r\n\x1b[1mc\x1b[0m\r\n";
    assert_eq!(drawn(bar), "a\nb\n\n\x1b[1mc\x1b[0m\n");
    assert_eq!(
        spans("\x1b[1m\x1b[31mx:\x1b[0m y"),
        [("1;31".to_owned(), "x:".to_owned()), (String::new(), " y".to_owned())]
    );
    let is_digit = |letter: char| letter.is_ascii_digit();
    assert_eq!(
        replaced("(process 1) (process 22)", "(process ", is_digit, "(process 4711"),
        "(process 4711) (process 4711)"
    );
}
