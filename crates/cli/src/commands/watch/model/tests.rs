#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use keyfob_protocol::watch::Question;

use super::*;

pub(in crate::commands::watch) fn question(n: u8) -> Question {
    Question {
        id: QuestionId([n; 16]),
        text: format!("Allow use of key key {n}?\nAsked by ssh.").into_bytes(),
        age: 2,
        answerable: true,
        session: false,
        for_a_while: None,
    }
}

fn state(questions: &[Question]) -> State {
    State { revision: 1, right: true, questions: questions.to_vec(), ..State::default() }
}

/// A screen with these questions, each seen whole.
fn showing(questions: &[Question], now: Instant) -> Model {
    let mut model = Model::new(now);
    model.told(state(questions), now);
    model.scroll(1, 10);
    model
}

fn press(model: &mut Model, key: char, now: Instant) -> Wish {
    let wish = model.pressed(KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE), now);
    model.scroll(1, 10);
    wish
}

fn answered(wish: &Wish) -> Option<(u8, Choice)> {
    match wish {
        Wish::Answer(id, choice) => Some((id.0[0], *choice)),
        _ => None,
    }
}

const LATER: Duration = Duration::from_secs(1);

#[test]
fn each_answer_has_its_key_if_it_was_offered() {
    let now = Instant::now();
    let all = Question { session: true, for_a_while: Some(600), ..question(1) };
    for (key, choice) in
        [('d', Choice::Deny), ('o', Choice::Once), ('s', Choice::Session), ('m', Choice::ForAWhile)]
    {
        let mut model = showing(std::slice::from_ref(&all), now);
        assert_eq!(answered(&press(&mut model, key, now + LATER)), Some((1, choice)));
        let mut model = showing(&[question(1)], now);
        let wish = press(&mut model, key, now + LATER);
        assert_eq!(answered(&wish).is_some(), matches!(key, 'd' | 'o'), "{key}");
    }
}

#[test]
fn on_nothing_keys_do_nothing() {
    let now = Instant::now();
    let mut model = showing(&[], now);
    for key in "dosmjkx".chars() {
        assert!(matches!(press(&mut model, key, now + LATER), Wish::Nothing), "{key}");
    }
    assert!(matches!(press(&mut model, 'q', now + LATER), Wish::Quit));
}

/// Lost otherwise: who types a word into the pane where a question comes up has said yes.
#[test]
fn keys_that_were_being_typed_when_it_came_do_not_answer() {
    let begun = Instant::now();
    let mut model = showing(&[question(1)], begun);
    let mut now = begun;
    for key in "do loos and good food".chars().filter(|key| *key != ' ') {
        now += Duration::from_millis(200);
        assert!(answered(&press(&mut model, key, now)).is_none(), "{key}");
    }
    assert!(answered(&press(&mut model, 'o', now + QUIET)).is_some());
}

#[test]
fn the_key_that_answered_one_question_does_not_answer_the_next() {
    let now = Instant::now();
    let mut model = showing(&[question(1), question(2)], now);
    let first = now + LATER;
    assert_eq!(answered(&press(&mut model, 'o', first)), Some((1, Choice::Once)));
    assert!(answered(&press(&mut model, 'o', first + Duration::from_millis(50))).is_none());
    let second = first + LATER;
    assert_eq!(answered(&press(&mut model, 'd', second)), Some((2, Choice::Deny)));
    assert!(answered(&press(&mut model, 'd', second + LATER)).is_none());
}

#[test]
fn a_question_that_is_chosen_is_the_one_that_is_answered() {
    let now = Instant::now();
    let mut model = showing(&[question(1), question(2), question(3)], now);
    for key in ['j', 'j', 'j', 'k'] {
        press(&mut model, key, now + LATER);
    }
    let chosen = now + LATER;
    // Another goes and one comes meanwhile.
    model.told(state(&[question(2), question(3), question(4)]), chosen);
    model.scroll(1, 10);
    assert_eq!(answered(&press(&mut model, 'o', chosen + LATER)), Some((2, Choice::Once)));
}

#[test]
fn one_that_has_just_come_is_not_answered_however_it_was_chosen() {
    let now = Instant::now();
    let mut model = showing(&[question(1)], now);
    let came = now + LATER;
    model.told(state(&[question(1), question(2)]), came);
    press(&mut model, 'j', came);
    assert!(answered(&press(&mut model, 'o', came + Duration::from_millis(100))).is_none());
    assert!(answered(&press(&mut model, 'o', came + LATER)).is_some());
}

/// Lost otherwise: a long name moves "forwarded" out of sight, and somebody says yes to the rest.
#[test]
fn yes_is_said_to_what_was_seen_to_its_end() {
    let now = Instant::now();
    let mut model = Model::new(now);
    model.told(state(&[question(1)]), now);
    model.scroll(10, 4);
    let key = |code| KeyEvent::new(code, KeyModifiers::NONE);
    let wish = model.pressed(key(KeyCode::Char('o')), now + LATER);
    assert!(answered(&wish).is_none());
    assert!(model.note().unwrap().contains("see it whole"));
    for _ in 0..2 {
        model.pressed(key(KeyCode::PageDown), now + LATER);
        model.scroll(10, 4);
    }
    let wish = model.pressed(key(KeyCode::Char('o')), now + LATER);
    assert!(answered(&wish).is_some());
    let mut model = Model::new(now);
    model.told(state(&[question(1)]), now);
    model.scroll(10, 4);
    let wish = model.pressed(key(KeyCode::Char('d')), now + LATER);
    assert!(answered(&wish).is_some(), "no can be said at once");
}

#[test]
fn what_was_said_of_one_question_goes_with_it() {
    let now = Instant::now();
    let unread = || {
        let mut model = Model::new(now);
        model.told(state(&[question(1), question(2)]), now);
        model.scroll(10, 4);
        let yes = KeyEvent::new(KeyCode::Char('o'), KeyModifiers::NONE);
        assert!(answered(&model.pressed(yes, now + LATER)).is_none());
        assert!(model.note().unwrap().contains("see it whole"));
        model
    };
    let mut model = unread();
    model.told(state(&[question(1)]), now + LATER);
    assert!(model.note().is_some(), "it is there still");
    model.told(state(&[]), now + LATER);
    assert_eq!(model.note(), None);
    let mut model = unread();
    press(&mut model, 'j', now + LATER);
    assert_eq!(model.note(), None, "another one is looked at");
    // What is about none stays.
    let mut model = showing(&[question(1)], now);
    model.answered(Answered::Gone);
    model.told(state(&[]), now + LATER);
    assert_eq!(model.note(), Some("That question is gone."));
}

#[test]
fn without_the_right_and_to_ones_own_children_nothing_is_answered() {
    let now = Instant::now();
    let mut model = Model::new(now);
    model.told(State { right: false, ..state(&[question(1)]) }, now);
    assert!(answered(&press(&mut model, 'o', now + LATER)).is_none());
    assert!(model.note().unwrap().contains("press c"));
    let own = Question { answerable: false, ..question(1) };
    let mut model = showing(&[own], now);
    assert!(answered(&press(&mut model, 'o', now + LATER)).is_none());
    assert!(model.note().unwrap().contains("started from here"));
}

#[test]
fn the_right_is_claimed_with_a_passphrase_that_answers_no_question() {
    let now = Instant::now();
    let mut model = Model::new(now);
    let locked = State { right: false, by_passphrase: true, ..state(&[]) };
    model.told(locked.clone(), now);
    assert!(matches!(press(&mut model, 'c', now), Wish::Nothing));
    assert!(matches!(model.mode(), Mode::Passphrase(_)));
    // One comes up while it is typed.
    model.told(State { questions: vec![question(1)], ..locked }, now);
    for key in "dosq ?".chars() {
        assert!(matches!(press(&mut model, key, now + LATER), Wish::Nothing), "{key}");
    }
    model.pasted(Zeroizing::new("paste\n".to_owned()));
    let done = model.pressed(KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE), now + LATER);
    let Wish::Claim(passphrase) = done else { panic!("nothing is claimed") };
    assert_eq!(*passphrase, *b"dosq ?paste");
    model.claimed(Claimed::WrongPassphrase);
    assert!(model.note().unwrap().contains("not the key store's"));
}

#[test]
fn where_there_is_no_store_somebody_is_asked_elsewhere() {
    let now = Instant::now();
    let mut model = Model::new(now);
    model.told(State { right: false, ..state(&[]) }, now);
    let Wish::Claim(passphrase) = press(&mut model, 'c', now) else { panic!() };
    assert!(passphrase.is_empty());
}

#[test]
fn text_that_is_pasted_answers_nothing() {
    let now = Instant::now();
    let mut model = showing(&[question(1)], now);
    let _ = model.pasted(Zeroizing::new("o".to_owned()));
    assert_eq!(model.waiting().count(), 1);
    assert!(model.sent.is_empty());
}

#[test]
fn with_the_agent_go_its_questions_and_the_right() {
    let now = Instant::now();
    let mut model = showing(&[question(1)], now);
    model.gone("closed \x1b[2J");
    assert!(!model.is_connected() && model.selected().is_none());
    assert!(!model.why_gone().unwrap().contains('\x1b'));
    assert!(answered(&press(&mut model, 'o', now + LATER)).is_none());
    model.told(State { right: false, ..state(&[question(1)]) }, now + LATER);
    assert!(model.is_connected() && !model.state().right);
}

#[test]
fn an_answer_that_was_not_taken_leaves_the_question_there() {
    let now = Instant::now();
    let mut model = showing(&[question(1)], now);
    assert!(answered(&press(&mut model, 'o', now + LATER)).is_some());
    assert_eq!(model.waiting().count(), 0);
    model.answered(Answered::NoRight);
    assert_eq!(model.waiting().count(), 1);
}
