//! Channels whose values go through a transducer on their way into the buffer.
//!
//! # Where things stand
//! Putters wait with what goes in (`In`), takers for what comes out (`Out`), under one lock. A put that
//! is admitted takes one step of the transducer, under the lock; what comes of it goes into the buffer,
//! and what finds no room there into the overflow behind it. While there is an overflow, no put is
//! admitted.
//!
//! # Invariants (when the lock is free; beside those of [`inner`](super::inner))
//! 1. Values in the overflow mean no room in the buffer.
//! 2. A putter that can be committed waits only if there is no room. There always is in an empty channel.
//! 3. Closed, and no putter waits: the transducer has been completed.
//! 4. The transducer ended (it wants no more, panicked, or was completed): the channel is closed, and no
//!    putter waits.
//!
//! (3 and 4 but for those who are still being told, a batch at a time.)
//!
//! [`settle`](moves) restores them after every change. It is the only place that steps a transducer for those who
//! wait.
//!
//! # What a step may do
//! It runs under the lock. The handles that it drops, of whatever channel, go once the lock is free. Any
//! other use of its own channel panics instead of hanging; but to drop an operation that is parked there
//! aborts, since to unwind would leave it in the queue.
//!
//! # On which thread
//! Whoever makes room steps the values of those who wait, and whoever ends the transducer drops it. So what
//! goes in is `Send`, though only its sender seems to have it, and nothing borrows:
//!
//! ```compile_fail
//! # use csp::prelude::*;
//! chan_with(1, xf::map(|value: std::rc::Rc<u32>| *value));
//! ```
//! ```compile_fail
//! # use csp::prelude::*;
//! let text = "on the stack".to_owned();
//! chan_with(1, xf::map(|n: usize| text[n..].len()));
//! ```

mod moves;
mod stage;
mod table;

use super::{Receiver, Sender, core::XFORM, inner::Chan};
use crate::{
    buffer::{Buffer, Kind},
    inspect,
    xf::Transducer,
};

pub(crate) use self::stage::Xform;
pub(super) use self::{
    moves::take,
    table::{Table, defer_drop, drop_deferred},
};

/// Makes a channel whose values go through a transducer: what is put is stepped into what is taken.
///
/// ```text
/// put   1   2   3   4   5   close
///       │   │   │   │   │   │        xf::filter(odd).partition_all(2)
/// take          [1,3]       [5] None
/// ```
///
/// One put may give none, one or many values. Many may exceed the buffer: further puts park until
/// all of them found room. The transducer is stepped by whoever puts, or makes room for a parked put,
/// in the order of the puts.
///
/// # Closing
/// When the channel closes and the last parked put has gone in, the transducer is completed, once, and
/// what it held back is delivered before `None`. A transducer that wants no more (`take(n)`) closes the
/// channel: parked puts get their values back, as later ones do.
///
/// # Panics in a step
/// The put whose value was in the step is done (`Ok`: its value has gone), and the channel
/// [fails](Sender::fail) with the [`Panicked`](crate::Panicked); what is buffered is still delivered. With
/// [`Transducer::on_panic`] the channel goes on instead. Nothing is poisoned, and
/// [`set_panic_hook`](crate::set_panic_hook) sees it.
///
/// # What a step may do
/// Steps run under the channel's lock: keep them short, and do not use channels in them. A step that
/// uses its own channel panics (it would wait for itself); one that drops an operation parked on its own
/// channel aborts the process. `Sender`s and `Receiver`s may be dropped: they go once the lock is free.
///
/// core.async's `(chan buf xform)`.
///
/// ```
/// use csp::prelude::*;
/// let (tx, rx) = chan_with(4, xf::map(|n: u32| n * 2).map(|n| n.to_string()));
/// tx.try_put(21).unwrap();
/// assert_eq!(rx.try_take().unwrap(), "42");
/// ```
///
/// # Panics
/// If the buffer is a rendezvous: there must be a place for what a step gives.
#[track_caller]
pub fn chan_with<X>(buffer: impl Into<Buffer<X::Out>>, xf: X) -> (Sender<X::In>, Receiver<X::Out>)
where
    X: Transducer + Send + 'static,
    X::In: Send + 'static,
    X::Out: Send + 'static,
{
    let base = buffer.into().0.expect(
        "a channel with a transducer needs a buffer: give `chan_with` a capacity of 1 or more",
    );
    let buf = Kind::Xform(Box::new(Xform::new(base, xf)));
    let chan = Chan::<X::Out>::new(Some(buf));
    chan.core.made_at(std::panic::Location::caller());
    chan.core.lock().ext().table = Some(table::of::<X::Out>());
    chan.core.publish(XFORM, XFORM);
    let chan = super::cells::place(chan);
    if inspect::is_enabled() {
        // SAFETY: the channel is new.
        unsafe { super::note(chan, std::panic::Location::caller()) };
    }
    // SAFETY: a new channel has one handle of each side. The layout of a `Chan` does not depend on its
    // type, and with XFORM set nothing is done with its values but through the table.
    let tx = unsafe { Sender::from_raw(chan.cast()) };
    // SAFETY: as above.
    let rx = unsafe { Receiver::from_raw(chan) };
    (tx, rx)
}
