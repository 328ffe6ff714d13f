//! A running ssh-agent, and how to talk to it.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use keyfob_keys::wire::Put;

use super::Bench;

/// Ended with the test.
pub(crate) struct Agent(Child);

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) fn start(bench: &Bench) -> (Agent, UnixStream) {
    let socket = bench.path("socket");
    let command =
        Command::new("ssh-agent").arg("-D").arg("-a").arg(&socket).stdout(Stdio::null()).spawn();
    let agent = Agent(command.unwrap());
    for _ in 0..100 {
        if let Ok(stream) = UnixStream::connect(&socket) {
            return (agent, stream);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    unreachable!("ssh-agent listens within five seconds");
}

pub(crate) fn request(stream: &mut UnixStream, body: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    frame.put_string(body);
    stream.write_all(&frame).unwrap();
    receive(stream)
}

pub(crate) fn receive(stream: &mut UnixStream) -> Vec<u8> {
    let mut length = [0; 4];
    stream.read_exact(&mut length).unwrap();
    let mut body = vec![0; u32::from_be_bytes(length) as usize];
    stream.read_exact(&mut body).unwrap();
    body
}
