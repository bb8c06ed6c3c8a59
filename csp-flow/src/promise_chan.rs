//! A channel that keeps its first value for everyone.

use csp_core::{Receiver, Sender, chan, promise_buffer};

/// A channel that takes one value, and gives it to every take for ever: core.async's `promise-chan`.
///
/// ```text
/// put        1        2
/// take a   . 1                  waited
/// take b        1        1 1    and again, also after the close
/// ```
///
/// | | before a value | with a value | closed with a value | closed without |
/// |---|---|---|---|---|
/// | take | waits | the value | the value | `None` |
/// | put | accepted, for all | accepted, dropped | `Err(Closed)` | `Err(Closed)` |
///
/// A put never waits. Those that wait for the value when it comes all get it; those that wait when the
/// channel closes without one all get `None`. It is `chan(`[`promise_buffer()`](promise_buffer)`)`, and
/// no more.
///
/// ```
/// use csp::prelude::*;
///
/// let (tx, rx) = csp::promise_chan();
/// let waiting: Vec<_> = (0..3)
///     .map(|_| {
///         let rx = rx.clone();
///         go!({ take!(rx) })
///     })
///     .collect();
/// tx.put_blocking("ready")?;
/// drop(tx);
/// for block in waiting {
///     assert_eq!(block.wait(), Ok(Some("ready")));
/// }
/// assert_eq!(rx.take_blocking(), Some("ready"));
/// # Ok::<(), Closed<&str>>(())
/// ```
pub fn promise_chan<T: Clone + Send + Sync>() -> (Sender<T>, Receiver<T>) {
    chan(promise_buffer())
}
