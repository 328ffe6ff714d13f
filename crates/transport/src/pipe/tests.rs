#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::windows::named_pipe::ClientOptions;
use tokio::time::timeout;

use super::*;
use crate::client::Error;
use crate::{Client, REPLY_MAX};

const SOON: Duration = Duration::from_secs(20);

/// Each test's own.
fn name(of: &str) -> PathBuf {
    format!("{PREFIX}keyfob-test-{of}-{}", std::process::id()).into()
}

fn frame(body: &[u8]) -> Vec<u8> {
    [&u32::try_from(body.len()).unwrap().to_be_bytes(), body].concat()
}

/// Answers every frame of a connection with the same frame.
async fn echo(stream: Stream) {
    let (mut reading, mut writing) = stream.split();
    loop {
        let Ok(length) = reading.read_u32().await else { return };
        let mut body = vec![0; length as usize];
        reading.read_exact(&mut body).await.unwrap();
        writing.write_all(&frame(&body)).await.unwrap();
    }
}

async fn serve(listener: crate::Listener) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        tokio::spawn(echo(stream));
    }
}

async fn asked(path: &Path, body: Vec<u8>) -> Vec<u8> {
    let path = path.to_owned();
    let asking = tokio::task::spawn_blocking(move || {
        let mut client = Client::connect(&path).unwrap();
        client.request(&frame(&body)).unwrap().to_vec()
    });
    timeout(SOON, asking).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_of_all_lengths_are_carried_both_ways() {
    let path = name("lengths");
    tokio::spawn(serve(bind(&path).unwrap()));
    for length in [0, 1, 4095, 4096, 4097, REPLY_MAX] {
        let body: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
        assert_eq!(asked(&path, body.clone()).await, body, "{length}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_clients_at_once_are_all_served() {
    let path = name("fifty");
    tokio::spawn(serve(bind(&path).unwrap()));
    let clients: Vec<_> = (0..50_u8)
        .map(|number| {
            let path = path.clone();
            tokio::spawn(async move { asked(&path, vec![number; 10_000]).await })
        })
        .collect();
    for (number, client) in (0..50_u8).zip(clients) {
        assert_eq!(client.await.unwrap(), vec![number; 10_000]);
    }
}

/// Lost otherwise: who asks, in the dialog and in the log.
#[tokio::test]
async fn the_client_is_known_by_its_process_and_its_program() {
    let path = name("who");
    let listener = bind(&path).unwrap();
    let _client = ClientOptions::new().open(&path).unwrap();
    let (stream, peer) = timeout(SOON, listener.accept()).await.unwrap().unwrap();
    assert_eq!(peer.pid, Some(std::process::id()));
    assert_eq!(peer.uid, keyfob_sys::user::effective_uid());
    assert_eq!(stream.credentials(), peer);
    let program = peer::executable(std::process::id()).unwrap();
    assert_eq!(program.file_name(), std::env::current_exe().unwrap().file_name());
}

/// W1: two agents at one name would answer in turn.
#[tokio::test]
async fn w1_a_second_agent_learns_who_has_the_name() {
    let path = name("contest");
    assert_eq!(owner(&path), None, "nobody has it yet");
    let first = bind(&path).unwrap();
    // Two of them: a look must not use up the instance that waits for a client.
    for _ in 0..2 {
        let refused = bind(&path).unwrap_err();
        let BindError::Live { owner: Some(owner), .. } = &refused else {
            panic!("{refused:?}");
        };
        assert_eq!(owner.pid, std::process::id());
        let words = refused.to_string();
        assert!(words.contains(&format!("process {} (", std::process::id())), "{words}");
        timeout(SOON, first.accept()).await.unwrap().unwrap();
    }
    drop(first);
    // The runtime lets go of it on its next turn.
    while let Err(error) = bind(&path) {
        assert!(matches!(error, BindError::Live { .. }), "{error:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn an_accept_that_is_dropped_loses_no_connection() {
    let path = name("dropped");
    let listener = bind(&path).unwrap();
    for _ in 0..20 {
        let _ = timeout(Duration::from_millis(1), listener.accept()).await;
    }
    let mut client = ClientOptions::new().open(&path).unwrap();
    client.write_all(b"x").await.unwrap();
    let (mut stream, _) = timeout(SOON, listener.accept()).await.unwrap().unwrap();
    assert_eq!(stream.read_u8().await.unwrap(), b'x');
}

#[tokio::test]
async fn a_client_that_hangs_up_is_an_end_and_no_error() {
    let path = name("hangs-up");
    let listener = bind(&path).unwrap();
    let client = ClientOptions::new().open(&path).unwrap();
    let (mut stream, _) = timeout(SOON, listener.accept()).await.unwrap().unwrap();
    drop(client);
    assert_eq!(stream.read(&mut [0; 8]).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_was_sent_before_the_agent_hung_up_is_still_read() {
    let path = name("last-words");
    let listener = bind(&path).unwrap();
    let asking = tokio::task::spawn_blocking({
        let path = path.clone();
        move || {
            let mut client = Client::connect(&path).unwrap();
            (client.request(&frame(b"?")).map(|reply| reply.to_vec()), client.request(&frame(b"?")))
        }
    });
    let (mut stream, _) = timeout(SOON, listener.accept()).await.unwrap().unwrap();
    stream.read_exact(&mut [0; 5]).await.unwrap();
    stream.write_all(&frame(b"\x05")).await.unwrap();
    drop(stream);
    let (first, second) = timeout(SOON, asking).await.unwrap().unwrap();
    assert_eq!(first.unwrap(), b"\x05");
    assert!(matches!(second, Err(Error::Closed)), "{second:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_agent_is_given_up_on_when_a_limit_was_set() {
    let path = name("silent");
    let listener = bind(&path).unwrap();
    let asking = tokio::task::spawn_blocking({
        let path = path.clone();
        move || {
            let allowed = Duration::from_millis(200);
            let mut client = Client::connect_within(&path, Some(allowed)).unwrap();
            let begun = Instant::now();
            (client.request(&frame(b"?")), begun.elapsed())
        }
    });
    let (_stream, _) = timeout(SOON, listener.accept()).await.unwrap().unwrap();
    let (refused, took) = timeout(SOON, asking).await.unwrap().unwrap();
    assert!(matches!(refused, Err(Error::TimedOut { .. })), "{refused:?}");
    assert!(took >= Duration::from_millis(200), "{took:?}");
}

#[tokio::test]
async fn only_a_name_of_a_pipe_will_do() {
    for path in ["", "agent", r"\\.\pipe\", r"C:\agent", r"\\other\pipe\agent", r"\\.\pipe\a\b"] {
        assert!(matches!(bind(Path::new(path)), Err(BindError::NoPipe { .. })), "{path}");
    }
    let nobody = tokio::task::spawn_blocking(|| Client::connect(&name("nobody")));
    assert!(matches!(nobody.await.unwrap(), Err(Error::NotFound { .. })));
}
