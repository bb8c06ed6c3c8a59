//! Where a stream's blocks run, what its channels are called, and how much they hold.

use csp_core::{
    Buffer,
    xf::{Identity, Transducer},
};
use csp_sched::Handle;

use super::{Stream, is_identity, named};
use crate::{ops::apply::Forward, sync::Arc};

impl<X> Stream<X>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Send + 'static,
{
    /// Lets what stands before run ahead: a channel with a buffer, and a block that fills it.
    ///
    /// ```text
    /// source   1 2 3 4         5        |
    /// out      1   2   3   4   5        |     buffer(2), and a slow taker
    /// ```
    ///
    /// A stream that ends in a channel has a buffer there: `chan(8)`. This one is for a buffer in the
    /// middle, so that what stands before goes on while what stands behind is busy. It may be any
    /// [`Buffer`]: a number, [`sliding`](csp_core::sliding), [`dropping`](csp_core::dropping), which never
    /// hold the source back, or one of your own.
    ///
    /// It ends as [all operators](super#closing) do; what is in the buffer still comes. When nobody takes
    /// any more it is dropped, with the value in hand.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let (tx, rx) = chan(0);
    /// let slow = csp::stream(rx).buffer(2).then(async |n: u32| n * 2).chan(0);
    /// for n in 1..=4 { tx.put_blocking(n).unwrap(); } // nobody takes yet
    /// drop(tx);
    /// assert!(slow.into_iter().eq([2, 4, 6, 8]));
    /// ```
    ///
    /// Manifold's `buffer`.
    #[track_caller]
    pub fn buffer(self, buffer: impl Into<Buffer<X::Out>>) -> Stream<Identity<X::Out>> {
        let name = self.name.clone();
        let mut next = self.work(Forward, buffer.into());
        next.from = named(next.from, name);
        next
    }

    /// Has the blocks that are begun from here on run on that executor.
    ///
    /// That is the block of the run which this stands in, and those of all operators behind it, until the
    /// next `on`. Without it, blocks run on the executor that is current where the operator is written.
    ///
    /// When it is shut down before the stream has ended, its channel fails.
    ///
    /// ```
    /// use csp::{Runtime, prelude::*};
    ///
    /// let rt = Runtime::builder().workers(1).name("second").build();
    /// let here = csp::stream(csp::to_chan([1]))
    ///     .on(&rt)
    ///     .map(|_| std::thread::current().name().unwrap().to_owned())
    ///     .chan(0);
    /// assert!(here.take_blocking().unwrap().starts_with("second"));
    /// ```
    ///
    /// Manifold's `onto`, Lamina's `defer` and `executor-channel`.
    #[doc(alias("onto", "defer", "executor-channel"))]
    pub fn on(mut self, executor: impl Into<Handle>) -> Self {
        self.on = Some(executor.into());
        self
    }

    /// Names the channel that what stands before ends in, for dumps and messages.
    ///
    /// That is the channel of an operator with a block of its own, or the one that [`chan`](Self::chan) makes.
    /// Operators without a block have no channel between them, so the last name counts.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let evens = csp::stream(csp::to_chan(1..)).filter(|n| n % 2 == 0).named("evens").chan(0);
    /// assert_eq!(evens.name().as_deref(), Some("evens"));
    /// ```
    ///
    /// Lamina's `:description`.
    #[doc(alias = "description")]
    pub fn named(mut self, name: impl Into<Arc<str>>) -> Self {
        if self.own && is_identity(&self.xf) {
            self.from = self.from.named(name);
        } else {
            self.name = Some(name.into());
        }
        self
    }
}
