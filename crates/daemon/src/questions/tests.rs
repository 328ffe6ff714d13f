use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use keyfob_agent::{Agent, Moment, Now, Policy, Session, Step};
use keyfob_keys::PrivateKey;
use keyfob_keys::wire::Put as _;
use keyfob_protocol::{AddIdentity, Constraints, Request, SignRequest};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::*;

const NOW: Now = Now { moment: Moment(Duration::from_secs(1)), unix: 1 };
const ALL: Offered = Offered { session: true, for_a_while: Some(Duration::from_secs(60)) };
const SOON: Duration = Duration::from_secs(5);

/// What questions about this data are about, all by the same agent.
fn subjects(data: &[&[u8]]) -> Vec<Subject> {
    let agent = Agent::new(Policy::default()).unwrap();
    let mut session = Session::new();
    let key = PrivateKey::ed25519_from_seed(&[1; 32]);
    let public = key.public().clone();
    let constraints = Constraints { confirm: true, ..Constraints::default() };
    let add = AddIdentity { key, comment: b"key".to_vec(), constraints };
    let frame = Request::Add(Box::new(add)).encode().unwrap();
    let _ = agent.handle(&mut session, &frame[4..], NOW);
    let subject = |data: &&[u8]| {
        let sign = SignRequest { key: public.blob(), data, flags: 0 };
        let frame = Request::Sign(sign).encode().unwrap();
        match agent.handle(&mut session, &frame[4..], NOW) {
            Step::Ask(_, pending) => pending.subject(),
            _ => panic!("not asked"),
        }
    };
    data.iter().map(subject).collect()
}

fn signature(digest: u8) -> Vec<u8> {
    let mut data = b"SSHSIG".to_vec();
    for field in [&b"git"[..], b"", b"sha512", &[digest; 64]] {
        data.put_string(field);
    }
    data
}

fn same(who: Who) -> Same {
    Same { subject: subjects(&[b"data"]).remove(0), who }
}

fn me() -> Who {
    Who::Process(1, 2)
}

fn caller() -> Caller {
    Caller { process: Some(1), ancestry: Ancestry::of(None).into() }
}

/// Asks a question that nobody answers where it is put, and counts that it was.
fn asked(
    questions: &Arc<Questions>,
    same: &Same,
    count: &Arc<AtomicUsize>,
    outcome: Option<Outcome>,
) -> JoinHandle<Answer> {
    let (questions, same, count) = (Arc::clone(questions), same.clone(), Arc::clone(count));
    tokio::spawn(async move {
        let open = |place: Place| {
            let (count, outcome) = (Arc::clone(&count), outcome.clone());
            let asked = async move {
                count.fetch_add(1, Ordering::SeqCst);
                place.show(Shown { text: "may it?".into(), offered: ALL, since: 1 });
                sleep(Duration::from_millis(50)).await;
                match outcome {
                    Some(outcome) => outcome,
                    None => std::future::pending().await,
                }
            };
            Asking { asked, ended: |_: Option<&Outcome>| {} }
        };
        questions.ask(&same, &caller(), open).await
    })
}

async fn until(what: impl Fn() -> bool) {
    timeout(SOON, async {
        while !what() {
            sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("it never happened");
}

#[test]
fn what_nobody_can_read_is_the_same_only_when_it_is_the_same_data() {
    let (one, other) = (signature(1), signature(2));
    let subjects = subjects(&[b"one", b"other", b"one", &one, &other]);
    assert_ne!(subjects[0], subjects[1]);
    assert_eq!(subjects[0], subjects[2]);
    assert_eq!(subjects[3], subjects[4], "two commits");
}

#[tokio::test]
async fn many_requests_that_ask_the_same_are_one_question() {
    let (questions, count, same) = (Arc::default(), Arc::default(), same(me()));
    let no = || Some(Outcome::Answered(Answer::No));
    let waiting: Vec<_> = (0..50).map(|_| asked(&questions, &same, &count, no())).collect();
    for one in waiting {
        assert_eq!(one.await.unwrap(), Answer::No);
    }
    assert_eq!(count.load(Ordering::SeqCst), 1);
    // An answer that was given is not the answer to the next question.
    asked(&questions, &same, &count, no()).await.unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 2);
    assert!(questions.open().is_empty());
}

#[tokio::test]
async fn another_requester_is_another_question_and_who_is_not_seen_is_always_another() {
    let (questions, count) = (Arc::default(), Arc::default());
    let subject = same(me()).subject;
    let kinds = [me(), Who::Process(1, 3), Who::Unseen, Who::Unseen];
    let waiting: Vec<_> = kinds
        .into_iter()
        .map(|who| asked(&questions, &Same { subject: subject.clone(), who }, &count, None))
        .collect();
    until(|| questions.open().len() == 4).await;
    waiting.iter().for_each(JoinHandle::abort);
}

#[tokio::test]
async fn a_question_stays_when_the_first_leaves_and_goes_with_the_last() {
    let (questions, count, same) = (Arc::default(), Arc::default(), same(me()));
    let first = asked(&questions, &same, &count, None);
    until(|| questions.open().len() == 1).await;
    let second = asked(&questions, &same, &count, None);
    sleep(Duration::from_millis(20)).await;
    first.abort();
    sleep(Duration::from_millis(50)).await;
    assert_eq!(questions.open().len(), 1, "it was closed while somebody waits");
    second.abort();
    until(|| questions.open().is_empty()).await;
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_answer_from_elsewhere_counts_if_it_was_offered() {
    let told = Changes::default();
    let (questions, count) = (Arc::new(Questions::new(told.clone())), Arc::default());
    let mut changes = told.subscribe();
    let waiting = asked(&questions, &same(me()), &count, None);
    timeout(SOON, changes.changed()).await.unwrap().unwrap();
    let Standing { id, shown, askers } = questions.open().remove(0);
    assert_eq!(&*shown.text, "may it?");
    assert_eq!(askers, [caller().ancestry]);
    assert_eq!(questions.answer(QuestionId(77), Choice::Once, |_| true), Taken::Gone);
    assert_eq!(questions.answer(id, Choice::Once, |_| false), Taken::Refused);
    assert_eq!(questions.answer(id, Choice::Session, |_| true), Taken::Yes);
    assert_eq!(questions.answer(id, Choice::Deny, |_| true), Taken::Gone, "it was answered");
    assert_eq!(waiting.await.unwrap(), Answer::Allowed(Scope::Session));
    timeout(SOON, changes.changed()).await.unwrap().unwrap();
    let once = Offered::default();
    assert_eq!(meant(Choice::Session, once), Answer::No);
    assert_eq!(meant(Choice::ForAWhile, once), Answer::No);
    assert_eq!(meant(Choice::Once, once), Answer::Allowed(Scope::Once));
}

/// Lost otherwise: a program asks the same as one that may be answered, in the moment in which it is.
#[tokio::test]
async fn who_comes_after_the_answer_from_elsewhere_is_asked_about_anew() {
    let (questions, count, same) = (Arc::<Questions>::default(), Arc::default(), same(me()));
    let first = asked(&questions, &same, &count, None);
    until(|| questions.open().len() == 1).await;
    let id = questions.open()[0].id;
    assert_eq!(questions.answer(id, Choice::Once, |_| true), Taken::Yes);
    // In the same moment: the task of the question has not heard of its answer yet.
    let opened = AtomicUsize::new(0);
    let open = |_: Place| {
        opened.fetch_add(1, Ordering::SeqCst);
        Asking { asked: std::future::pending(), ended: |_: Option<&Outcome>| {} }
    };
    let caller = caller();
    let second = questions.ask(&same, &caller, open);
    tokio::pin!(second);
    tokio::select! {
        biased;
        _ = &mut second => panic!("it was answered for another"),
        () = std::future::ready(()) => {}
    }
    assert_eq!(opened.load(Ordering::SeqCst), 1);
    assert_eq!(first.await.unwrap(), Answer::Allowed(Scope::Once));
}

#[tokio::test]
async fn all_who_have_asked_it_are_known_also_those_who_left() {
    let (questions, count, same) = (Arc::<Questions>::default(), Arc::default(), same(me()));
    let _first = asked(&questions, &same, &count, None);
    until(|| questions.open().len() == 1).await;
    let pid = std::process::id();
    let started = keyfob_sys::peer::start_time(pid).unwrap();
    let mine = Arc::new(Ancestry::of(Some((pid, started))));
    let other = Caller { process: Some(pid), ancestry: Arc::clone(&mine) };
    let open = |_: Place| -> Asking<std::future::Pending<Outcome>, fn(Option<&Outcome>)> {
        panic!("it is open")
    };
    let joined = questions.ask(&same, &other, open);
    assert!(timeout(Duration::from_millis(20), joined).await.is_err());
    assert_eq!(questions.open()[0].askers, [caller().ancestry, mine]);
}

/// Lost otherwise: who ends the first of many logins refuses all of them.
#[tokio::test]
async fn when_the_terminal_of_the_first_is_gone_the_others_are_asked_about_anew() {
    let (questions, count, same) = (Arc::default(), Arc::default(), same(me()));
    let first = asked(&questions, &same, &count, Some(Outcome::Left));
    until(|| questions.open().len() == 1).await;
    let second = asked(&questions, &same, &count, Some(Outcome::Answered(Answer::No)));
    assert!(matches!(first.await.unwrap(), Answer::CannotAsk(_)));
    assert_eq!(second.await.unwrap(), Answer::No);
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

/// Lost otherwise: one process fills the screen.
#[tokio::test]
async fn a_process_has_a_few_questions_and_no_more() {
    let (questions, count) = (Arc::default(), Arc::default());
    let subject = same(me()).subject;
    let open = |n| {
        let who = Who::Process(1, n);
        asked(&questions, &Same { subject: subject.clone(), who }, &count, None)
    };
    let many = u64::try_from(QUESTIONS_OF_A_PROCESS).unwrap();
    let waiting: Vec<_> = (0..many).map(open).collect();
    until(|| questions.open().len() == QUESTIONS_OF_A_PROCESS).await;
    let one_more = open(many);
    let refused = Answer::CannotAsk("too many questions are waiting".into());
    assert_eq!(timeout(SOON, one_more).await.unwrap().unwrap(), refused);
    waiting.iter().for_each(JoinHandle::abort);
    until(|| questions.open().is_empty()).await;
}
