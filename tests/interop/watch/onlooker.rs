//! A client that looks on by bare messages, as a hostile one would.

use std::time::Duration;

use keyfob_protocol::watch::{Answered, Choice, Claimed, Question, QuestionId, State};
use keyfob_protocol::{Extension, Reply, Request, WatchReply, WatchRequest};
use keyfob_testkit::{RawClient, RunningAgent};

/// One connection.
pub(super) struct Onlooker {
    client: RawClient,
}

impl Onlooker {
    pub(super) fn new(agent: &RunningAgent) -> Self {
        Self { client: agent.client() }
    }

    #[track_caller]
    pub(super) fn state(&mut self) -> State {
        match self.asks(WatchRequest::Next(0)) {
            WatchReply::State(state) => state,
            other => panic!("{other:?}"),
        }
    }

    /// The one question that waits.
    #[track_caller]
    pub(super) fn question(&mut self) -> Question {
        let mut state = self.state();
        assert_eq!(state.questions.len(), 1, "{state:?}");
        state.questions.remove(0)
    }

    #[track_caller]
    pub(super) fn claims(&mut self, passphrase: &[u8]) -> Claimed {
        match self.asks(WatchRequest::Claim(passphrase)) {
            WatchReply::Claimed(claimed) => claimed,
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    pub(super) fn answers(&mut self, id: QuestionId, choice: Choice) -> Answered {
        match self.asks(WatchRequest::Answer { id, choice }) {
            WatchReply::Answered(answered) => answered,
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    fn asks(&mut self, request: WatchRequest<'_>) -> WatchReply {
        self.sends(request);
        self.receives()
    }

    pub(super) fn sends(&mut self, request: WatchRequest<'_>) {
        let frame = Request::Extension(Extension::Watch(request)).encode().unwrap();
        self.client.send(&frame);
    }

    #[track_caller]
    pub(super) fn is_silent_for(&mut self, time: Duration) {
        self.client.is_silent_for(time);
    }

    #[track_caller]
    pub(super) fn receives(&mut self) -> WatchReply {
        let reply = self.client.reply().expect("a reply");
        match Reply::decode(reply.body()).unwrap() {
            Reply::Watch(reply) => *reply,
            other => panic!("{other:?}"),
        }
    }
}
