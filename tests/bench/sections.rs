//! The parts of the report: what each row means, and which figures stand in its table.

/// One part.
pub(crate) struct Section {
    /// Its name in the JSON.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) meaning: &'static str,
    /// Its tables: a heading each, and the figures of a cell.
    pub(crate) tables: &'static [(&'static str, &'static [&'static str])],
}

const TIMES: (&str, &[&str]) = ("Time of a reply: p50 / p90 / p99, µs", &["p50", "p90", "p99"]);
const CPU: (&str, &[&str]) = ("Processor time of the agent per request, µs", &["cpu"]);

pub(crate) const ALL: &[Section] = &[
    Section {
        name: "sign",
        title: "Signatures",
        meaning: "One key; each connection asks for the next signature as soon as it has one. A signature of each \
                  turn is proved by `ssh-keygen`.",
        tables: &[("Signatures per second", &["rate"]), CPU, TIMES],
    },
    Section {
        name: "list",
        title: "Listings",
        meaning: "Ed25519 keys; each connection asks for the list again as soon as it has it.",
        tables: &[("Lists per second", &["rate"]), CPU, TIMES],
    },
    Section {
        name: "visit",
        title: "Connect, list, close",
        meaning: "A connection for each list of one key; a thread for each client.",
        tables: &[("Visits per second", &["rate"]), CPU, TIMES],
    },
    Section {
        name: "keys",
        title: "Keys that come and go",
        meaning: "Ed25519 keys, added and then removed one after the other on one connection.",
        tables: &[("All of them, ms", &["time"])],
    },
    Section {
        name: "start",
        title: "Start",
        meaning: "From the start of the program to its first answer at its socket.",
        tables: &[("Time, ms", &["time"])],
    },
    Section {
        name: "memory",
        title: "Memory",
        meaning: "Of an agent that is alone on the machine, after a list. PSS is its share of all memory. What is \
                  its own leaves out the program's file and libraries, and the locked memory for keys.",
        tables: &[
            ("PSS, KiB", &["PSS"]),
            ("Its own and not locked, KiB", &["own"]),
            ("More than idle, KiB", &["more than idle"]),
        ],
    },
    Section {
        name: "idle",
        title: "Idle connections",
        meaning: "Opened one after the other until the last is answered, as many as can be in ten seconds; then one \
                  client signs with Ed25519 beside them. Every fiftieth is asked for a list at the end, and each answers.",
        tables: &[
            ("Open", &["open"]),
            ("All of them opened, ms", &["opened"]),
            ("Memory for each, bytes", &["memory, each"]),
            ("p50 of a signature, without them / beside them, µs", &["calm p50", "p50"]),
            ("Times the calm one", &["p50 ÷ calm"]),
        ],
    },
    Section {
        name: "neighbours",
        title: "Neighbours",
        meaning: "One client signs with Ed25519, alone and then beside others. Those who never read ask for 160 \
                  lists of 100 keys a second each. Beside the dialog, which a helper leaves open, another key \
                  signs; a locked agent is asked for its list while a wrong passphrase waits for its answer.",
        tables: &[
            ("Alone: p50 / p99, µs", &["calm p50", "calm p99"]),
            ("Beside them: p50 / p99, µs", &["p50", "p99"]),
            ("Beside them: the longest, µs", &["longest"]),
            ("Times the calm ones: p50 / p99", &["p50 ÷ calm", "p99 ÷ calm"]),
            ("More memory, KiB", &["more memory"]),
        ],
    },
    Section {
        name: "growth",
        title: "Growth",
        meaning: "keyfob alone: a figure that does not grow with the number is flat. A list holds as many keys as \
                  fit into a message, 256 KiB and 2048 keys, as with OpenSSH; all others sign as well. \
                  The store of stored keys is open; what it takes besides its keys counts as theirs, which is most of \
                  what ten of them take.",
        tables: &[
            ("List, per key, µs", &["list, per key"]),
            ("Sign with the key that was added last, p50, µs", &["sign with the last"]),
            ("Open a connection, each, µs", &["opened, each"]),
            ("Memory for each, bytes", &["memory, each"]),
        ],
    },
    Section {
        name: "client",
        title: "What a person waits for",
        meaning: "Whole programs, `keyfob` and `ssh-add`. The files are under one passphrase, which a helper is asked \
                  for once; `keyfob env` is what a shell runs when it starts.",
        tables: &[("By the clock, ms", &["time"])],
    },
    Section {
        name: "generation",
        title: "New RSA keys",
        meaning: "Whole programs, `keyfob generate` and `ssh-keygen`, which write both files. Medians, and the \
                  ratio of the medians: a search is a matter of luck.",
        tables: &[("By the clock, ms", &["time"]), ("Processor time, ms", &["cpu"])],
    },
];
