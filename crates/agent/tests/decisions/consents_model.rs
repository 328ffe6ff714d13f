//! Whether a signature may be made, from everything that ever happened: slow, and written without a
//! look at how the agent does it. Nothing is kept but the history; each question is answered by
//! reading it from its beginning.

/// Where requests come from. Each has its own connection with its own proofs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// A program on this machine.
    Here,
    /// An `ssh` that logs in at host A,
    LoginAtA,
    /// at host B.
    LoginAtB,
    /// Behind the agent that is forwarded to host A,
    OverA,
    /// to host B.
    OverB,
    /// A login at host B, over host A.
    OverAToB,
    /// A connection whose binding was refused.
    Refused,
}

/// What is to be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Data {
    Git(u8),
    File,
    /// A login that names the host and the session of the connection.
    Login(User),
    /// The older one, which names no host.
    OldLogin(User),
    /// A login of another session.
    LoginElsewhere(User),
    Noise,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum User {
    Root,
    Git,
}

/// The settings there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rules {
    None,
    ConfirmAtA,
    RememberForwarded,
    OnlyKey1AtA,
    DenyFromA,
    AskFromAAndRemember,
    ConfirmRootAtA,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Yes {
    Once,
    Session,
    For(u8),
}

/// One request for a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) place: Place,
    pub(crate) key: u8,
    pub(crate) data: Data,
    /// Who asks; none is somebody nobody knows.
    pub(crate) who: Option<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    Added {
        key: u8,
        confirm: bool,
        only_at_a: bool,
        lifetime: Option<u8>,
    },
    Removed(u8),
    /// All keys went; a seal goes with them.
    Emptied,
    Sealed,
    Unsealed,
    Locked,
    Unlocked,
    /// It rests: nothing is locked, and what was allowed is over.
    Rested,
    Rules(Rules),
    /// A question; its number is that of this event.
    Asked(Wish),
    /// A person said yes to the question of this number, and it was signed.
    Allowed(usize, Yes),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Signs,
    Asks,
    Refuses,
}

/// What happened, and when.
#[derive(Debug, Default)]
pub(crate) struct History(Vec<(u64, Event)>);

impl History {
    pub(crate) fn add(&mut self, now: u64, event: Event) -> usize {
        self.0.push((now, event));
        self.0.len() - 1
    }

    pub(crate) fn is_locked(&self) -> bool {
        let last = |event| self.0.iter().rposition(|(_, one)| *one == event);
        last(Event::Locked) > last(Event::Unlocked)
    }

    pub(crate) fn is_sealed(&self) -> bool {
        let last = |event| self.0.iter().rposition(|(_, one)| *one == event);
        last(Event::Sealed) > last(Event::Unsealed).max(last(Event::Emptied))
    }

    /// Since which event the key is there as it is; none while it is not.
    pub(crate) fn there_since(&self, key: u8, now: u64) -> Option<usize> {
        let came =
            |(_, event): &(u64, Event)| matches!(event, Event::Added { key: k, .. } if *k == key);
        let at = self.0.iter().rposition(came)?;
        let goes =
            |(_, event): &(u64, Event)| *event == Event::Removed(key) || *event == Event::Emptied;
        let gone = self.0[at..].iter().any(goes);
        let (added, Event::Added { lifetime, .. }) = self.0[at] else { return None };
        let over = lifetime.is_some_and(|span| now >= added + u64::from(span));
        (!gone && !over).then_some(at)
    }

    /// To a request that comes now.
    pub(crate) fn to_request(&self, wish: Wish, now: u64) -> Verdict {
        let Some(since) = self.there_since(wish.key, now) else { return Verdict::Refuses };
        let Event::Added { confirm, .. } = self.0[since].1 else { return Verdict::Refuses };
        if self.is_locked() || self.is_sealed() || self.is_forbidden(wish, since) {
            return Verdict::Refuses;
        }
        let each_time = asks_each_time(self.rules(self.0.len()), wish);
        match (confirm || each_time) && !self.was_allowed(wish, since, now) {
            true => Verdict::Asks,
            false => Verdict::Signs,
        }
    }

    /// To a question of this number that a person says yes to now.
    pub(crate) fn to_yes(&self, question: usize, now: u64) -> Verdict {
        let Event::Asked(wish) = self.0[question].1 else { return Verdict::Refuses };
        let same = self.there_since(wish.key, now).filter(|since| *since < question);
        match same {
            Some(since) if !self.is_locked() && !self.is_sealed() => {
                if self.is_forbidden(wish, since) { Verdict::Refuses } else { Verdict::Signs }
            }
            _ => Verdict::Refuses,
        }
    }

    /// Whether a person's last lasting yes to just this counts still.
    fn was_allowed(&self, wish: Wish, since: usize, now: u64) -> bool {
        if !could_last(self.rules(self.0.len()), wish) || wish.who.is_none() {
            return false;
        }
        let yes = self.0.iter().enumerate().rev().find_map(|(at, (when, event))| {
            let Event::Allowed(question, yes) = *event else { return None };
            let Event::Asked(asked) = self.0[question].1 else { return None };
            let lasts = yes != Yes::Once
                && is_same_use(asked, wish)
                && could_last(self.rules(question), asked)
                && could_last(self.rules(at), asked)
                && question > since
                && !self.forgets_between(question, at);
            lasts.then_some((question, *when, yes))
        });
        let Some((question, when, yes)) = yes else { return false };
        let is_over = match yes {
            Yes::For(span) => now >= when + u64::from(span),
            _ => false,
        };
        !is_over && !self.forgets_between(question, self.0.len())
    }

    fn forgets_between(&self, from: usize, to: usize) -> bool {
        let forgets = |event: &Event| {
            matches!(event, Event::Sealed | Event::Locked | Event::Rested | Event::Emptied)
        };
        self.0[from..to].iter().any(|(_, event)| forgets(event))
    }

    /// The settings that counted before the event of this number.
    fn rules(&self, before: usize) -> Rules {
        let set = self.0[..before].iter().rev().find_map(|(_, event)| match event {
            Event::Rules(rules) => Some(*rules),
            _ => None,
        });
        set.unwrap_or(Rules::None)
    }

    fn is_forbidden(&self, wish: Wish, since: usize) -> bool {
        let Event::Added { only_at_a, .. } = self.0[since].1 else { return true };
        let by_key = only_at_a
            && !(wish.place == Place::LoginAtA
                && matches!(wish.data, Data::Login(_) | Data::OldLogin(_)));
        let by_rule = match self.rules(self.0.len()) {
            Rules::OnlyKey1AtA => wish.place == Place::LoginAtA && wish.key != 1,
            Rules::DenyFromA => {
                matches!(wish.place, Place::OverA | Place::OverAToB | Place::Refused)
            }
            _ => false,
        };
        by_key || by_rule
    }
}

fn asks_each_time(rules: Rules, wish: Wish) -> bool {
    let git = matches!(
        wish.data,
        Data::Login(User::Git) | Data::OldLogin(User::Git) | Data::LoginElsewhere(User::Git)
    );
    match rules {
        Rules::ConfirmAtA => wish.place == Place::LoginAtA,
        Rules::ConfirmRootAtA => wish.place == Place::LoginAtA && !git,
        Rules::AskFromAAndRemember => {
            matches!(wish.place, Place::OverA | Place::OverAToB | Place::Refused)
        }
        _ => false,
    }
}

/// Whether a yes may count for longer than once: what it is good for is known, no rule wants to be
/// asked, and it comes from here or the settings let it.
fn could_last(rules: Rules, wish: Wish) -> bool {
    let forwarded = matches!(rules, Rules::RememberForwarded | Rules::AskFromAAndRemember);
    let known = match (wish.place, wish.data) {
        (Place::Here, Data::Git(_) | Data::File) => true,
        (Place::LoginAtA | Place::LoginAtB, Data::Login(_) | Data::OldLogin(_)) => true,
        (Place::OverA | Place::OverB, Data::Git(_) | Data::File) => forwarded,
        (Place::OverAToB, Data::Login(_)) => forwarded,
        _ => false,
    };
    known && !asks_each_time(rules, wish)
}

fn is_same_use(one: Wish, other: Wish) -> bool {
    let purpose = |data| match data {
        Data::Git(_) => 1,
        Data::File => 2,
        Data::Login(User::Root) | Data::OldLogin(User::Root) => 3,
        Data::Login(User::Git) | Data::OldLogin(User::Git) => 4,
        _ => 5,
    };
    let of = |wish: Wish| (wish.place, wish.key, wish.who, purpose(wish.data));
    of(one) == of(other)
}
