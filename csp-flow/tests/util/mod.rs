//! What the tests of this crate share.
#![allow(dead_code, reason = "no test program uses all of it")]

pub(crate) mod blocks;
pub(crate) mod promises;
mod stage;
