//! Where the agent's log goes: stderr, the journal or a file.
//!
//! Only the agent logs; commands speak through `output`. What is logged is
//! decided where it happens, and no request or answer is ever part of it.

mod spool;
#[cfg_attr(unix, path = "logging/unix.rs")]
#[cfg_attr(windows, path = "logging/windows.rs")]
mod system;

use std::fs::File;
use std::io;
use std::path::Path;

use keyfob_config::settings::{AgentSettings, LogLevel, LogTarget};
use tracing::Level;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

pub(super) use spool::Spool;

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// The journal does not answer.
    #[error("cannot log to the journal")]
    Journal(#[source] io::Error),
    /// The file cannot be written.
    #[error("cannot log to {path}")]
    File {
        /// The file.
        path: String,
        /// The system's answer.
        source: io::Error,
    },
}

/// Starts logging in this process, once. `debug` is `-d`: everything, to stderr, and each line before
/// what follows it, however the agent ends. Otherwise what comes back is to be told when it serves.
pub(super) fn start(settings: &AgentSettings, debug: bool) -> Result<Option<Spool>, Error> {
    let level = if debug { LevelFilter::from(Level::TRACE) } else { filter(settings.log_level) };
    let registry = tracing_subscriber::registry().with(level);
    let layer = tracing_subscriber::fmt::layer();
    // A second start would be a mistake of ours; the first log goes on.
    let spool = match &settings.log {
        LogTarget::Journald if !debug => {
            system::start_journal(registry).map_err(Error::Journal)?;
            return Ok(None);
        }
        LogTarget::File(path) if !debug => {
            let spool = Spool::new(open(path)?);
            let _ = registry.with(layer.with_ansi(false).with_writer(spool.clone())).try_init();
            spool
        }
        _ => {
            let colour =
                anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never;
            let spool = Spool::new(io::stderr());
            let _ = registry.with(layer.with_ansi(colour).with_writer(spool.clone())).try_init();
            spool
        }
    };
    Ok((!debug).then_some(spool))
}

/// Appended to, for the owner only from the first moment: it tells which key
/// was used when and by whom.
fn open(path: &Path) -> Result<File, Error> {
    let opened = system::growing().open(path);
    opened.map_err(|source| Error::File { path: path.display().to_string(), source })
}

fn filter(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    }
}
