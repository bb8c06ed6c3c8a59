//! The stackful runtimes, behind what the workloads need of them.

mod go_lib;
mod may;

pub(crate) use go_lib::GoLib;
pub(crate) use may::May;

use crate::menu::Kind;

/// A runtime whose blocks have stacks of their own.
pub(crate) trait Stackful: 'static {
    const NAME: &'static str;
    /// What its channels are to the comparison.
    const CHANNELS: Kind;

    type Tx: Clone + Send + 'static;
    type Rx: Clone + Send + 'static;

    /// Starts a block.
    fn go(block: impl FnOnce() + Send + 'static);

    /// Runs a block and waits for it.
    fn run<T: Send + 'static>(block: impl FnOnce() -> T + Send + 'static) -> T;

    fn bounded(capacity: usize) -> (Self::Tx, Self::Rx);

    fn put(tx: &Self::Tx, n: u64);

    fn take(rx: &Self::Rx) -> Option<u64>;

    /// What the last putter does at its end, where dropping its end of the channel is not enough.
    fn close(tx: &Self::Tx);
}
