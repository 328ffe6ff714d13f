//! Keeps the helper going, locks on what it says, hands it what is to be shown.

use std::future::pending;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use keyfob_agent::LockCause;
use tokio::time::{sleep, sleep_until};

use super::notices::Notices;
use super::running::Running;
use super::{Event, Order, Wishes};
use crate::driver::Driver;
use crate::remembering;

/// After a helper that died the next one waits so long, …
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// … twice as long after each further one, and never longer than this …
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// … unless one has lived so long.
const GOOD_LIFE: Duration = Duration::from_secs(60);

/// Why there is no helper any more.
enum End {
    /// Something else is wanted.
    RulesChanged,
    /// There is nothing to listen to.
    Nothing(String),
    /// It could not be started, died, or did not behave.
    Died(String),
}

/// Runs as long as the agent.
pub(crate) async fn watch(driver: Arc<Driver>) {
    let mut pause = FIRST_PAUSE;
    let mut was_ready = false;
    let mut said = String::new();
    loop {
        let wishes = driver.rules().desktop;
        if wishes.is_none() {
            driver.desktop().rules_changed.notified().await;
            continue;
        }
        let begun = Instant::now();
        let end = live(&driver, wishes, &mut was_ready).await;
        if begun.elapsed() >= GOOD_LIFE {
            (pause, said) = (FIRST_PAUSE, String::new());
        }
        let (reason, comes_back) = match end {
            End::RulesChanged => {
                pause = FIRST_PAUSE;
                continue;
            }
            // Where there was a bus there will be one again.
            End::Nothing(reason) => (reason, was_ready),
            End::Died(reason) => (reason, true),
        };
        // Once is enough: the next ones are likely to end for the same reason.
        if said != reason {
            tracing::warn!("sleep, screen and session are not watched: {reason}");
            said = reason;
        }
        let again = async { if comes_back { sleep(pause).await } else { pending().await } };
        tokio::select! {
            () = again => pause = (pause * 2).min(LONGEST_PAUSE),
            () = driver.desktop().rules_changed.notified() => pause = FIRST_PAUSE,
        }
    }
}

/// One helper, from its start to its end.
async fn live(driver: &Driver, wishes: Wishes, was_ready: &mut bool) -> End {
    let mut running = match Running::start(driver.helper().programs(), wishes).await {
        Ok(running) => running,
        Err(error) => return End::Died(format!("the helper cannot be started: {error}")),
    };
    match listen(driver, &mut running, wishes, was_ready).await {
        Ok(end) => end,
        Err(error) => {
            let words = match error.kind() {
                io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => "the helper ended",
                io::ErrorKind::InvalidData => "the helper said what no helper says",
                io::ErrorKind::TimedOut => "the helper does not listen",
                _ => "the helper cannot be heard",
            };
            End::Died(format!("{words}: {}", running.end().await))
        }
    }
}

async fn listen(
    driver: &Driver,
    running: &mut Running,
    wishes: Wishes,
    was_ready: &mut bool,
) -> io::Result<End> {
    let desktop = driver.desktop();
    // Only this task takes them.
    let mut waiting = desktop.waiting.lock().await;
    // What waited for another helper is no news any more.
    while waiting.try_recv().is_ok() {}
    let mut notices = Notices::default();
    loop {
        let due = notices.due();
        let text = tokio::select! {
            event = running.event() => {
                match event? {
                    Event::Ready => *was_ready = true,
                    Event::Nothing(reason) => return Ok(End::Nothing(reason)),
                    Event::Problem(text) => tracing::warn!("on the desktop: {text}"),
                    Event::Sleep => {
                        lock(driver, LockCause::Sleep);
                        running.tell(&Order::Locked).await?;
                    }
                    // Timers stood still, lifetimes did not.
                    Event::Resume => driver.look_at_the_time(),
                    Event::ScreenLocked => lock(driver, LockCause::Screen),
                    Event::SessionEnded => lock(driver, LockCause::SessionEnd),
                }
                None
            }
            Some(text) = waiting.recv() => notices.take(text, Instant::now()),
            () = until(due) => notices.summary(Instant::now()),
            () = desktop.rules_changed.notified() => {
                if driver.rules().desktop != wishes {
                    return Ok(End::RulesChanged);
                }
                None
            }
        };
        if let Some(text) = text {
            running.tell(&Order::Notify(text)).await?;
        }
    }
}

/// What was learned of hosts is kept first: a moment later there is nothing to seal it under. All
/// that may take a moment: others go on meanwhile.
fn lock(driver: &Driver, cause: LockCause) {
    tokio::task::block_in_place(|| {
        remembering::save_now(driver.store(), driver.agent());
        driver.lock_because(cause);
    });
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment.into()).await,
        None => pending().await,
    }
}
