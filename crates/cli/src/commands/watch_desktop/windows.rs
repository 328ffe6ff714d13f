//! Of Windows, by the messages it sends to a window nobody sees.

use std::cell::Cell;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use keyfob_daemon::desktop::{Event, Order, Wishes};
use keyfob_sys::windows::session;

use super::{read_orders, say};
use crate::exit::Exit;

/// How long the machine is kept awake until all is locked: Windows gives a window two seconds.
const PATIENCE: Duration = Duration::from_millis(1500);

pub(super) fn run(wishes: Wishes) -> Exit {
    let (tell, orders) = mpsc::channel();
    std::thread::spawn(move || {
        let (pass_on, told) = mpsc::channel();
        read_orders(move |order| pass_on.send(order).is_ok());
        for order in told {
            // What is to be shown is shown by nothing here.
            if order == Order::Locked {
                let _ = tell.send(());
            }
        }
        // The agent is gone, and the window's thread waits for messages only.
        std::process::exit(Exit::Success.code().into());
    });
    let ready = move || {
        say(&Event::Ready);
        if wishes.notify {
            say(&Event::Problem("keyfob shows no notifications on Windows yet".to_owned()));
        }
    };
    let asleep = Cell::new(false);
    let tell = move |event| match event {
        session::Event::Locked if wishes.screen => say(&Event::ScreenLocked),
        session::Event::Ended if wishes.logout => say(&Event::SessionEnded),
        session::Event::Sleeps if wishes.suspend => {
            asleep.set(true);
            // An answer to an earlier one that came late is not the answer to this.
            while orders.try_recv().is_ok() {}
            say(&Event::Sleep);
            match orders.recv_timeout(PATIENCE) {
                Ok(()) | Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            }
        }
        session::Event::Awake if asleep.take() => say(&Event::Resume),
        _ => {}
    };
    if let Err(error) = session::watch(ready, tell) {
        say(&Event::Nothing(error.to_string()));
        return Exit::Failure;
    }
    Exit::Success
}
