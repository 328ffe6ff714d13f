//! The journal, and files for their owner alone.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;

use tracing::Subscriber;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Logs to the journal from now on.
pub(super) fn start_journal<S>(subscriber: S) -> io::Result<()>
where
    S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
{
    // A second start would be a mistake of ours; the first log goes on.
    let _ = subscriber.with(tracing_journald::layer()?).try_init();
    Ok(())
}

/// For a file that is added to.
pub(super) fn growing() -> OpenOptions {
    let mut options = File::options();
    options.append(true).create(true).mode(0o600);
    options
}
