//! The async channels, behind what all workloads need of them.

mod async_channel;
mod crossfire;
mod flume;
mod kanal;
mod tachyonix;
mod tokio_mpsc;

use std::future::Future;

pub(crate) use self::{
    async_channel::AsyncChannel,
    crossfire::{CrossfireMpmc, CrossfireMpsc, CrossfireSpsc},
    flume::Flume,
    kanal::Kanal,
    tachyonix::Tachyonix,
    tokio_mpsc::TokioMpsc,
};

/// A kind of channel, of numbers.
pub(crate) trait Channel: 'static {
    const NAME: &'static str;
    /// Whether it can do without a buffer. If not, a workload without one runs with room for one message,
    /// and says so in its name.
    const RENDEZVOUS: bool;

    type Tx: Send + 'static;
    type Rx: Send + 'static;

    /// `capacity` is 0 only if [`RENDEZVOUS`](Self::RENDEZVOUS).
    fn bounded(capacity: usize) -> (Self::Tx, Self::Rx);

    /// Whether it was accepted; `false` if nobody can take it any more.
    fn put(tx: &mut Self::Tx, n: u64) -> impl Future<Output = bool> + Send;

    /// `None` at the end.
    fn take(rx: &mut Self::Rx) -> impl Future<Output = Option<u64>> + Send;
}

/// A new channel; one without buffer, or with the least that it can do with, if `capacity` is 0.
pub(crate) fn chan<C: Channel>(capacity: usize) -> (C::Tx, C::Rx) {
    C::bounded(if C::RENDEZVOUS {
        capacity
    } else {
        capacity.max(1)
    })
}

/// A channel whose putter can also be a thread that blocks.
pub(crate) trait Blocking: Channel {
    fn put_blocking(tx: &mut Self::Tx, n: u64) -> bool;
    fn take_blocking(rx: &mut Self::Rx) -> Option<u64>;
}
