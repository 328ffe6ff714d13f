//! One question for a passphrase, however many requests wait for the answer.
//!
//! It is put in a task of its own, so that the client which came first may leave without taking the
//! question from the others; when the last of them has left, the dialog is closed.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use keyfob_agent::SignRefusal;
use tokio::sync::watch;

/// Why the store stays locked.
pub(crate) type Refused = SignRefusal;

/// What came of a question; none yet.
type Outcome = Option<Result<(), Refused>>;

/// The question that is open, if one is.
#[derive(Default)]
pub(crate) struct Questions {
    /// Dropped with the last request that waits for it.
    open: Mutex<Weak<watch::Receiver<Outcome>>>,
    /// When the last one came to nothing.
    failed: Arc<Mutex<Option<Instant>>>,
}

impl Questions {
    /// Whether a question would be a new one, within this time after one that came to nothing.
    pub(crate) fn pauses(&self, pause: Duration) -> bool {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner).upgrade();
        let failed = *self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        !open.is_some_and(|waiting| waiting.borrow().is_none())
            && failed.is_some_and(|failed| failed.elapsed() < pause)
    }

    /// Waits for the answer to the question that is open, or opens it. One that ended without an
    /// answer has failed, for this reason.
    pub(crate) async fn ask<F>(
        &self,
        question: impl FnOnce() -> F,
        no_end: Refused,
    ) -> Result<(), Refused>
    where
        F: Future<Output = Result<(), Refused>> + Send + 'static,
    {
        let waiting = self.join(question);
        let mut outcome = watch::Receiver::clone(&waiting);
        let answered = outcome.wait_for(Option::is_some).await;
        answered.ok().and_then(|outcome| outcome.clone()).unwrap_or(Err(no_end))
    }

    fn join<F>(&self, question: impl FnOnce() -> F) -> Arc<watch::Receiver<Outcome>>
    where
        F: Future<Output = Result<(), Refused>> + Send + 'static,
    {
        // A panic while this was held leaves one question, or none.
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(waiting) = open.upgrade()
            && waiting.borrow().is_none()
        {
            return waiting;
        }
        let (tell, outcome) = watch::channel(None);
        let asked = question();
        let failed = Arc::clone(&self.failed);
        tokio::spawn(async move {
            let result = tokio::select! {
                result = asked => Some(result),
                // Nobody waits any more.
                () = tell.closed() => None,
            };
            let in_vain = !matches!(result, Some(Ok(())));
            *failed.lock().unwrap_or_else(PoisonError::into_inner) = in_vain.then(Instant::now);
            let _ = tell.send(result);
        });
        let waiting = Arc::new(outcome);
        *open = Arc::downgrade(&waiting);
        waiting
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::oneshot;
    use tokio::time::{sleep, timeout};

    use super::*;

    const NO_END: SignRefusal = SignRefusal::Failed;

    #[tokio::test]
    async fn many_who_wait_are_one_question_and_all_get_its_answer() {
        let questions = Arc::new(Questions::default());
        let asked = Arc::new(AtomicUsize::new(0));
        let waiting: Vec<_> = (0..20)
            .map(|_| {
                let (questions, asked) = (Arc::clone(&questions), Arc::clone(&asked));
                tokio::spawn(async move {
                    questions
                        .ask(
                            || async move {
                                asked.fetch_add(1, Ordering::SeqCst);
                                sleep(Duration::from_millis(50)).await;
                                Err(SignRefusal::Denied)
                            },
                            NO_END,
                        )
                        .await
                })
            })
            .collect();
        for task in waiting {
            assert_eq!(task.await.unwrap(), Err(SignRefusal::Denied));
        }
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        let again = questions.ask(|| async { Ok(()) }, NO_END).await;
        assert_eq!(
            again,
            Ok(()),
            "an answer that was given is not the answer to the next question"
        );
    }

    /// Lost otherwise: a server behind a forwarded agent opens dialog after dialog, until somebody
    /// gives in.
    #[tokio::test]
    async fn after_a_question_that_came_to_nothing_there_is_a_pause() {
        const LONG: Duration = Duration::from_secs(60);
        let questions = Questions::default();
        assert!(!questions.pauses(LONG), "nobody was asked yet");
        let refused = questions.ask(|| async { Err(SignRefusal::Denied) }, NO_END).await;
        assert_eq!(refused, Err(SignRefusal::Denied));
        assert!(questions.pauses(LONG));
        assert!(!questions.pauses(Duration::ZERO), "it ends");
        assert_eq!(questions.ask(|| async { Ok(()) }, NO_END).await, Ok(()));
        assert!(!questions.pauses(LONG), "it was answered");
        // Who opens a question and leaves, again and again, makes as many of them.
        let left = questions.ask(std::future::pending::<Result<(), Refused>>, NO_END);
        assert!(timeout(Duration::from_millis(20), left).await.is_err());
        timeout(Duration::from_secs(5), async {
            while !questions.pauses(LONG) {
                sleep(Duration::from_millis(5)).await;
            }
        })
        .await
        .unwrap();
        // One that is open may be waited for.
        let open = questions.ask(std::future::pending::<Result<(), Refused>>, NO_END);
        let looking = async {
            sleep(Duration::from_millis(20)).await;
            questions.pauses(LONG)
        };
        tokio::select! {
            _ = open => panic!("nobody answers"),
            pauses = looking => assert!(!pauses),
        }
    }

    #[tokio::test]
    async fn the_question_stays_when_the_first_leaves_and_goes_with_the_last() {
        struct Open(Option<oneshot::Sender<()>>);
        impl Drop for Open {
            fn drop(&mut self) {
                let _ = self.0.take().map(|closed| closed.send(()));
            }
        }
        let questions = Arc::new(Questions::default());
        let (closed, mut is_closed) = oneshot::channel();
        let open = Open(Some(closed));
        let ask = |open: Option<Open>| {
            let questions = Arc::clone(&questions);
            tokio::spawn(async move {
                questions
                    .ask(
                        || async move {
                            let _open = open;
                            std::future::pending().await
                        },
                        NO_END,
                    )
                    .await
            })
        };
        let first = ask(Some(open));
        sleep(Duration::from_millis(20)).await;
        let second = ask(None);
        sleep(Duration::from_millis(20)).await;
        first.abort();
        sleep(Duration::from_millis(20)).await;
        assert!(is_closed.try_recv().is_err(), "it was closed while somebody waits");
        second.abort();
        timeout(Duration::from_secs(5), is_closed).await.expect("it stays open").unwrap();
    }
}
