//! The agent with keys in it: any order of requests over several connections, while keys are locked,
//! removed, replaced and fetched, time passes, and questions wait for their answers. What it may do
//! says a model: see `src/agent.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|script: &[u8]| keyfob_fuzz::agent::run(script));
