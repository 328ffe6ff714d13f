//! Of Linux, by what logind says on the system bus; notifications go by the session's.

#[path = "logind.rs"]
mod logind;
#[path = "notification.rs"]
mod notification;
#[path = "sessions.rs"]
mod sessions;

use keyfob_daemon::desktop::{Event, Order, Wishes};
use tokio::sync::mpsc;

use super::{read_orders, say};
use crate::exit::Exit;
use logind::Logind;
use notification::Notifications;

/// Orders that were read and not carried out.
const WAITING: usize = 16;

pub(super) fn run(wishes: Wishes) -> Exit {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            say(&Event::Nothing(error.to_string()));
            return Exit::Failure;
        }
    };
    let exit = runtime.block_on(watch(wishes));
    // A notification nobody answers for must not keep us.
    runtime.shutdown_background();
    exit
}

async fn watch(wishes: Wishes) -> Exit {
    let mut orders = orders();
    let mut notifications = Notifications::default();
    let wants_logind = wishes.suspend || wishes.screen || wishes.logout;
    let logind = match wants_logind {
        true => Logind::connect(wishes).await.map(Some),
        false => Ok(None),
    };
    let logind = match logind {
        Ok(logind) => logind,
        Err(error) if !wishes.notify => {
            say(&Event::Nothing(error.to_string()));
            return Exit::Failure;
        }
        Err(error) => {
            say(&Event::Problem(format!("sleep, screen and session are not watched: {error}")));
            None
        }
    };
    let delay = logind.as_ref().map(Logind::delay);
    let watching = async {
        match logind {
            Some(logind) => logind.watch().await,
            None => std::future::pending().await,
        }
    };
    tokio::pin!(watching);
    say(&Event::Ready);
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                None => return Exit::Success,
                Some(Order::Locked) => {
                    if let Some(delay) = &delay {
                        delay.release();
                    }
                }
                Some(Order::Notify(text)) => notifications.show(text),
            },
            // Never an end that was wished for: the next helper looks again.
            error = &mut watching => {
                say(&Event::Problem(format!("logind cannot be heard any more: {error}")));
                return Exit::Failure;
            }
        }
    }
}

/// What the agent orders.
fn orders() -> mpsc::Receiver<Order> {
    let (tell, orders) = mpsc::channel(WAITING);
    read_orders(move |order| tell.blocking_send(order).is_ok());
    orders
}
