//! Streams: operators in a row, from a receiver to a receiver or to a value.
//!
//! ```
//! use csp::prelude::*;
//! let (tx, rx) = chan(8);
//! let evens = csp::stream(rx).map(|n| n + 1).filter(|n| n % 2 == 0).chan(0);
//! for n in 1..=5 {
//!     tx.put_blocking(n).unwrap();
//! }
//! drop(tx);
//! assert_eq!(evens.into_iter().collect::<Vec<_>>(), [2, 4, 6]);
//! ```
//!
//! A [`Stream`] is a receiver and what is to be done with each value. It begins with [`stream()`],
//! [`concat()`] or [`once`], goes on with operators, and ends in a channel ([`chan`](Stream::chan)) or in a value
//! ([`collect`](Stream::collect), [`for_each`](Stream::for_each) and others). What the operators are
//! called is a table [below](#names).
//!
//! # Blocks
//! Operators that need neither time nor other channels are [transducers](csp_core::xf). A run of them costs no
//! block and no channel: it is one loop in the block of what stands behind it. That is the end of the stream,
//! or the next operator that has to wait, such as [`then`](Stream::then), which does its own work in the same
//! block. So `map`, `filter` and `chan` are one block, and it allocates nothing for a value.
//!
//! Blocks have [`then`](Stream::then), [`try_map`](Stream::try_map), [`realize`](Stream::realize),
//! [`concat`](Stream::concat), [`buffer`](Stream::buffer), [`buffer_by`](Stream::buffer_by), and, one for each
//! call at a time and two more, [`par_map`](Stream::par_map) and its kin. The channel behind such an operator
//! has no buffer, unless `buffer` gives it one, and serves as that of a `chan(0)`.
//!
//! Functions of the user's run in these blocks: never under a lock, nor on the thread of whoever puts. A
//! function may put into the stream's own source: the value is queued behind those that are there.
//!
//! # Closing
//! The same everywhere, and at once in both directions:
//!
//! | what happens | to the derived channel | to the source |
//! |---|---|---|
//! | the source closes | closes, after what was on its way | |
//! | the source [fails](csp_core::Sender::fail) | fails with the same cause, after what was on its way | |
//! | nobody takes from the derived channel any more: it is closed, or its last receiver dropped | | is let go |
//! | the operator wants no more, as [`take`](Stream::take) | closes, after what was on its way | is let go, before anybody waits |
//! | a function gives an error that ends the stream, as in [`try_map`](Stream::try_map) | fails with it, after what came before | is let go |
//! | a function panics | fails with a message that says so, after what came before | is let go |
//! | the block is cancelled, as its runtime shuts down | fails and says so | is let go |
//!
//! *Let go* means that the stream's receiver is dropped. If that was the last one, the source closes: whoever
//! puts gets the value back. If there are others, the source stays open, and what is in it is theirs: so clone
//! the receiver to go on with the rest, or to keep a source open that nobody takes from for a while. At once
//! means: when it happens, also while the operator waits for a value that may never come, not with the next
//! put.
//!
//! # Values in hand
//! An operator takes a value only while the derived channel is open, and the next when all that came of the one
//! before was accepted. So when it lets go of its source, it has in hand what came of one value, and what it
//! holds back by its nature: an unfinished group, `n` calls, a buffer. If there is nobody to take that any more,
//! it is dropped. [`drain_into`](Stream::drain_into) gives it back instead, in its `Go`, as does
//! [`ops::pipe`](crate::ops::pipe).
//!
//! # Reading twice
//! A channel of Lamina's gives each value to *all* that is derived from it; two `map*` of one channel see the
//! same values. Here takers *divide* the values between them: of two streams on clones of one receiver, each gets
//! some. To let each see all, distribute the values first, by a [`Mult`](crate::Mult) for example, and begin a
//! stream on each of its taps.
//!
//! # Names
//! | here | Lamina | Manifold | core.async, Clojure |
//! |---|---|---|---|
//! | [`map`](Stream::map), [`map_indexed`](Stream::map_indexed), [`inspect`](Stream::inspect) | `map*` | `map` | `map<`, `map-indexed` |
//! | [`filter`](Stream::filter), [`remove`](Stream::remove) | `filter*`, `remove*` | `filter` | `filter<`, `remove<` |
//! | [`keep`](Stream::keep), [`keep_indexed`](Stream::keep_indexed) | | | `keep`, `keep-indexed` |
//! | [`mapcat`](Stream::mapcat), [`cat`](Stream::cat) | `mapcat*`, `concat*` | `mapcat` | `mapcat<`, `cat` |
//! | [`scan`](Stream::scan) | `reductions*` | `reductions` | `reductions` |
//! | [`interpose`](Stream::interpose) | | | `interpose` |
//! | [`on_panic`](Stream::on_panic) | | | `ex-handler` |
//! | [`take`](Stream::take), [`take_while`](Stream::take_while), [`take_nth`](Stream::take_nth) | `take*`, `take-while*` | | `take`, `take-while`, `take-nth` |
//! | [`skip`](Stream::skip), [`skip_while`](Stream::skip_while) | `drop*`, `drop-while*` | | `drop`, `drop-while` |
//! | [`dedupe`](Stream::dedupe), [`distinct`](Stream::distinct) | `transitions` | | `unique`, `distinct` |
//! | [`partition_all`](Stream::partition_all), [`partition`](Stream::partition) | `partition-all*`, `partition*` | `batch` | `partition` |
//! | [`partition_by`](Stream::partition_by), [`window`](Stream::window) | | `partition-by` | `partition-by`, `(partition n 1 ..)` |
//! | [`random_sample`](Stream::random_sample) | | | `random-sample` |
//! | [`apply`](Stream::apply) | | `transform` | `chan` with a transducer |
//! | [`then`](Stream::then) | `emit-in-order` | | |
//! | [`try_map`](Stream::try_map) | `map*` | `map` | |
//! | [`realize`](Stream::realize) | | `realize-each` | |
//! | [`par_map`](Stream::par_map), [`par_map_unordered`](Stream::par_map_unordered), [`blocking_map`](Stream::blocking_map) | `pmap*` | | `pipeline-async`, `pipeline-blocking` |
//! | [`buffer`](Stream::buffer), [`buffer_by`](Stream::buffer_by) | | `buffer` | `pipe` |
//! | [`on`](Stream::on), [`named`](Stream::named) | `defer`, `:description` | `onto`, `:description` | |
//! | [`concat()`], [`Stream::concat`] | | `concat` | |
//! | [`once`], [`empty`], [`to_chan`](crate::ops::to_chan) | `closed-channel`, `lazy-seq->channel` | `->source` | `to-chan!` |
//! | [`fold`](Stream::fold), [`try_fold`](Stream::try_fold), [`reduce`](Stream::reduce) | `reduce*` | `reduce` | `reduce`, `reduced` |
//! | [`first`](Stream::first), [`last`](Stream::last), [`count`](Stream::count) | `read-channel`, `last*` | `take!` | |
//! | [`collect`](Stream::collect) | `channel->seq` | `stream->seq` | `into` |
//! | [`for_each`](Stream::for_each) | `receive-all` | `consume` | |
//! | [`for_each_async`](Stream::for_each_async), [`try_for_each_async`](Stream::try_for_each_async) | `receive-in-order` | `consume-async` | |
//! | [`drain_into`](Stream::drain_into) | `siphon` | `drain-into` | `pipe` without closing |
//! | [`batch`](Stream::batch), [`batch_by`](Stream::batch_by) | | `batch` | |
//! | [`throttle`](Stream::throttle), [`debounce`](Stream::debounce) | | `throttle` | |
//! | [`sample_every`](Stream::sample_every), [`chunk_every`](Stream::chunk_every) | `sample-every`, `partition-every` | | |
//! | [`delay`](Stream::delay), [`by_timestamp`](Stream::by_timestamp) | `timed-channel`, `defer-onto-queue` | | |
//! | [`close_on_idle`](Stream::close_on_idle), [`timeout_each`](Stream::timeout_each) | `close-on-idle`, `idle-result`; `:timeout` of `read-channel` | | |
//! | [`interval`], [`interval_after`], [`ticks`] | `periodically` | `periodically` | |
//! | [`zip()`], [`zip_with_rest`] | `zip` | `zip` | `map` |
//! | [`zip_latest()`], [`combine_latest`] | `zip-all`, `combine-latest` | | |
//! | [`merge()`], [`priority_merge`] | `merge-channels`, several `siphon`s | several `connect`s | `merge`, `alts!` with `:priority` |
//! | [`group_by`](Stream::group_by), [`group_by_with`](Stream::group_by_with) | `distributor` | | `pub` |
//! | [`aggregate`](Stream::aggregate) | `distribute-aggregate` | | |
//!
//! Names of transducers are those of [`csp_core::xf`], where each is explained; those that iterators use
//! (`flat_map`, `chunks`) are found by the search of this documentation.

mod each;
mod ends;
mod fold;
mod groups;
mod make;
mod many;
mod parallel;
mod place;
mod some;
mod start;
mod timed;
mod wait;
mod weight;

use std::any::Any;

use csp_core::{
    Buffer, Receiver, Sender, chan,
    xf::{self, Identity, Then, Transducer},
};
use csp_sched::{Entered, Handle, go};

pub use self::{
    ends::ForEachError,
    fold::Folded,
    make::{concat, empty, once},
    many::{
        Aggregate, Sources, combine_latest, merge, priority_merge, zip, zip_latest, zip_with_rest,
    },
    timed::{interval, interval_after, ticks},
};
use crate::{
    ops::{
        apply::Forward,
        pump::{Sure, Work, feed},
    },
    sync::Arc,
};

/// Whose panic it is.
const WHAT: &str = "a function of a stream";

/// Begins a stream.
///
/// See the [module](self) for an example, and for how streams end.
pub fn stream<T>(from: Receiver<T>) -> Stream<Identity<T>> {
    Stream {
        from,
        own: false,
        xf: xf::identity(),
        over: false,
        on: None,
        name: None,
    }
}

/// A receiver, and what is to be done with each of its values: [`stream()`] makes it.
///
/// It does nothing until it is turned into a channel or a value. (Operators that have a block of their own
/// begin at once: they may have one value in hand.) Dropped, it drops its receiver.
#[must_use = "a stream does nothing until `chan`, `for_each`, `collect` or another end takes from it"]
pub struct Stream<X: Transducer> {
    from: Receiver<X::In>,
    /// The channel was made by an operator, and nobody else has it.
    own: bool,
    xf: X,
    /// Nothing is to be taken, as nothing is wanted.
    over: bool,
    on: Option<Handle>,
    name: Option<Arc<str>>,
}

/// A channel that an operator with a block of its own puts into, as the beginning of what stands behind it.
pub(crate) fn derived<T>(on: Option<Handle>, from: Receiver<T>) -> Stream<Identity<T>> {
    Stream {
        own: true,
        on,
        ..stream(from)
    }
}

/// What a block needs to run a stream: where the values come from, unless none are wanted, and what is
/// done with them.
type Run<X> = (Option<Receiver<<X as Transducer>::In>>, X);

impl<X> Stream<X>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Send + 'static,
{
    /// Goes on with a chain of transducers: any of [`csp::xf`](csp_core::xf), or one of your own.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// fn tidy() -> impl Transducer<In = &'static str, Out = &'static str> + Send {
    ///     xf::map(str::trim).remove(|line| line.is_empty())
    /// }
    /// let lines = csp::stream(csp::to_chan([" take", " ", "put "])).apply(tidy()).chan(0);
    /// assert!(lines.into_iter().eq(["take", "put"]));
    /// ```
    ///
    /// Manifold's `transform`.
    #[doc(alias("transform", "transduce"))]
    pub fn apply<Y>(self, xf: Y) -> Stream<Then<X, Y>>
    where
        Y: Transducer<In = X::Out>,
    {
        self.change(|before| before.then(xf))
    }

    /// Ends in a channel: one go block takes from the source, and puts what comes of it.
    ///
    /// ```text
    /// source   1   2   3   4     |
    /// out        [1 2]   [3 4]   |     stream(source).partition_all(2).chan(0)
    /// ```
    ///
    /// With `chan(0)` the channel of the last operator serves, if that has a block of its own.
    ///
    /// Back pressure: the next value is taken when everything that came of the one before was accepted. What
    /// one step gives waits in memory meanwhile, so a step must not give values without end. How it ends:
    /// see the [module](self#closing).
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let doubled = csp::stream(csp::to_chan(1..=3)).map(|n| n * 2).chan(8);
    /// assert!(doubled.into_iter().eq([2, 4, 6]));
    /// ```
    #[track_caller]
    pub fn chan(self, buffer: impl Into<Buffer<X::Out>>) -> Receiver<X::Out> {
        let (to, out) = chan(buffer);
        let name = self.name.clone();
        if self.own && is_identity(&self.xf) && out.capacity() == 0 {
            return named(self.receiver(), name);
        }
        self.start(Forward, to);
        named(out, name)
    }

    /// As `chan(0)`, but without a block also if there is nothing to be done at all: then it is the source.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let numbers = csp::to_chan(1..=3);
    /// let same = csp::stream(numbers.clone()).receiver();
    /// assert!(same.same_channel(&numbers));
    /// ```
    #[track_caller]
    pub fn receiver(self) -> Receiver<X::Out> {
        let name = self.name.clone();
        match untouched(self.from, &self.xf) {
            Ok(same) => same,
            Err(from) => {
                let (to, out) = chan(0);
                Self { from, ..self }.start(Forward, to);
                named(out, name)
            }
        }
    }

    /// Changes what is done with each value.
    fn change<Y>(self, f: impl FnOnce(X) -> Y) -> Stream<Y>
    where
        Y: Transducer<In = X::In>,
    {
        Stream {
            from: self.from,
            own: self.own,
            xf: f(self.xf),
            over: self.over,
            on: self.on,
            name: self.name,
        }
    }

    /// Makes the runtime that [`on`](Self::on) named the current one, for a block that is to be started.
    pub(crate) fn enter(&self) -> Option<Entered> {
        self.on.as_ref().map(Handle::enter)
    }

    fn run(self) -> Run<X> {
        ((!self.over).then_some(self.from), self.xf)
    }

    /// Starts the block, with some more work to be done with each value.
    #[track_caller]
    fn start<W>(self, work: W, to: Sender<W::Out>)
    where
        W: Work<X::Out> + 'static,
    {
        let to = Sure(to);
        let _here = self.enter();
        let (from, xf) = self.run();
        drop(go(async move { feed(WHAT, from, xf, work, &to.0).await }));
    }

    /// An operator that does more with each value than a transducer can.
    #[track_caller]
    fn work<W>(self, work: W, buffer: Buffer<W::Out>) -> Stream<Identity<W::Out>>
    where
        W: Work<X::Out> + 'static,
    {
        let (to, out) = chan(buffer);
        let on = self.on.clone();
        self.start(work, to);
        derived(on, out)
    }
}

/// True if nothing is to be done.
fn is_identity<X: Transducer<Out: 'static> + 'static>(xf: &X) -> bool {
    (xf as &dyn Any).is::<Identity<X::Out>>()
}

/// The receiver of what comes out, if that is the same as what goes in.
fn untouched<X>(from: Receiver<X::In>, xf: &X) -> Result<Receiver<X::Out>, Receiver<X::In>>
where
    X: Transducer<In: 'static, Out: 'static> + 'static,
{
    let mut from = Some(from);
    let same: &mut dyn Any = &mut from;
    match same.downcast_mut::<Option<Receiver<X::Out>>>() {
        Some(same) if is_identity(xf) => Ok(same.take().expect("it was there just now")),
        _ => Err(from.expect("nobody took it")),
    }
}

fn named<T>(out: Receiver<T>, name: Option<Arc<str>>) -> Receiver<T> {
    match name {
        Some(name) => out.named(name),
        None => out,
    }
}

impl<X: Transducer> std::fmt::Debug for Stream<X> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stream")
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}
