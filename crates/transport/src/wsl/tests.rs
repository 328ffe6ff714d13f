#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::io::{Read as _, Write as _};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use super::*;

const PATIENCE: Duration = Duration::from_secs(20);

/// The socket, or nothing where the system has none: Wine.
fn bound(path: &Path) -> Option<Listener> {
    match bind(path) {
        Ok(listener) => Some(listener),
        Err(SocketError::Unsupported) if cfg!(windows) => {
            assert!(!path.exists() && !path.parent().unwrap().exists(), "nothing is left of it");
            None
        }
        Err(error) => panic!("{error:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_served_and_its_process_known() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keyfob").join("agent.sock");
    let Some(listener) = bound(&path) else { return };
    let asking = std::thread::spawn(move || {
        let mut client = unconnected().unwrap();
        client.connect(&SockAddr::unix(&path).unwrap()).unwrap();
        client.write_all(b"ask").unwrap();
        let mut reply = [0; 3];
        client.read_exact(&mut reply).unwrap();
        reply
    });
    let (mut stream, process) = timeout(PATIENCE, listener.accept()).await.unwrap().unwrap();
    assert_eq!(process, Some(std::process::id()));
    let mut request = [0; 3];
    stream.read_exact(&mut request).await.unwrap();
    stream.write_all(&request).await.unwrap();
    assert_eq!(asking.join().unwrap(), *b"ask");
}

/// Lost otherwise: one client, and then nobody; or a socket of the wrong kind, which Wine would not show.
#[tokio::test(flavor = "multi_thread")]
async fn a_listener_waits_for_each_client_anew() {
    let folder = tempfile::tempdir().unwrap();
    // Of the kind that every system has.
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let address = socket.local_addr().unwrap();
    let listener = Listener::new(folder.path().join("no file"), socket).unwrap();
    for round in 0..3_u8 {
        let early = timeout(Duration::from_millis(50), listener.accept()).await;
        assert!(early.is_err(), "nobody connected: {early:?}");
        let mut client = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        client.connect(&address).unwrap();
        client.write_all(&[round]).unwrap();
        let (mut stream, _) = timeout(PATIENCE, listener.accept()).await.unwrap().unwrap();
        assert_eq!(stream.read_u8().await.unwrap(), round);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_leads_nowhere_is_replaced_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keyfob").join("agent.sock");
    let Some(first) = bound(&path) else { return };
    assert!(matches!(bind(&path), Err(SocketError::Live { .. })));
    tidy(&path);
    assert!(fs::symlink_metadata(&path).is_ok(), "somebody listens there");
    drop(first);
    assert!(fs::symlink_metadata(&path).is_err(), "it goes with its listener");
    left_behind(&path);
    let second = bind(&path).unwrap();
    drop(second);
    left_behind(&path);
    tidy(&path);
    assert!(!path.parent().unwrap().exists(), "nor does the folder stay");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    keep_others_out(path.parent().unwrap());
    fs::write(&path, "text of mine").unwrap();
    assert!(matches!(bind(&path), Err(SocketError::NoSocket { .. })));
    tidy(&path);
    assert_eq!(fs::read_to_string(&path).unwrap(), "text of mine");
}

/// As an agent leaves it that was killed.
fn left_behind(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let socket = unconnected().unwrap();
    socket.bind(&SockAddr::unix(path).unwrap()).unwrap();
}

fn keep_others_out(folder: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
    }
    #[cfg(windows)]
    let _ = folder;
}

/// Lost otherwise: every account of the machine asks this agent.
#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_others_may_enter_gets_no_socket() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let path = folder.path().join("agent.sock");
    let error = bind(&path).unwrap_err();
    assert!(matches!(error, SocketError::Open { .. }), "{error:?}");
    assert!(!path.exists());
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_is_said() {
    let folder = tempfile::tempdir().unwrap();
    match bind(&folder.path().join("long".repeat(40))) {
        Err(SocketError::Create { source, .. }) => {
            assert_eq!(source.kind(), io::ErrorKind::InvalidInput);
        }
        Err(SocketError::Unsupported) if cfg!(windows) => {}
        other => panic!("{other:?}"),
    }
}

/// Lost otherwise: what no test of ours says as OpenSSH says it.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn ssh_add_asks_by_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keyfob").join("agent.sock");
    let listener = bind(&path).unwrap();
    let asking = std::thread::spawn(move || {
        std::process::Command::new("ssh-add").arg("-l").env("SSH_AUTH_SOCK", path).output()
    });
    let (mut stream, _) = timeout(PATIENCE, listener.accept()).await.unwrap().unwrap();
    let mut request = [0; 5];
    stream.read_exact(&mut request).await.unwrap();
    assert_eq!(request, [0, 0, 0, 1, 11], "SSH_AGENTC_REQUEST_IDENTITIES");
    stream.write_all(&[0, 0, 0, 5, 12, 0, 0, 0, 0]).await.unwrap();
    drop(stream);
    let said = asking.join().unwrap().unwrap();
    assert_eq!(String::from_utf8_lossy(&said.stdout).trim(), "The agent has no identities.");
}
