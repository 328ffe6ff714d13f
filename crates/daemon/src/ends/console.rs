//! What a console, a logoff and a shutdown tell a program.

use keyfob_sys::os_handle::Owned;
use tokio::signal::windows::{
    CtrlBreak, CtrlC, CtrlClose, CtrlLogoff, CtrlShutdown, ctrl_break, ctrl_c, ctrl_close,
    ctrl_logoff, ctrl_shutdown,
};
use tokio::sync::oneshot;

use super::{Event, gone, watch};
use crate::Error;
use crate::options::{Ended, Signals};

/// Everything that ends the agent or empties it.
pub(crate) struct Ends {
    signals: Signals,
    interrupt: CtrlC,
    stop: CtrlBreak,
    close: CtrlClose,
    logoff: CtrlLogoff,
    shutdown: CtrlShutdown,
    until: Option<oneshot::Receiver<()>>,
}

impl Ends {
    pub(crate) fn new(signals: Signals, until: Option<Owned>) -> Result<Self, Error> {
        Ok(Self {
            signals,
            interrupt: ctrl_c()?,
            stop: ctrl_break()?,
            close: ctrl_close()?,
            logoff: ctrl_logoff()?,
            shutdown: ctrl_shutdown()?,
            until: until.map(watch).transpose()?,
        })
    }

    pub(crate) async fn next(&mut self) -> Event {
        loop {
            tokio::select! {
                _ = self.interrupt.recv() => {
                    // One in the background ignores the Ctrl-C that was meant for the shell.
                    if self.signals.interrupt_ends {
                        return Event::End(Ended::BySignal);
                    }
                }
                _ = self.stop.recv() => return Event::End(Ended::BySignal),
                _ = self.close.recv() => return Event::End(Ended::BySignal),
                _ = self.logoff.recv() => return Event::End(Ended::BySignal),
                _ = self.shutdown.recv() => return Event::End(Ended::BySignal),
                () = gone(self.until.as_mut()) => return Event::End(Ended::WithParent),
            }
        }
    }
}
