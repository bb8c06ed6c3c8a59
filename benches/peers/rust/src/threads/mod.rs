//! The channels of threads, behind what all workloads need of them.

mod crossbeam;
mod crossfire;
mod csp;
mod flume;
mod kanal;
mod std_mpsc;

use std::time::Duration;

pub(crate) use self::{
    crossbeam::Crossbeam,
    crossfire::{CrossfireMpmc, CrossfireMpsc, CrossfireSpsc},
    csp::Csp,
    flume::Flume,
    kanal::Kanal,
    std_mpsc::StdMpsc,
};
use crate::menu::Kind;

/// A kind of channel, of numbers.
pub(crate) trait ThreadChannel: 'static {
    const NAME: &'static str;
    const KIND: Kind = Kind::Peer;
    /// Whether it can do without a buffer. If not, a workload without one runs with room for one message,
    /// and says so in its name.
    const RENDEZVOUS: bool = true;

    type Tx: Send + 'static;
    type Rx: Send + 'static;

    /// `capacity` is 0 only if [`RENDEZVOUS`](Self::RENDEZVOUS).
    fn bounded(capacity: usize) -> (Self::Tx, Self::Rx);

    /// Whether it was accepted.
    fn put(tx: &Self::Tx, n: u64) -> bool;

    /// `None` at the end.
    fn take(rx: &Self::Rx) -> Option<u64>;

    /// The same, for so long.
    fn take_for(rx: &Self::Rx, limit: Duration) -> Taken;
}

/// What a take for a limited time has given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    Value(u64),
    Closed,
    Over,
}

/// A new channel; one without buffer, or with the least that it can do with, if `capacity` is 0.
pub(crate) fn chan<C: ThreadChannel>(capacity: usize) -> (C::Tx, C::Rx) {
    C::bounded(if C::RENDEZVOUS {
        capacity
    } else {
        capacity.max(1)
    })
}
