//! Hubs, links, duplexes, topics, permanent channels.
//!
//! Numbers such as `EV-028` name the behaviours of Lamina and Manifold that a test checks.
#![allow(
    clippy::many_single_char_names,
    clippy::needless_pass_by_value,
    clippy::similar_names,
    clippy::too_many_lines,
    reason = "a test reads best from top to bottom; tx and rx are the field's names"
)]

mod connect;
mod connect_ends;
mod duplex;
mod hub;
mod hub_ends;
mod hub_slow;
mod permanent;
mod registry;
mod regressions;
mod stress;
mod topics;
#[path = "../util/mod.rs"]
mod util;
