//! One put into several channels.

use csp_core::{Sender, chan};

use crate::{AtEnd, fan::Fan, mult};

/// A sender whose values go to all of `ports`: core.async's (lab) `broadcast`.
///
/// ```text
/// put     1  2     3
/// port a  1  2     3
/// port b  1     2  3      took 2 late: the put of 3 waited for it
/// ```
///
/// * **Back pressure.** A value goes to all ports at the same time; they may take it in any order. The
///   next put is accepted when every port has it, so the slowest port governs, as far as its buffer
///   does not help. (What was put is under way to all of them, whatever becomes of the putter: a put
///   can be given up, and stand in an `alt!`, without some ports having its value and others not. To
///   wait for the value itself, use [`put_all`].)
/// * **Closing up.** A port that closes is left out. When all are closed, or there is none, the sender
///   is closed too.
/// * **Closing down.** When the last sender is dropped, or closed, the ports close
///   ([`broadcast_with`] can leave them open); if it [fails](Sender::fail), they fail with the same
///   cause.
/// * **Panics.** As for a [`Mult`](crate::Mult), which it is: one with these taps for its life.
///
/// ```
/// use csp::prelude::*;
///
/// let (ports, rxs): (Vec<_>, Vec<_>) = (0..3).map(|_| chan(1)).unzip();
/// let all = csp::broadcast(ports);
/// all.put_blocking("hello")?;
/// for rx in rxs {
///     assert_eq!(rx.take_blocking(), Some("hello"));
/// }
/// # Ok::<(), Closed<&str>>(())
/// ```
#[track_caller]
pub fn broadcast<T>(ports: impl IntoIterator<Item = Sender<T>>) -> Sender<T>
where
    T: Clone + Send + 'static,
{
    broadcast_with(ports, AtEnd::Close)
}

/// As [`broadcast`]; `at_end` says what becomes of the ports when the sender has closed or failed.
///
/// ```
/// use csp::{AtEnd, prelude::*};
/// let (port, rx) = chan(2);
/// csp::broadcast_with([port.clone()], AtEnd::KeepOpen).put_blocking(1)?;
/// assert_eq!(rx.take_blocking(), Some(1));
/// assert!(!port.is_closed());
/// # Ok::<(), Closed<i32>>(())
/// ```
#[track_caller]
pub fn broadcast_with<T>(ports: impl IntoIterator<Item = Sender<T>>, at_end: AtEnd) -> Sender<T>
where
    T: Clone + Send + 'static,
{
    let (tx, source) = chan(0);
    let mult = mult(source);
    for port in ports {
        mult.tap_with(port, at_end);
    }
    tx
}

/// Puts a clone of `value` into each of `ports`, and waits until every one of them has accepted it, in
/// any order, or is closed. Tells how many have it.
///
/// ```text
/// ports a, b, c     put_all(7) . . . . . . 2
/// a                    7
/// b                             7
/// c                          | closed
/// ```
///
/// It runs in the caller's own block, and waits in all ports at the same time. A `clone` that panics
/// unwinds into the caller; ports that had their value keep it.
///
/// # Cancellation
/// Dropping the future withdraws the value from the ports that have not accepted it; the others have
/// it.
///
/// ```
/// use csp::prelude::*;
/// let (ports, rxs): (Vec<_>, Vec<_>) = (0..3).map(|_| chan(0)).unzip();
/// let done = go!({ csp::put_all(&ports, 7).await });
/// assert_eq!(rxs[2].take_blocking(), Some(7));
/// assert_eq!(rxs[0].take_blocking(), Some(7));
/// rxs[1].close();
/// assert_eq!(done.wait(), Ok(2));
/// ```
pub async fn put_all<T: Clone>(ports: &[Sender<T>], value: T) -> usize {
    let mut fan = Fan::new();
    fan.offer(ports, value);
    fan.settled().await;
    ports.len() - fan.refused()
}
