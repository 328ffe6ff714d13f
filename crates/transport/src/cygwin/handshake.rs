//! What both sides say before the first request: the secret, then who they are.

use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use zeroize::Zeroizing;

/// Sixteen bytes, as four numbers in the file.
#[derive(Clone)]
pub(super) struct Secret(Zeroizing<[u8; 16]>);

/// Says nothing of it.
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// A fresh one.
    pub(super) fn new() -> io::Result<Self> {
        let mut bytes = Zeroizing::new([0; 16]);
        getrandom::fill(&mut *bytes).map_err(io::Error::other)?;
        Ok(Self(bytes))
    }

    /// As it stands in the file: `XXXXXXXX-XXXXXXXX-XXXXXXXX-XXXXXXXX`. In capitals, as
    /// Cygwin writes it: who reads it may know no others (`ssh2` of node does not).
    pub(super) fn text(&self) -> Zeroizing<String> {
        let numbers = self.0.chunks_exact(4).map(|four| {
            let four = four.try_into().unwrap_or_default();
            format!("{:08X}", u32::from_le_bytes(four))
        });
        Zeroizing::new(numbers.collect::<Vec<_>>().join("-"))
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; 16]);
        let mut numbers = text.split('-');
        for four in bytes.chunks_exact_mut(4) {
            let digits = numbers.next().filter(|digits| digits.len() == 8)?;
            four.copy_from_slice(&u32::from_str_radix(digits, 16).ok()?.to_le_bytes());
        }
        numbers.next().is_none().then_some(Self(bytes))
    }

    /// In the same time whatever differs.
    fn is(&self, other: &[u8; 16]) -> bool {
        let differs = self.0.iter().zip(other).fold(0, |all, (one, other)| all | (one ^ other));
        std::hint::black_box(differs) == 0
    }
}

/// The server's side. Nothing is said to who does not know the secret.
pub(super) async fn with_client(stream: &mut TcpStream, secret: &Secret) -> io::Result<()> {
    let mut said = Zeroizing::new([0; 16]);
    stream.read_exact(&mut *said).await?;
    if !secret.is(&said) {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    stream.write_all(&*secret.0).await?;
    // Process, user and group, by the client's own word: of no use to us. It gets its user and group
    // back, which it will take for ours.
    let mut identity = [0; 12];
    stream.read_exact(&mut identity).await?;
    identity[..4].copy_from_slice(&std::process::id().to_le_bytes());
    stream.write_all(&identity).await
}

/// The client's side, as Cygwin has it.
#[cfg(test)]
pub(super) fn with_server(
    stream: &mut std::net::TcpStream,
    secret: &Secret,
) -> io::Result<[u8; 12]> {
    use std::io::{Read as _, Write as _};
    stream.write_all(&*secret.0)?;
    let mut heard = [0; 16];
    stream.read_exact(&mut heard)?;
    assert!(secret.is(&heard), "another listens there");
    let identity = [7, 0, 0, 0, 8, 0, 0, 0, 9, 0, 0, 0];
    stream.write_all(&identity)?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer)?;
    Ok(answer)
}
