use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use keyfob_transport::{Stream, bind};
use tokio::net::windows::named_pipe::{ClientOptions, NamedPipeClient};

pub(crate) type Client = NamedPipeClient;

/// Both ends.
pub(crate) async fn meet() -> (Client, Stream) {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!(r"\\.\pipe\keyfob-daemon-{}-{number}", std::process::id());
    let listener = bind(Path::new(&name)).unwrap();
    let client = ClientOptions::new().open(&name).unwrap();
    (client, listener.accept().await.unwrap().0)
}
