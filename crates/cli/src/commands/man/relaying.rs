//! What the page of `keyfob relay` says beyond its flags.

use super::sections::Section;

pub(super) const SECTIONS: &[Section] = &[
    Section {
        title: "WHAT IT DOES",
        entries: &[
            (
                "",
                "It connects to the agent as keyfob list does, reads requests from standard input one by one, and writes the agent's answers to standard output, until the input ends. A program that listens at a socket and starts one relay for each client makes an agent's socket of it.",
            ),
            (
                "",
                "What ssh proves of its session reaches the agent as it is: keys that are for some hosts only can be used through a relay. The agent sees the relay as who asks, and what started it.",
            ),
        ],
    },
    Section {
        title: "IN WSL",
        entries: &[
            (
                "socat UNIX-LISTEN:$HOME/.ssh/agent.sock,mode=600,fork EXEC:\"keyfob.exe relay\" &",
                "A socket in WSL, 1 as well as 2, that leads to the agent of Windows. keyfob.exe is found by the PATH of Windows.",
            ),
            ("export SSH_AUTH_SOCK=$HOME/.ssh/agent.sock", "Where ssh and git look for it."),
            (
                "export SSH_AUTH_SOCK=/mnt/c/Users/NAME/AppData/Local/keyfob/data/wsl/agent.sock",
                "Of WSL 1 alone, and without a relay: the socket that Windows' agent has when wsl-socket is true in the settings. WSL 2 is another machine, whose programs cannot open it.",
            ),
        ],
    },
];
