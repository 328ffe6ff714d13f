//! The stateful agent against a model of its rules.
//!
//! An input is a script: each act is a byte and what it needs. Whatever an act asks for goes to the
//! agent as a frame, and to the model as what the frame says, so that frames of any bytes are judged
//! by the same rules. The two must agree whether a key is shown, a request refused, a person asked, a
//! key fetched, a signature made; and each signature must be right. However the script goes, the agent
//! must stay small: `size`.
//!
//! Which answers are remembered, and the lifetimes of stored keys, have their own models in
//! `crates/agent/tests/decisions` (`consents_model.rs`, `stored_states.rs`).

mod cast;
mod model;
mod path;
mod play;
mod script;
mod size;

pub use play::run;
