//! Signals.

use keyfob_sys::os_handle::Owned;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

use super::{Event, gone, watch};
use crate::Error;
use crate::options::{Ended, Signals};

/// Everything that ends the agent or empties it.
pub(crate) struct Ends {
    signals: Signals,
    terminate: Signal,
    hangup: Signal,
    interrupt: Signal,
    drop_keys: Signal,
    until: Option<oneshot::Receiver<()>>,
}

impl Ends {
    pub(crate) fn new(signals: Signals, until: Option<Owned>) -> Result<Self, Error> {
        Ok(Self {
            signals,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            drop_keys: signal(SignalKind::user_defined1())?,
            until: until.map(watch).transpose()?,
        })
    }

    pub(crate) async fn next(&mut self) -> Event {
        let by_manager = self.signals.activated;
        loop {
            tokio::select! {
                _ = self.terminate.recv() => {
                    return Event::End(if by_manager { Ended::ByManager } else { Ended::BySignal });
                }
                _ = self.hangup.recv() => {
                    if self.signals.hangup_reloads {
                        return Event::ReadSettings;
                    }
                    return Event::End(Ended::BySignal);
                }
                _ = self.interrupt.recv() => {
                    // A daemon ignores the Ctrl-C that was meant for the shell.
                    if self.signals.interrupt_ends {
                        return Event::End(Ended::BySignal);
                    }
                }
                _ = self.drop_keys.recv() => return Event::DropKeys,
                () = gone(self.until.as_mut()) => return Event::End(Ended::WithParent),
            }
        }
    }
}
