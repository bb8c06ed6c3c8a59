//! What is done with each value by itself, at once. All of these are transducers: see [`csp_core::xf`].

use csp_core::{
    Panicked,
    xf::{
        Cat, Filter, Inspect, Interpose, Keep, KeepIndexed, Map, MapIndexed, Mapcat, OnPanic,
        Remove, Scan, Then, Transducer, cat, filter, inspect, interpose, keep, keep_indexed, map,
        map_indexed, mapcat, remove, scan,
    },
};

use super::Stream;

impl<X> Stream<X>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Send + 'static,
{
    /// Gives what `f` makes of each value.
    ///
    /// ```text
    /// in    1  2  3  |
    /// out   2  3  4  |     map(|n| n + 1)
    /// ```
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let out = csp::stream(csp::to_chan([1, 2, 3])).map(|n| n + 1).chan(0);
    /// assert!(out.into_iter().eq([2, 3, 4]));
    /// ```
    ///
    /// Lamina's `map*`, Manifold's `map`.
    #[doc(alias = "map*")]
    pub fn map<B, F>(self, f: F) -> Stream<Then<X, Map<X::Out, F>>>
    where
        F: FnMut(X::Out) -> B,
    {
        self.apply(map(f))
    }

    /// Gives what `f` makes of each index and value; the first has index 0.
    ///
    /// ```text
    /// in       a      b      c    |
    /// out   (0, a) (1, b) (2, c)  |     map_indexed(|i, c| (i, c))
    /// ```
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let out = csp::stream(csp::to_chan(["a", "b"])).map_indexed(|i, c| (i, c)).chan(0);
    /// assert!(out.into_iter().eq([(0, "a"), (1, "b")]));
    /// ```
    ///
    /// Clojure's `map-indexed`.
    #[doc(alias = "enumerate")]
    pub fn map_indexed<B, F>(self, f: F) -> Stream<Then<X, MapIndexed<X::Out, F>>>
    where
        F: FnMut(usize, X::Out) -> B,
    {
        self.apply(map_indexed(f))
    }

    /// Shows each value to `f`, and gives it.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let (seen, log) = chan(8);
    /// let out = csp::stream(csp::to_chan([1, 2]))
    ///     .inspect(move |n| seen.try_put(n.to_string()).unwrap())
    ///     .chan(0);
    /// assert!(out.into_iter().eq([1, 2]));
    /// assert!(log.into_iter().eq(["1", "2"]));
    /// ```
    ///
    /// For other takers of the same values, rather than a look in passing, fork the channel.
    pub fn inspect<F>(self, f: F) -> Stream<Then<X, Inspect<X::Out, F>>>
    where
        F: FnMut(&X::Out),
    {
        self.apply(inspect(f))
    }

    /// Gives the values that `f` says `true` to.
    ///
    /// ```text
    /// in    1  2  3  4  |
    /// out      2     4  |     filter(|n| n % 2 == 0)
    /// ```
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let out = csp::stream(csp::to_chan(1..=4)).filter(|n| n % 2 == 0).chan(0);
    /// assert!(out.into_iter().eq([2, 4]));
    /// ```
    ///
    /// Lamina's `filter*`, Manifold's `filter`.
    #[doc(alias = "filter*")]
    pub fn filter<F>(self, f: F) -> Stream<Then<X, Filter<X::Out, F>>>
    where
        F: FnMut(&X::Out) -> bool,
    {
        self.apply(filter(f))
    }

    /// Gives the values that `f` says `false` to.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let out = csp::stream(csp::to_chan(["take", "", "put"])).remove(|s| s.is_empty()).chan(0);
    /// assert!(out.into_iter().eq(["take", "put"]));
    /// ```
    ///
    /// Lamina's `remove*`.
    #[doc(alias = "remove*")]
    pub fn remove<F>(self, f: F) -> Stream<Then<X, Remove<X::Out, F>>>
    where
        F: FnMut(&X::Out) -> bool,
    {
        self.apply(remove(f))
    }

    /// Gives what `f` has in its `Some`.
    ///
    /// ```text
    /// in    "1"  "x"  "3"  |
    /// out    1         3   |     keep(|s| s.parse().ok())
    /// ```
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let out = csp::stream(csp::to_chan(["1", "x", "3"])).keep(|s| s.parse::<u32>().ok()).chan(0);
    /// assert!(out.into_iter().eq([1, 3]));
    /// ```
    ///
    /// Clojure's `keep`, what iterators call `filter_map`.
    #[doc(alias = "filter_map")]
    pub fn keep<B, F>(self, f: F) -> Stream<Then<X, Keep<X::Out, F>>>
    where
        F: FnMut(X::Out) -> Option<B>,
    {
        self.apply(keep(f))
    }

    /// [`keep`](Self::keep) with the index of each value.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let out = csp::stream(csp::to_chan(["a", "b", "c"]))
    ///     .keep_indexed(|i, c| (i != 1).then_some((i, c)))
    ///     .chan(0);
    /// assert!(out.into_iter().eq([(0, "a"), (2, "c")]));
    /// ```
    pub fn keep_indexed<B, F>(self, f: F) -> Stream<Then<X, KeepIndexed<X::Out, F>>>
    where
        F: FnMut(usize, X::Out) -> Option<B>,
    {
        self.apply(keep_indexed(f))
    }

    /// Gives each of what `f` makes of a value, one by one; for an empty collection, nothing.
    ///
    /// ```text
    /// in    1      2         3          |
    /// out   0      0  1      0  1  2    |     mapcat(|n| 0..n)
    /// ```
    ///
    /// What one value gives waits in memory if nobody takes it, so that must not be endless.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let out = csp::stream(csp::to_chan([1, 0, 2])).mapcat(|n| 0..n).chan(0);
    /// assert!(out.into_iter().eq([0, 0, 1]));
    /// ```
    ///
    /// Lamina's `mapcat*`, Manifold's `mapcat`, what iterators call `flat_map`.
    #[doc(alias("mapcat*", "flat_map"))]
    pub fn mapcat<Items, F>(self, f: F) -> Stream<Then<X, Mapcat<X::Out, F>>>
    where
        Items: IntoIterator,
        F: FnMut(X::Out) -> Items,
    {
        self.apply(mapcat(f))
    }

    /// Gives what is in each value, one by one.
    ///
    /// For a stream of receivers there is [`concat`](Self::concat).
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let out = csp::stream(csp::to_chan([vec![1, 2], vec![], vec![3]])).cat().chan(0);
    /// assert!(out.into_iter().eq([1, 2, 3]));
    /// ```
    ///
    /// Lamina's `concat*`, what iterators call `flatten`.
    #[doc(alias("concat*", "flatten"))]
    pub fn cat(self) -> Stream<Then<X, Cat<X::Out>>>
    where
        X::Out: IntoIterator,
    {
        self.apply(cat())
    }

    /// Gives a clone of `separator` between each value and the next. It comes with the next.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let path = csp::stream(csp::to_chan(["usr", "lib"])).interpose("/").chan(0);
    /// assert_eq!(path.into_iter().collect::<String>(), "usr/lib");
    /// ```
    #[doc(alias = "intersperse")]
    pub fn interpose(self, separator: X::Out) -> Stream<Then<X, Interpose<X::Out>>>
    where
        X::Out: Clone,
    {
        self.apply(interpose(separator))
    }

    /// Gives a running result: with each value what `f` makes of the last result and the value.
    ///
    /// ```text
    /// in    1  2  3   4  |
    /// out   1  3  6  10  |     scan(0, |sum, n| sum + n)
    /// ```
    ///
    /// It begins with `init`, which it does not give itself.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let sums = csp::stream(csp::to_chan(1..=4)).scan(0, |sum, n| sum + n).chan(0);
    /// assert!(sums.into_iter().eq([1, 3, 6, 10]));
    /// ```
    ///
    /// Lamina's `reductions*`, Manifold's `reductions`, which give `init` as well, at once.
    #[doc(alias("reductions", "reductions*"))]
    #[expect(clippy::type_complexity, reason = "it says all that the chain is")]
    pub fn scan<S, F>(self, init: S, f: F) -> Stream<Then<X, Scan<X::Out, S, F>>>
    where
        S: Clone,
        F: FnMut(&S, X::Out) -> S,
    {
        self.apply(scan(init, f))
    }

    /// Goes on after a panic in the operators of the run that stands before: what `handler` makes of it comes
    /// out in place of the value.
    ///
    /// The run are those back to the last operator that has a block of its own: see the
    /// [module](super#blocks). Without it a panic fails the derived channel.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let out = csp::stream(csp::to_chan([50, 0, 20])).map(|n| 100 / n).on_panic(|_| Some(0)).chan(0);
    /// assert!(out.into_iter().eq([2, 0, 5]));
    /// ```
    ///
    /// core.async's `ex-handler`.
    pub fn on_panic<H>(self, handler: H) -> Stream<OnPanic<X, H>>
    where
        H: FnMut(&Panicked) -> Option<X::Out>,
    {
        self.change(|before| before.on_panic(handler))
    }
}
