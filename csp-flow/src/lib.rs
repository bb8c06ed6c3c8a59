//! What is built from csp's channels, on the public API of csp-core and csp-sched alone: connectors,
//! parallel pipelines, one-to-many distribution, and flows. Use the facade, `csp`.
#![forbid(unsafe_code)]

pub mod flow;
mod mix;
mod mult;
pub mod ops;
mod promise_chan;
mod publication;

/// What a connector does with its target at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AtEnd {
    /// It closes the target; also one that has other senders.
    #[default]
    Close,
    /// It only drops its own sender: the target stays open as long as there are others.
    KeepOpen,
}
