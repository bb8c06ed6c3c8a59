//! Streams: operators in a row, from a receiver to a receiver or to a value.
//!
//! ```
//! use csp::prelude::*;
//! let (tx, rx) = chan(8);
//! let evens = csp::stream(rx).apply(xf::map(|n: u32| n + 1).filter(|n| n % 2 == 0)).chan(0);
//! for n in 1..=5 {
//!     tx.put_blocking(n).unwrap();
//! }
//! drop(tx);
//! assert_eq!(evens.into_iter().collect::<Vec<_>>(), [2, 4, 6]);
//! ```
//!
//! A [`Stream`] is a receiver and what is to be done with each value. Operators that need neither time nor
//! other channels add to a [transducer](csp_core::xf), so a run of them is one loop in one go block, which
//! begins when something behind them takes: [`chan`](Stream::chan), another operator, or a fold.
//!
//! # Closing
//! The same everywhere, and at once in both directions:
//! * The source closes: what is derived from it closes, after what was on its way.
//! * Nobody takes from the derived channel any more (it is closed, or its last receiver dropped): the
//!   stream lets go of its source, which closes if nobody else takes from it.
//! * The source [fails](csp_core::Sender::fail): the derived channel fails with the same cause, after what
//!   was on its way.
//! * A function panics: the derived channel fails with a message that says so, and the source is let go.

use std::any::Any;

use csp_core::{
    Buffer, Receiver,
    xf::{self, Identity, Then, Transducer},
};

use crate::ops;

/// Begins a stream.
///
/// See the [module](self) for an example, and for how streams end.
pub fn stream<T>(from: Receiver<T>) -> Stream<Identity<T>> {
    let xf = xf::identity();
    Stream { from, xf }
}

/// A receiver, and what is to be done with each of its values: [`stream()`] makes it.
///
/// It does nothing until it is turned into a channel or a value. Dropped, it drops its receiver.
#[must_use = "a stream does nothing until `chan`, `for_each`, `collect` or another end takes from it"]
pub struct Stream<X: Transducer> {
    from: Receiver<X::In>,
    xf: X,
}

impl<X> Stream<X>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Send + 'static,
{
    /// Goes on with a chain of transducers: any of [`csp::xf`](csp_core::xf), or one of your own.
    pub fn apply<Y>(self, xf: Y) -> Stream<Then<X, Y>>
    where
        Y: Transducer<In = X::Out>,
    {
        Stream {
            from: self.from,
            xf: self.xf.then(xf),
        }
    }

    /// Ends in a channel: one go block takes from the source, and puts what comes of it.
    #[track_caller]
    pub fn chan(self, buffer: impl Into<Buffer<X::Out>>) -> Receiver<X::Out> {
        ops::apply(self.from, self.xf, buffer)
    }

    /// For the operators that take from a channel. Without a block, if there is nothing to be done.
    #[track_caller]
    pub(crate) fn receiver(self) -> Receiver<X::Out> {
        let mut from = Some(self.from);
        let untouched: &mut dyn Any = &mut from;
        if (&self.xf as &dyn Any).is::<Identity<X::Out>>()
            && let Some(from) = untouched.downcast_mut::<Option<Receiver<X::Out>>>()
        {
            return from.take().expect("nobody else took it");
        }
        let from = from.expect("it was not taken");
        ops::apply(from, self.xf, 0)
    }
}

impl<X: Transducer> std::fmt::Debug for Stream<X> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stream").finish_non_exhaustive()
    }
}
