//! Keeps what the agent learned in the key store, sealed.
//!
//! Only while the store is open: then a change is written down a moment later, where no request
//! waits for it. While it is locked, and where there is none, the agent remembers all the same, as
//! long as it runs.

use std::sync::Arc;

use tokio::time::sleep;

use crate::clock;
use crate::driver::Driver;
use crate::limits::LEARNED_IS_KEPT_AFTER;
use crate::store::{KeyStore, in_words};

/// Saves what changes, for as long as the agent runs.
pub(crate) async fn keep(driver: Arc<Driver>) {
    loop {
        driver.learned().await;
        sleep(LEARNED_IS_KEPT_AFTER).await;
        save(&driver).await;
    }
}

/// Saves now what is not saved yet.
pub(crate) async fn save(driver: &Arc<Driver>) {
    let driver = Arc::clone(driver);
    let work = tokio::task::spawn_blocking(move || save_now(driver.store(), driver.agent()));
    // A panic in there loses no key and no request.
    let _ = work.await;
}

/// The same, for who may wait.
pub(crate) fn save_now(store: &KeyStore, agent: &keyfob_agent::Agent) {
    let Some(unlocked) = store.peek() else {
        return;
    };
    let Some((number, memory)) = agent.to_keep(clock::now()) else {
        return;
    };
    match unlocked.keep_memory(&memory) {
        Ok(()) => agent.kept(number, clock::now()),
        Err(error) => tracing::warn!(
            "which keys hosts took cannot be kept in the key store: {}",
            in_words(&error)
        ),
    }
}

/// Takes in what an open store has kept.
pub(crate) fn recall(unlocked: &keyfob_keystore::Unlocked, agent: &keyfob_agent::Agent) {
    match unlocked.memory() {
        Ok(None) => {}
        Ok(Some(memory)) => {
            if !agent.recall(&memory, clock::now()) {
                tracing::warn!("which keys hosts took was kept by a later version, or is damaged");
            }
        }
        // It is mended by the next change.
        Err(error) => tracing::warn!("which keys hosts took is not known: {}", in_words(&error)),
    }
}
