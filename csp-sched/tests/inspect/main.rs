//! What is seen of a program from inside, and what it leaves behind.
#![cfg(not(csp_loom))]

mod not_stuck;
mod run_on;
mod shutdown;
mod stuck;
mod threads;
mod two_looks;
mod util;
