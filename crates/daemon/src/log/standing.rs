//! Where the log stands, for who asks.

use std::sync::atomic::Ordering;

use keyfob_protocol::log::LogStatus;
use tokio::time::timeout;

use crate::driver::Driver;
use crate::limits::LOG_STANDING_WITHIN;

impl Driver {
    /// How the log is, once what was queued is written. A disk that hangs is not waited for longer
    /// than a moment.
    pub(crate) async fn log_status(&self) -> LogStatus {
        let rules = self.rules().log;
        let stand = timeout(LOG_STANDING_WITHIN, self.log().stand()).await.ok().flatten();
        let counts = self.log().counts();
        LogStatus {
            there: (rules.enabled || rules.required) && self.log().is_there(),
            queued: counts.queued.load(Ordering::Relaxed),
            lost: counts.lost.load(Ordering::Relaxed),
            ..stand.unwrap_or_default()
        }
    }
}

/// With a writer that waits for a disk which never answers.
#[cfg(test)]
mod tests {
    use std::time::Duration;

    use keyfob_agent::{Destination, KeyName, Record, Reply, Session};
    use keyfob_keys::PrivateKey;
    use keyfob_keys::signer::SignatureScheme;
    use keyfob_prompt::Surroundings;
    use keyfob_protocol::Response;
    use tokio::time::Instant;

    use super::*;
    use crate::log::{Log, LogRules};
    use crate::options::Rules;
    use crate::peer::Peer;

    fn driver(log: Log, required: bool) -> Driver {
        let log_rules = LogRules { required, ..LogRules::default() };
        let rules = Rules { log: log_rules, ..Rules::default() };
        Driver::with_patience(&Surroundings::default(), Duration::from_secs(9)).logging(rules, log)
    }

    /// What the agent answers to a request it has signed.
    async fn signed(driver: &Driver) -> Response {
        let public = PrivateKey::ed25519_from_seed(&[1; 32]).public().clone();
        let key = KeyName { public, comment: b"me@host".as_slice().into() };
        let data = vec![7; 500];
        let destination = Destination::of(&Session::new(), &data, key.public.blob()).into();
        let record = Record::Signed { key, scheme: SignatureScheme::Default, data, destination };
        let reply = Reply::with(Response::Signature(b"signature".to_vec()), record);
        driver.answers(reply, &Peer::ourselves()).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_signature_whose_line_is_not_written_in_five_seconds_stays_here_and_why_is_told() {
        let (log, _hangs) = Log::hanging();
        let driver = driver(log, true);
        let begun = Instant::now();
        assert_eq!(signed(&driver).await, Response::Failure);
        assert_eq!(begun.elapsed().as_secs(), 5);
        let told: Vec<_> = driver.refusals().all();
        assert_eq!(told.len(), 1);
        let words = String::from_utf8_lossy(&told[0].reason).into_owned();
        assert!(
            words.ends_with(": the log cannot be written") && words.contains("me@host"),
            "{words}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn where_the_log_is_not_required_a_signature_waits_for_nothing() {
        let (log, _hangs) = Log::hanging();
        let driver = driver(log, false);
        let begun = Instant::now();
        assert_eq!(signed(&driver).await, Response::Signature(b"signature".to_vec()));
        assert_eq!(begun.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_where_the_log_stands_waits_five_seconds_and_hears_what_is_queued() {
        let (log, _hangs) = Log::hanging();
        let driver = driver(log, false);
        signed(&driver).await;
        let begun = Instant::now();
        let status = driver.log_status().await;
        assert_eq!(begun.elapsed().as_secs(), 5);
        let expected = LogStatus { there: true, queued: 1, ..LogStatus::default() };
        assert_eq!(status, expected);
    }

    #[tokio::test(start_paused = true)]
    async fn the_agent_s_end_waits_for_its_last_line_for_two_seconds() {
        let (log, _hangs) = Log::hanging();
        let begun = Instant::now();
        driver(log, false).end_log().await;
        assert_eq!(begun.elapsed().as_secs(), 2);
    }
}
