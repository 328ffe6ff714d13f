//! Test support: scripted prompts, a running agent, OpenSSH's or ours.
