//! `keyfob generate` on a terminal: the conversation, and a search that is interrupted.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::time::Duration;

use crate::support::{keyfob, world};
use keyfob_testkit::{Run, Terminal, World};
use rustix::process::Signal;

const GOOD: &str = "velvet harbour oxide tuesday";

/// `keyfob generate` whose `~` is the home of this world.
fn generate(world: &World, flags: &[&str]) -> Run {
    world.with_home_in_passwd(keyfob(world).arg("generate").args(flags))
}

fn passphrase_twice(terminal: &mut Terminal, passphrase: &str) {
    terminal.expect(" (empty for none): ").answer_unseen(passphrase);
    terminal.expect("The same passphrase again: ").answer_unseen(passphrase);
}

fn opens(world: &World, file: &str, passphrase: &str) -> bool {
    let run = world.system_program("ssh-keygen").args(["-y", "-P", passphrase, "-f", file]);
    run.output().code() == Some(0)
}

fn exists(world: &World, file: &str) -> bool {
    world.path(file).exists()
}

#[test]
fn without_arguments_it_asks_and_the_usual_answers_are_one_key_away() {
    let world = world();
    let mut terminal = generate(&world, &[]).on_terminal();
    terminal.expect("What kind of key?").expect("1  ed25519").expect("4  mldsa44-ed25519");
    terminal.expect("Number or name [1]: ").type_line("");
    let usual = world.path(".ssh/id_ed25519");
    let question =
        format!("Where to? A name goes to ~/.ssh, a path anywhere [{}]: ", usual.display());
    terminal.expect(&question).type_line("");
    terminal.expect("A comment to know it by [tester@").type_line("");
    passphrase_twice(&mut terminal, GOOD);
    let (output, screen, echoes) = terminal.wait();
    output.exits(0).reports_among_else("Strength: strong. ");
    assert!(echoes);
    assert!(opens(&world, ".ssh/id_ed25519", GOOD));
    let line = fs::read_to_string(world.path(".ssh/id_ed25519.pub")).unwrap();
    output.prints(&line).reports_among_else("keyfob copy-id -i ");
    output.reports_among_else("keyfob add ");
    for text in [output.stdout(), output.stderr(), screen] {
        assert!(
            !text.contains(GOOD) && !text.contains("velvet"),
            "the passphrase was shown: {text}"
        );
    }
}

#[test]
fn other_answers_are_another_key_in_a_new_folder() {
    let world = world();
    let mut terminal = generate(&world, &[]).on_terminal();
    terminal.expect("Number or name [1]: ").type_line("rsa 2048");
    terminal.expect("Where to?").type_line("~/keys/new/work");
    terminal.expect("A comment").type_line("for work");
    passphrase_twice(&mut terminal, GOOD);
    let (output, ..) = terminal.wait();
    output.exits(0).reports_among_else("Made the folder ");
    let line = fs::read_to_string(world.path("keys/new/work.pub")).unwrap();
    assert!(line.starts_with("ssh-rsa ") && line.ends_with(" for work\n"), "{line}");
    let folder = world.path("keys").metadata().unwrap();
    assert_eq!(folder.permissions().mode() & 0o777, 0o700);
}

#[test]
fn an_answer_that_is_none_is_asked_again() {
    let world = world();
    world.write("file", "x", 0o600);
    let mut terminal = generate(&world, &[]).on_terminal();
    for wrong in ["7", "dsa", "rsa 1024", "nonsense"] {
        terminal.expect("Number or name [1]: ").type_line(wrong);
    }
    terminal.expect("Number or name [1]: ").type_line("3");
    terminal.expect("Where to?").type_line("~/file/id");
    terminal.expect("Where to?").type_line("work.pub");
    terminal.expect("Where to?").type_line("work");
    terminal.expect("A comment").type_line("");
    passphrase_twice(&mut terminal, GOOD);
    let (output, ..) = terminal.wait();
    output.exits(0).reports_among_else("DSA keys are not made");
    output.reports_among_else("1024 bits is weak").reports_among_else(": not a directory");
    assert!(opens(&world, ".ssh/work", GOOD));
}

#[test]
fn with_arguments_only_the_passphrase_is_asked() {
    let world = world();
    let mut terminal = generate(&world, &["work"]).on_terminal();
    passphrase_twice(&mut terminal, GOOD);
    terminal.wait().0.exits(0);
    assert!(opens(&world, ".ssh/work", GOOD));
}

#[test]
fn two_passphrases_that_differ_are_asked_again_and_not_for_ever() {
    let world = world();
    let mut terminal = generate(&world, &["work"]).on_terminal();
    for _ in 0..2 {
        terminal.expect(" (empty for none): ").answer_unseen(GOOD);
        terminal.expect("again: ").answer_unseen("velvet harbor");
    }
    passphrase_twice(&mut terminal, "other");
    let (output, ..) = terminal.wait();
    output.exits(0).reports_among_else("They differ. Once more, please.\n");
    assert!(opens(&world, ".ssh/work", "other"));
    let mut terminal = generate(&world, &["never"]).on_terminal();
    for _ in 0..5 {
        terminal.expect(" (empty for none): ").answer_unseen("a");
        terminal.expect("again: ").answer_unseen("b");
    }
    let (output, ..) = terminal.wait();
    output.exits(1).reports_among_else("the passphrases differed every time");
    assert!(!exists(&world, ".ssh/never"));
}

#[test]
fn weak_passphrases_are_called_so_and_none_is_warned_of_but_taken() {
    let world = world();
    let mut terminal = generate(&world, &["weak"]).on_terminal();
    passphrase_twice(&mut terminal, "password1");
    let (output, ..) = terminal.wait();
    output.exits(0).reports_among_else("Strength: very weak. ");
    output.reports_among_else("would guess it in less than a second.");
    let mut terminal = generate(&world, &["none"]).on_terminal();
    passphrase_twice(&mut terminal, "");
    let (output, ..) = terminal.wait();
    output.exits(0).reports_among_else("No passphrase: whoever can read the file can use the key.");
    assert!(opens(&world, ".ssh/none", ""));
}

#[test]
fn what_is_there_is_replaced_after_a_yes_only() {
    let world = world();
    generate(&world, &["work", "--no-passphrase"]).output().exits(0);
    let before = fs::read(world.path(".ssh/work")).unwrap();
    let key = world.system_program("ssh-keygen").args(["-l", "-f", ".ssh/work"]).output().stdout();
    let fingerprint = key.split(' ').nth(1).unwrap();
    for answer in ["", "n", "what?"] {
        let mut terminal = generate(&world, &["work", "--no-passphrase"]).on_terminal();
        terminal.expect("Replace? The old key is lost then. (y/N) ").type_line(answer);
        let (output, ..) = terminal.wait();
        output.exits(1).reports_among_else(&format!("is there already (ED25519 {fingerprint})."));
        assert_eq!(fs::read(world.path(".ssh/work")).unwrap(), before, "{answer:?}");
    }
    let mut terminal = generate(&world, &["work", "--no-passphrase"]).on_terminal();
    terminal.expect("(y/N) ").type_line("y");
    terminal.wait().0.exits(0);
    assert_ne!(fs::read(world.path(".ssh/work")).unwrap(), before);
}

#[test]
fn whoever_leaves_a_question_leaves_no_key() {
    let world = world();
    let questions = ["Number or name [1]: ", "Where to?", "A comment"];
    for left in 0..questions.len() {
        let mut terminal = generate(&world, &[]).on_terminal();
        for (at, question) in questions.iter().enumerate().take(left + 1) {
            terminal.expect(question);
            if at == left {
                terminal.end_of_input();
            } else {
                terminal.type_line(if at == 1 { "~/new/id" } else { "" });
            }
        }
        terminal.wait().0.exits(1).prints("").reports_among_else("no answer; nothing was made");
    }
    let mut terminal = generate(&world, &["work"]).on_terminal();
    terminal.expect("(empty for none): ").waits_for_hidden_input().interrupt();
    let (output, _, echoes) = terminal.wait();
    assert_eq!(output.status.unwrap().signal(), Some(2), "{output}");
    assert!(echoes && !exists(&world, "new") && !exists(&world, ".ssh/work"));
}

#[test]
fn a_search_shows_how_far_it_is_and_an_interrupt_ends_it_without_a_trace() {
    let world = world();
    let flags = ["-f", "deep/id", "-t", "rsa", "-b", "16384", "--no-passphrase"];
    let mut terminal = generate(&world, &flags).env("TERM", "xterm").on_whole_terminal();
    terminal.expect("Searching for two primes of 8192 bits [").expect(" % ");
    terminal.interrupt();
    let (output, screen, echoes) = terminal.wait();
    // The signal itself, as a shell in a loop wants to see it.
    assert_eq!(output.status.unwrap().signal(), Some(2), "{output}");
    assert!(echoes);
    assert!(screen.ends_with("\x1b[2K") || screen.ends_with('\r'), "the bar is left: {screen:?}");
    assert!(!exists(&world, "deep"), "not even the folder");
    assert_eq!(fs::read_dir(world.path(".ssh")).unwrap().count(), 0);
}

#[test]
fn a_search_that_ends_leaves_the_result_and_no_bar() {
    let world = world();
    let flags = ["-f", "id", "-t", "rsa", "-b", "3072", "--no-passphrase"];
    let terminal = generate(&world, &flags).env("TERM", "xterm").on_whole_terminal();
    let (output, screen, _) = terminal.wait();
    output.exits(0);
    let after = screen.rsplit("Searching").next().unwrap();
    assert!(after.contains("\x1b[2K") && after.contains("The key fingerprint is:"), "{screen:?}");
}

#[test]
fn other_signals_end_a_search_too_and_an_ignored_one_does_not() {
    let world = world();
    let mut running =
        generate(&world, &["-f", "id", "-t", "rsa", "-b", "16384", "--no-passphrase"]).start();
    assert!(running.ended_within(Duration::from_millis(300)).is_none());
    running.signal(Signal::TERM);
    assert_eq!(running.wait().status.unwrap().signal(), Some(15));
    assert!(!exists(&world, "id"));

    keyfob(&world);
    let script = "trap '' INT; keyfob generate -q -f id -t rsa -b 4096 --no-passphrase & p=$!
        while kill -INT $p 2>/dev/null; do sleep 0.05; done; wait $p";
    world.program("sh").args(["-c", script]).limit(Duration::from_secs(60)).output().exits(0);
    assert!(exists(&world, "id.pub"));
}
