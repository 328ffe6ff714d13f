//! Of Windows, by the messages it sends to a window nobody sees.

use std::cell::Cell;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use keyfob_daemon::desktop::{Event, Order, Wishes};
use keyfob_sys::windows::notification::Notifications;
use keyfob_sys::windows::session;

use super::{read_orders, say};
use crate::exit::Exit;

/// How long the machine is kept awake until all is locked: Windows gives a window two seconds.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Notifications that wait for the taskbar. The agent sends one a second.
const WAITING: usize = 4;

pub(super) fn run(wishes: Wishes) -> Exit {
    let (tell, orders) = mpsc::channel();
    let ready = move |notifications| {
        std::thread::spawn(move || obey(notifications, &tell));
        say(&Event::Ready);
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

/// Carries out what the agent orders, until it is gone. The window's thread waits for messages only, so the
/// process ends here.
fn obey(notifications: Notifications, locked: &mpsc::Sender<()>) {
    let (pass_on, told) = mpsc::channel();
    read_orders(move |order| pass_on.send(order).is_ok());
    let (show, texts) = mpsc::sync_channel(WAITING);
    // A taskbar that hangs must not keep the machine from sleeping.
    let showing = std::thread::spawn(move || show_all(notifications, &texts));
    for order in told {
        match order {
            Order::Locked => drop(locked.send(())),
            // Where so many wait already nobody sees them.
            Order::Notify(text) => drop(show.try_send(text)),
        }
    }
    drop(show);
    let end = Instant::now() + PATIENCE;
    while !showing.is_finished() && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(10));
    }
    std::process::exit(Exit::Success.code().into());
}

fn show_all(mut notifications: Notifications, texts: &mpsc::Receiver<String>) {
    let mut is_told = false;
    for text in texts {
        if let Err(error) = notifications.show(&text)
            && !is_told
        {
            is_told = true;
            say(&Event::Problem(format!("notifications cannot be shown: {error}")));
        }
    }
}
