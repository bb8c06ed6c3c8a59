//! Every future of the public API, dropped at every moment; every callback, panicking at every call.
//!
//! [`harness`] has the rules: a scene builds a future and those who work with it, and is run again and again, and
//! each time the future is dropped one event later. Whatever the moment, each value is accounted for once, no
//! waiter and no waker stays behind, and the others go on. [`table`] says which future has which scene, and
//! compares that with the sources, so that a new future without a scene fails here.

mod alts;
#[path = "../util/cases.rs"]
mod cases;
mod channels;
mod connectors;
mod harness;
mod leaks;
mod limits;
mod locks;
mod panics;
mod pipelines;
mod promises;
mod table;
mod time;
