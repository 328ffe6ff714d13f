//! When two processes are the same requester, for whom an answer is remembered: the same program in
//! the same session of processes.
//!
//! Told from facts of the kernel, read at each request (I2), and by no name a process gives itself.
//! Another process of the same user in the same session can start the same program: it is the
//! person's session that was allowed something, for this key and this use.

use keyfob_sys::os_text::OsStrExt as _;

use keyfob_agent::{Aim, Destination, Print, RequesterId};
use keyfob_sys::peer;

use crate::peer::Peer;
use crate::requester::Requester;

/// Who asks, to tell them from others; not every one of them can be remembered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Who {
    /// Good beyond this one process.
    Known(RequesterId),
    /// A process, by its number and its start.
    Process(u32, u64),
    /// Somebody we cannot see: nobody can say who else is the same.
    Unseen,
}

/// Whom denials are counted for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Suspect {
    /// A requester on this machine.
    Here(Who),
    /// The host the agent is forwarded to. The process here is the same for all that comes from
    /// there, and what lies behind the host may call itself what it likes.
    Host(Print),
}

impl Who {
    /// Who asks in the request at hand.
    pub(crate) fn asks(peer: &Peer, destination: &Destination) -> Self {
        let requester = peer.requester();
        if let Some(id) = id(&requester, destination) {
            return Self::Known(id);
        }
        match requester.chain.first() {
            Some(process) => Self::Process(process.pid, process.start_time),
            None => Self::Unseen,
        }
    }

    /// For whom an answer can be remembered, if for anybody.
    pub(crate) fn id(&self) -> Option<&RequesterId> {
        match self {
            Self::Known(id) => Some(id),
            Self::Process(..) | Self::Unseen => None,
        }
    }
}

impl Suspect {
    /// Who is behind a request for this.
    pub(crate) fn behind(who: Who, destination: &Destination) -> Self {
        match destination.via.first() {
            Some(host) => Self::Host(Print::of(&host.key)),
            None => Self::Here(who),
        }
    }
}

/// `None` when it is not seen, or what is seen is not who asks.
fn id(requester: &Requester, destination: &Destination) -> Option<RequesterId> {
    // In other namespaces the same names are other programs; who asked a shared ssh is not seen.
    if !requester.sees_what_we_see() || requester.is_shared() {
        return None;
    }
    // An ssh itself only ever logs in: before it could bind, it passed on what came from beyond.
    let logs_in = matches!(destination.aim, Aim::Login(_));
    if requester.is_ssh() && !logs_in && !destination.remote {
        return None;
    }
    let process = requester.chain.first()?;
    let program = process.program.as_ref()?;
    let status = peer::status(process.pid).ok()?;
    // The number of a session is given to nobody else while one of its processes lives; but its
    // leader may have ended, and then nobody can say since when it is.
    let leader = peer::status(status.session).ok()?;
    if status.start_time != process.start_time
        || leader.session != status.session
        || leader.has_ended
        || leader.start_time > status.start_time
    {
        return None;
    }
    let mut bytes = Vec::new();
    bytes.extend(status.session.to_be_bytes());
    bytes.extend(leader.start_time.to_be_bytes());
    bytes.extend(program.as_os_str().as_bytes());
    Some(RequesterId::new(&bytes))
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::io::{BufRead as _, BufReader};
    use std::process::{Command, Stdio};
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use rustix::process::{Pid, Signal, kill_process};

    use super::*;
    use crate::ended::Ended;

    /// A session of its own, with a leader that lives until it is left: whoever runs the tests may
    /// have none.
    struct Session {
        leader: Ended,
        programs: Vec<u32>,
    }

    impl Session {
        /// Of a shell that starts these commands.
        fn of(commands: &[&str]) -> Self {
            let script: String =
                commands.iter().map(|command| format!("{command} >&2 & echo $!; ")).collect();
            let mut shell = Command::new("/usr/bin/setsid");
            shell.args(["/bin/sh", "-c", &format!("{script} read x")]);
            let shell = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
            let mut leader = Ended(shell);
            let said = BufReader::new(leader.0.stdout.take().unwrap());
            let pids = said.lines().take(commands.len()).map(|line| line.unwrap().parse().unwrap());
            let programs: Vec<u32> = pids.collect();
            let shell = peer::executable(leader.0.id()).unwrap();
            for pid in &programs {
                until(|| peer::executable(*pid).is_ok_and(|runs| runs != shell));
            }
            Self { leader, programs }
        }

        fn id(&self, program: usize, aim: Aim) -> Option<RequesterId> {
            let pid = self.programs[program];
            let requester = Requester::read(Some(pid), peer::start_time(pid).ok());
            id(&requester, &Destination { aim, via: Arc::default(), remote: false })
        }

        /// The leader ends, and nobody has waited for it yet.
        fn leave(&mut self) {
            drop(self.leader.0.stdin.take());
        }
    }

    impl Drop for Session {
        fn drop(&mut self) {
            for pid in &self.programs {
                let pid = Pid::from_raw(i32::try_from(*pid).unwrap()).unwrap();
                let _ = kill_process(pid, Signal::KILL);
            }
        }
    }

    fn until(reached: impl Fn() -> bool) {
        let limit = Instant::now() + Duration::from_secs(10);
        while !reached() {
            assert!(Instant::now() < limit, "not within 10 s");
        }
    }

    fn signature() -> Aim {
        Aim::Signature { namespace: b"git"[..].into() }
    }

    #[test]
    fn the_same_program_in_the_same_session_is_the_same_requester() {
        let session = Session::of(&["sleep 30", "sleep 31", "tail -f /dev/null"]);
        let known = session.id(0, signature());
        assert!(known.is_some());
        assert_eq!(known, session.id(1, signature()));
        assert_ne!(known, session.id(2, signature()));
        assert!(session.id(2, signature()).is_some());
    }

    #[test]
    fn the_same_program_in_another_session_is_another_requester() {
        let (here, there) = (Session::of(&["sleep 30"]), Session::of(&["sleep 30"]));
        let (known, beyond) = (here.id(0, signature()), there.id(0, signature()));
        assert!(beyond.is_some());
        assert_ne!(known, beyond);
    }

    /// Lost otherwise: what a server asks for over an old ssh is taken for a wish from here.
    #[test]
    fn an_ssh_that_wants_more_than_a_login_is_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let ssh = folder.path().join("ssh");
        std::fs::copy("/bin/sleep", &ssh).unwrap();
        let session = Session::of(&[&format!("{} 30", ssh.display())]);
        assert_eq!(session.id(0, signature()), None);
        let login = keyfob_agent::Login { user: b"me"[..].into(), host: None };
        assert!(session.id(0, Aim::Login(login)).is_some());
        // An update of its package: the file is gone, the connection is not.
        std::fs::remove_file(ssh).unwrap();
        assert_eq!(session.id(0, signature()), None);
    }

    /// Lost otherwise: what was allowed in a session outlives it, in what was left running there.
    #[test]
    fn in_a_session_whose_leader_has_ended_nobody_is_known() {
        let mut session = Session::of(&["sleep 30"]);
        assert!(session.id(0, signature()).is_some());
        session.leave();
        until(|| session.id(0, signature()).is_none());
    }

    #[test]
    fn who_is_not_seen_is_nobody() {
        let unseen = Requester::read(None, None);
        let destination = Destination { aim: signature(), via: Arc::default(), remote: false };
        assert_eq!(id(&unseen, &destination), None);
    }
}
