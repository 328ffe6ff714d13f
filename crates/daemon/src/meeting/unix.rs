use keyfob_transport::{Stream, unix};
use tokio::net::UnixStream;

pub(crate) type Client = UnixStream;

/// Both ends.
pub(crate) async fn meet() -> (Client, Stream) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let listener = unix::bind(&path).unwrap();
    let client = UnixStream::connect(&path).await.unwrap();
    (client, listener.accept().await.unwrap().0)
}
