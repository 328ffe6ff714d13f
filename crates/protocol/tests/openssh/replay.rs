//! Reads what was recorded, and writes it again.

use std::borrow::Cow;

use keyfob_protocol::{
    Extension, FrameBuffer, IdentitiesBuilder, Reply, Request, Response, number,
};

use crate::proxy::Exchange;

/// The bodies of one direction.
pub(crate) fn bodies(stream: &[u8]) -> Vec<Vec<u8>> {
    let mut buffer = FrameBuffer::new();
    let mut bodies = Vec::new();
    // In pieces that fit nothing, as a socket may give them.
    for piece in stream.chunks(1000) {
        assert_eq!(buffer.push(piece), piece.len());
        while let Some(body) = buffer.next_frame().unwrap() {
            bodies.push(body.to_vec());
        }
    }
    assert!(buffer.is_empty(), "the stream ends between two frames");
    bodies
}

/// All requests, in the order of their connections.
pub(crate) fn requests(recorded: &[Exchange]) -> Vec<Vec<u8>> {
    recorded.iter().flat_map(|exchange| bodies(&exchange.requests)).collect()
}

/// Every message is read, and comes out as it went in. Returns how many requests there were.
pub(crate) fn all_is_read_and_written_again(recorded: &[Exchange]) -> usize {
    let requests = requests(recorded);
    for body in &requests {
        let request = Request::decode(body).unwrap();
        let written = request.encode().unwrap();
        assert!(written[4..] == body[..], "{request:?} is written differently");
    }
    for exchange in recorded {
        for body in bodies(&exchange.replies) {
            let reply = Reply::decode(&body).unwrap();
            assert!(written_again(&reply)[4..] == body[..], "reply {} differs", body[0]);
        }
    }
    requests.len()
}

fn written_again(reply: &Reply) -> Vec<u8> {
    let response = match reply {
        Reply::Success => Response::Success,
        Reply::Failure => Response::Failure,
        Reply::ExtensionFailure => Response::ExtensionFailure,
        Reply::Signature(blob) => Response::Signature(blob.clone()),
        Reply::Identities(list) => {
            let mut listing = IdentitiesBuilder::new();
            assert!(list.iter().all(|one| listing.push(&one.key_blob, &one.comment)));
            Response::Identities(listing.finish())
        }
        other => panic!("{other:?}"),
    };
    match response.encode() {
        Cow::Owned(frame) => frame,
        Cow::Borrowed(frame) => frame.to_vec(),
    }
}

/// The requests with this number, read.
pub(crate) fn with_number(requests: &[Vec<u8>], number: u8) -> Vec<Request<'_>> {
    let these = requests.iter().filter(|body| body[0] == number);
    these.map(|body| Request::decode(body).unwrap()).collect()
}

/// The bindings of one connection.
pub(crate) fn bindings(requests: &[Vec<u8>]) -> Vec<keyfob_protocol::SessionBind<'_>> {
    with_number(requests, number::EXTENSION)
        .into_iter()
        .map(|request| match request {
            Request::Extension(Extension::SessionBind(bind)) => bind,
            other => panic!("{other:?}"),
        })
        .collect()
}
