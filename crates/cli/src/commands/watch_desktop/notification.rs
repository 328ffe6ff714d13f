//! Shows notifications, each in a task of its own: a desktop that hangs must not keep the machine
//! from sleeping.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use keyfob_daemon::desktop::Event;
use notify_rust::Notification;
use tokio::time::timeout;

/// How long the desktop may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is shown.
#[derive(Debug, Default)]
pub(super) struct Notifications {
    /// Whether the agent was told that it does not work.
    told: Arc<AtomicBool>,
}

impl Notifications {
    /// Shows this text. It is the summary, which no desktop takes for markup; a body may be.
    pub(super) fn show(&mut self, text: String) {
        let told = Arc::clone(&self.told);
        tokio::spawn(async move {
            let mut notification = Notification::new();
            notification.appname("keyfob").summary(&text).icon("dialog-password");
            let shown = timeout(PATIENCE, notification.show_async()).await;
            let problem = match shown {
                Ok(Ok(_)) => return,
                Ok(Err(error)) => error.to_string(),
                Err(_) => "the desktop does not answer".to_owned(),
            };
            if !told.swap(true, Ordering::Relaxed) {
                super::say(&Event::Problem(format!("notifications cannot be shown: {problem}")));
            }
        });
    }
}
