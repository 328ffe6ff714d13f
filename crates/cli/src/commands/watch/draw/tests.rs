#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use keyfob_protocol::watch::{QuestionId, State};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::*;

fn text() -> String {
    [
        "Allow use of key deploy@ci?",
        "Key fingerprint SHA256:T2FsbHkgaG8gdGhpcyBpcyBub3QgYSBrZXkgYXQgYWxsIQ.",
        "Key type ED25519.",
        "To log in as root at db.example.com (host key SHA256:x).",
        "Asked by ssh (pid 71) ← git (pid 70) ← bash (pid 12).",
    ]
    .join("\n")
}

fn question() -> Question {
    Question {
        id: QuestionId([1; 16]),
        text: text().into_bytes(),
        age: 61,
        answerable: true,
        session: true,
        for_a_while: Some(600),
    }
}

fn key(n: u8) -> Key {
    Key {
        comment: format!("key {n}").into_bytes(),
        kind: b"ED25519".to_vec(),
        fingerprint: b"SHA256:abcdefghijklmnop".to_vec(),
        confirm: true,
        place: Place::Store { open: true },
        expires_in: Some(3900),
        idle_in: None,
    }
}

fn state() -> State {
    State {
        revision: 1,
        right: true,
        questions: vec![question()],
        uses: vec![
            Use { unix: 5, allowed: true, text: b"deploy@ci used by ssh \x1b]0;x\x07".to_vec() },
            Use { unix: 4, allowed: false, text: b"refused to log in".to_vec() },
        ],
        total: 3,
        keys: (1..=3).map(key).collect(),
        ..State::default()
    }
}

fn drawn(model: &mut Model, (width, height): (u16, u16), now: Instant) -> Vec<String> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let style = Style { colours: false };
    terminal.draw(|frame| draw(frame, model, style, now)).unwrap();
    let buffer = terminal.backend().buffer().clone();
    let row = |y| (0..width).map(|x| buffer[(x, y)].symbol().to_owned()).collect::<String>();
    (0..height).map(|y| row(y).trim_end().to_owned()).collect()
}

fn model(state: State, now: Instant) -> Model {
    let mut model = Model::new(now);
    model.told(state, now);
    model
}

#[test]
fn a_wide_screen_shows_the_question_the_uses_and_the_keys() {
    let now = Instant::now();
    let lines = drawn(&mut model(state(), now), (100, 20), now);
    assert_eq!(lines[0], " keyfob: open, 3 keys, may answer");
    assert_eq!(lines[1], "Question 1 of 1, waiting for 1 min");
    assert_eq!(lines[2..7], text().lines().collect::<Vec<_>>());
    assert_eq!(lines[7], "Recent");
    assert!(lines[8].ends_with("  deploy@ci used by ssh \\x1b]0;x\\x07"), "{:?}", lines[8]);
    assert_eq!(lines[10], "Keys");
    assert_eq!(lines[11], "key 1  ED25519  1 h 5 min left, asks, stored  SHA256:abcdefghijklmnop");
    let help = " d deny  o once  s session  m 10 minutes  ? help  q quit";
    assert_eq!(lines[19], help);
}

#[test]
fn times_go_on_while_nothing_is_told() {
    let now = Instant::now();
    let later = now + Duration::from_secs(3600);
    let lines = drawn(&mut model(state(), now), (100, 20), later);
    assert_eq!(lines[1], "Question 1 of 1, waiting for 1 h 1 min");
    assert!(lines[11].contains("  5 min left"), "{:?}", lines[11]);
}

#[test]
fn a_key_that_goes_unless_it_is_used_says_when() {
    let now = Instant::now();
    let later = now + Duration::from_secs(60);
    let idle = Key { expires_in: None, idle_in: Some(360), ..key(1) };
    let both = Key { idle_in: Some(59), ..key(2) };
    let state = State { total: 2, keys: vec![idle, both], ..State::default() };
    let lines = drawn(&mut model(state, now), (100, 10), later).join("\n");
    assert!(lines.contains("key 1  ED25519  5 min left unless used, asks, stored"), "{lines}");
    assert!(lines.contains("1 h 4 min left, 0 s left unless used, asks"), "{lines}");
}

#[test]
fn in_a_popup_the_whole_question_is_seen_and_the_lists_give_way() {
    let now = Instant::now();
    let mut model = model(state(), now);
    let lines = drawn(&mut model, (60, 15), now);
    let screen = lines.join("\n");
    for part in ["deploy@ci?", "SHA256:T2Fs", "ED25519.", "log in as root", "bash (pid 12)."] {
        assert!(screen.contains(part), "{part}: {screen}");
    }
    assert!(lines[14].starts_with(" d deny  o once"), "{screen}");
    assert_eq!(model.scroll(9, 9), 0);
}

#[test]
fn what_does_not_fit_says_so_and_is_scrolled() {
    let now = Instant::now();
    let mut long = question();
    long.text = vec![b'x'; 2000];
    long.text.extend_from_slice(b"\nThe request comes over a forwarded connection.");
    let mut model = model(State { questions: vec![long], ..state() }, now);
    let lines = drawn(&mut model, (60, 15), now);
    assert!(lines[13].contains("-- 0 lines above, 24 below"), "{lines:?}");
    let page = crossterm::event::KeyEvent::from(crossterm::event::KeyCode::PageDown);
    for _ in 0..10 {
        let _ = model.pressed(page, now);
    }
    let lines = drawn(&mut model, (60, 15), now);
    assert_eq!(lines[12], "The request comes over a forwarded connection.");
    assert!(lines[13].contains("24 lines above, 0 below"), "{lines:?}");
}

#[test]
fn no_size_is_too_small_to_be_drawn_and_none_of_them_reads_a_question() {
    let now = Instant::now();
    for width in (0..40).chain([60, 200]) {
        for height in (0..12).chain([30]) {
            if width == 0 || height == 0 {
                continue;
            }
            let mut model = model(state(), now);
            let lines = drawn(&mut model, (width, height), now);
            let is_whole = lines.concat().replace(' ', "").contains("(pid12).");
            let later = now + Duration::from_secs(2);
            let key = crossterm::event::KeyEvent::from(crossterm::event::KeyCode::Char('o'));
            let is_answered = matches!(model.pressed(key, later), super::super::Wish::Answer(..));
            assert!(!is_answered || is_whole, "{width}×{height}: {lines:?}");
        }
    }
    let mut tiny = model(state(), now);
    assert!(drawn(&mut tiny, (20, 5), now)[0].starts_with("larger window"));
}

#[test]
fn what_it_is_and_what_can_be_done_is_said_in_each_state() {
    let now = Instant::now();
    let size = (80, 10);
    let looking = State { right: false, ..state() };
    let lines = drawn(&mut model(looking, now), size, now);
    assert_eq!(lines[0], " keyfob: open, 3 keys, looks on only");
    assert!(lines[9].starts_with(" c answer here"), "{lines:?}");
    let locked = State { lock: Lock::Locked, total: 0, ..State::default() };
    let lines = drawn(&mut model(locked, now), size, now);
    assert_eq!(lines[0], " keyfob: locked, 0 keys, looks on only");
    assert!(lines.contains(&"  nothing yet".to_owned()) && lines.contains(&"  locked".to_owned()));
    let sealed = State { lock: Lock::Sealed, total: 1, ..State::default() };
    let lines = drawn(&mut model(sealed, now), size, now);
    assert_eq!(lines[0], " keyfob: key store locked, 1 key, looks on only");
    let mut gone = model(state(), now);
    gone.gone("nobody listens there any more");
    let lines = drawn(&mut gone, size, now);
    assert!(lines[0].contains("no agent, trying again"), "{lines:?}");
    assert!(!lines.concat().contains("deploy@ci?"));
}

#[test]
fn without_colours_there_are_none() {
    let now = Instant::now();
    for (colours, expected) in [(false, false), (true, true)] {
        let mut terminal = Terminal::new(TestBackend::new(80, 20)).unwrap();
        let mut model = model(state(), now);
        terminal.draw(|frame| draw(frame, &mut model, Style { colours }, now)).unwrap();
        let cells = terminal.backend().buffer().content();
        assert_eq!(cells.iter().any(|cell| cell.fg != Color::Reset), expected);
    }
}

#[test]
fn many_keys_are_counted_where_they_do_not_fit() {
    let now = Instant::now();
    let many = State { questions: Vec::new(), total: 300, keys: vec![key(1); 256], ..state() };
    let lines = drawn(&mut model(many, now), (60, 15), now);
    assert_eq!(lines[13], "  and 292 more");
}
