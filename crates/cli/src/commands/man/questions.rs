//! What the manual page of `keyfob agent` says of the questions the agent asks.

use super::sections::Section;

pub(super) const SECTION: Section = Section {
    title: "QUESTIONS",
    entries: &[
        (
            "When",
            "A key that was added with -c (or whose rules in the key store say confirm) is not used before a person allows it; any key where a rule for hosts wants that. Where the question goes is the setting ask.ways, how long it waits confirm-timeout, see keyfob-config(5). No answer is a no.",
        ),
        (
            "once",
            "Allows this signature, and those that others of the same requester wait for at the same time with the same question. Asking programs know only this and no.",
        ),
        (
            "this session",
            "Allows the same until the session of processes ends that the requester belongs to: a terminal window, a pane, a service. The same is this key, this use of it (the account at the host that proved its key; signatures in this namespace) and this program.",
        ),
        ("for a while", "The same for as long as ask.allow-for says."),
        (
            "What is asked each time",
            "What nobody can read, a login whose host is not proved, what a rule for hosts wants confirmed, and what comes over a forwarded agent unless ask.remember-forwarded is set.",
        ),
        (
            "What ends it",
            "Whatever locks or empties the agent; for one key, its removal, replacement and end. ssh-add -c anew is a way to be asked again.",
        ),
        (
            "no, again and again",
            "After more than ask.pause-after denials within a minute the requester is refused without a question for ask.pause; what comes over a forwarded agent is counted for the host it is forwarded to. keyfob why says so.",
        ),
    ],
};
