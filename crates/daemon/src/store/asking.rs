//! One question for the store's passphrase, however many requests wait for the answer.
//!
//! It is put in a task of its own, so that the client which came first may leave without taking the
//! question from the others; when the last of them has left, the dialog is closed.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError, Weak};

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
}

impl Questions {
    /// Waits for the answer to the question that is open, or opens it.
    pub(crate) async fn ask<F>(&self, question: impl FnOnce() -> F) -> Result<(), Refused>
    where
        F: Future<Output = Result<(), Refused>> + Send + 'static,
    {
        let waiting = self.join(question);
        let mut outcome = watch::Receiver::clone(&waiting);
        let answered = outcome.wait_for(Option::is_some).await;
        // A question that ended without an answer is one that failed.
        answered.ok().and_then(|outcome| *outcome).unwrap_or(Err(SignRefusal::CannotAsk))
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
        tokio::spawn(async move {
            tokio::select! {
                result = asked => {
                    let _ = tell.send(Some(result));
                }
                // Nobody waits any more.
                () = tell.closed() => {}
            }
        });
        let waiting = Arc::new(outcome);
        *open = Arc::downgrade(&waiting);
        waiting
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use tokio::sync::oneshot;
    use tokio::time::{sleep, timeout};

    use super::*;

    #[tokio::test]
    async fn many_who_wait_are_one_question_and_all_get_its_answer() {
        let questions = Arc::new(Questions::default());
        let asked = Arc::new(AtomicUsize::new(0));
        let waiting: Vec<_> = (0..20)
            .map(|_| {
                let (questions, asked) = (Arc::clone(&questions), Arc::clone(&asked));
                tokio::spawn(async move {
                    questions
                        .ask(|| async move {
                            asked.fetch_add(1, Ordering::SeqCst);
                            sleep(Duration::from_millis(50)).await;
                            Err(SignRefusal::Denied)
                        })
                        .await
                })
            })
            .collect();
        for task in waiting {
            assert_eq!(task.await.unwrap(), Err(SignRefusal::Denied));
        }
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        let again = questions.ask(|| async { Ok(()) }).await;
        assert_eq!(
            again,
            Ok(()),
            "an answer that was given is not the answer to the next question"
        );
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
                    .ask(|| async move {
                        let _open = open;
                        std::future::pending().await
                    })
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
