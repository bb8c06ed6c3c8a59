//! Requests and answers: clients and servers over pairs of channels. Time is virtual, but in `stress`.
#![allow(
    clippy::async_yields_async,
    reason = "blocks of an executor make promises for later"
)]

mod bounds;
mod close;
mod echo;
mod heartbeat;
mod model;
mod reconnect;
mod regressions;
mod server;
mod stress;
mod timeouts;
mod util;
