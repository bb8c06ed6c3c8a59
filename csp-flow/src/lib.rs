//! What is built from csp's channels, on the public API of csp-core and csp-sched alone: connectors,
//! parallel pipelines, one-to-many distribution, and flows. Use the facade, `csp`.
#![forbid(unsafe_code)]

mod block;
mod broadcast;
mod connect;
mod dataflow;
mod duplex;
pub mod event_loop;
mod fan;
pub mod flow;
mod hashing;
mod hub;
pub mod lock;
mod mix;
mod mult;
pub mod ops;
mod permanent;
mod permits;
pub mod pipeline;
pub mod promise;
mod promise_chan;
mod publication;
pub mod requests;
pub mod stream;
mod sync;
mod topics;

pub use broadcast::{broadcast, broadcast_with, put_all};
pub use connect::{Connect, Link, LinkEnd, LinkReason, closed, connect, drained, join, siphon};
pub use duplex::{Duplex, duplex_pair, splice};
pub use event_loop::{EventLoop, LoopHandle};
pub use hub::{Hub, HubOptions, Severed, SlowConsumer, hub, hub_with};
pub use mix::{Applied, Mix, MixState, SoloMode, mix, mix_with};
pub use mult::{Mult, mult};
pub use permanent::{Permanent, ground, grounded};
pub use pipeline::Pipeline;
pub use promise::{Completer, Error, Outcome, Promise, Resolver, Shared, promise};
pub use promise_chan::promise_chan;
pub use publication::{Publication, publish};
pub use stream::{Stream, stream};
pub use topics::{Registry, Topics};

/// What a connector does with its target at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AtEnd {
    /// It closes the target; also one that has other senders.
    #[default]
    Close,
    /// It only drops its own sender: the target stays open as long as there are others.
    KeepOpen,
}

/// What the expansion of `flow!` names. Not part of the public API.
#[doc(hidden)]
pub mod __private {
    pub use crate::dataflow::{Arms, Value, drive, ignored, taken};
    pub use csp_macros::flow_impl;
}
