//! Power is lost at any moment of any change, and what was not made to last is lost in any
//! combination: no key goes with it, no deleted one comes back, and nothing is called an attack.

mod cases;
mod disk;
mod mutations;
mod power;

pub(crate) use disk::{Model, Tree};
