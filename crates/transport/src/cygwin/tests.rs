#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::io::{Read as _, Write as _};
use std::os::windows::fs::MetadataExt as _;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{sleep, timeout};

use super::handshake::with_server;
use super::*;

fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_the_file_is_served_and_who_does_not_hears_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep").join("agent.sock");
    let listener = bind(&path).unwrap();
    assert_ne!(fs::metadata(&path).unwrap().file_attributes() & 4, 0, "Cygwin wants it so");
    let named = read(&path).unwrap().unwrap();
    let asking = tokio::task::spawn_blocking(move || {
        let mut stranger = connect(named.port);
        stranger.write_all(&[0; 28]).unwrap();
        // Closed or reset, and nothing before that.
        assert!(!matches!(stranger.read(&mut [0]), Ok(1..)));
        let mut silent = connect(named.port);
        let mut client = connect(named.port);
        let answer = with_server(&mut client, &named.secret).unwrap();
        assert_eq!(answer[..4], std::process::id().to_le_bytes());
        client.write_all(b"ask").unwrap();
        let mut reply = [0; 3];
        client.read_exact(&mut reply).unwrap();
        silent.write_all(b"x").unwrap();
        reply
    });
    let (mut stream, credentials) = listener.accept().await.unwrap();
    assert!(credentials.pid.is_none_or(|pid| pid == std::process::id()), "{credentials:?}");
    let mut request = [0; 3];
    stream.read_exact(&mut request).await.unwrap();
    stream.write_all(&request).await.unwrap();
    assert_eq!(asking.await.unwrap(), *b"ask");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_leads_nowhere_is_replaced_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("agent.sock");
    let first = bind(&path).unwrap();
    assert!(matches!(bind(&path), Err(SocketError::Live { .. })));
    let left = fs::read(&path).unwrap();
    let named = read(&path).unwrap().unwrap();
    drop(first);
    assert!(!path.exists(), "it goes with its socket");
    // The runtime closes the port when it comes to it.
    timeout(Duration::from_secs(20), async {
        while is_live(&named) {
            sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .unwrap();
    fs::write(&path, &left).unwrap();
    tidy(&path);
    assert!(!path.exists(), "nor does one that was left behind");
    fs::create_dir_all(folder.path()).unwrap();
    fs::write(&path, left).unwrap();
    drop(bind(&path).unwrap());
    for other in ["", "text of mine", "!<socket >12 s 1-2-3-4", "!<socket >12 d 0-0-0-0"] {
        fs::write(&path, other).unwrap();
        assert!(matches!(bind(&path), Err(SocketError::NoSocket { .. })), "{other:?}");
        tidy(&path);
        assert_eq!(fs::read_to_string(&path).unwrap(), other);
    }
}

#[test]
fn the_file_is_the_one_cygwin_writes() {
    let named = parse("!<socket >1234 s 00010203-04050607-08090A0B-0C0D0E0F").unwrap();
    assert_eq!(named.port, 1234);
    assert_eq!(*named.secret.text(), "00010203-04050607-08090A0B-0C0D0E0F");
}
