//! Some of the values: the first ones, all but those, those that differ. Transducers: see
//! [`csp_core::xf`].

use std::hash::Hash;

use csp_core::xf::{
    Dedupe, Distinct, RandomSample, Skip, SkipWhile, Take, TakeNth, TakeWhile, Then, Transducer,
    dedupe, distinct, random_sample, random_sample_seeded, skip, skip_while, take, take_nth,
    take_while,
};

use super::Stream;

impl<X> Stream<X>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Send + 'static,
{
    /// Gives the first `n` values, and ends.
    ///
    /// ```text
    /// in    1  2  3  4  5
    /// out   1  2  |           take(2)
    /// ```
    ///
    /// With the `n`-th value the source is let go: exactly `n` values are taken, and the rest stays for other
    /// receivers. `take(0)` takes nothing, and does not wait for a value to come. (The source is that of the
    /// [run](super#blocks) that it stands in. An operator with a block of its own that stands before it, such as
    /// [`then`](Self::then), may have taken more by then.)
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let numbers = csp::to_chan(1..);
    /// let first = csp::stream(numbers.clone()).take(2).chan(0);
    /// assert!(first.into_iter().eq([1, 2]));
    /// assert_eq!(numbers.take_blocking(), Some(3));
    /// ```
    ///
    /// Lamina's `take*`.
    #[doc(alias = "take*")]
    pub fn take(self, n: usize) -> Stream<Then<X, Take<X::Out>>> {
        let mut next = self.apply(take(n));
        next.over |= n == 0;
        next
    }

    /// Gives values as long as `f` says `true`, and ends. The first that it says `false` to is dropped.
    ///
    /// ```text
    /// in    1  2  9  3  4
    /// out   1  2  |           take_while(|n| *n < 5)
    /// ```
    ///
    /// The rest stays in the source. To have the value that ended it, give a clone of the receiver and put an
    /// [`inspect`](Self::inspect) before it.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let small = csp::stream(csp::to_chan([1, 2, 9, 3])).take_while(|n| *n < 5).chan(0);
    /// assert!(small.into_iter().eq([1, 2]));
    /// ```
    ///
    /// Lamina's `take-while*`.
    #[doc(alias("take-while*", "halt_when"))]
    pub fn take_while<F>(self, f: F) -> Stream<Then<X, TakeWhile<X::Out, F>>>
    where
        F: FnMut(&X::Out) -> bool,
    {
        self.apply(take_while(f))
    }

    /// Gives the first value and every `n`-th after it.
    ///
    /// # Panics
    /// If `n` is 0.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let out = csp::stream(csp::to_chan(0..8)).take_nth(3).chan(0);
    /// assert!(out.into_iter().eq([0, 3, 6]));
    /// ```
    #[doc(alias = "step_by")]
    #[track_caller]
    pub fn take_nth(self, n: usize) -> Stream<Then<X, TakeNth<X::Out>>> {
        self.apply(take_nth(n))
    }

    /// Drops the first `n` values, and gives the rest.
    ///
    /// ```text
    /// in    1  2  3  4  |
    /// out         3  4  |     skip(2)
    /// ```
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let out = csp::stream(csp::to_chan(1..=4)).skip(2).chan(0);
    /// assert!(out.into_iter().eq([3, 4]));
    /// ```
    ///
    /// Lamina's `drop*`.
    #[doc(alias("drop", "drop*"))]
    pub fn skip(self, n: usize) -> Stream<Then<X, Skip<X::Out>>> {
        self.apply(skip(n))
    }

    /// Drops values as long as `f` says `true`, and gives the rest.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let out = csp::stream(csp::to_chan([1, 2, 9, 3])).skip_while(|n| *n < 5).chan(0);
    /// assert!(out.into_iter().eq([9, 3]));
    /// ```
    ///
    /// Lamina's `drop-while*`.
    #[doc(alias("drop_while", "drop-while*"))]
    pub fn skip_while<F>(self, f: F) -> Stream<Then<X, SkipWhile<X::Out, F>>>
    where
        F: FnMut(&X::Out) -> bool,
    {
        self.apply(skip_while(f))
    }

    /// Drops each value that equals the one before it.
    ///
    /// ```text
    /// in    1  1  2  2  1  |
    /// out   1     2     1  |     dedupe()
    /// ```
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let out = csp::stream(csp::to_chan([1, 1, 2, 2, 1])).dedupe().chan(0);
    /// assert!(out.into_iter().eq([1, 2, 1]));
    /// ```
    ///
    /// Lamina's `transitions`.
    #[doc(alias("transitions", "unique"))]
    pub fn dedupe(self) -> Stream<Then<X, Dedupe<X::Out>>>
    where
        X::Out: PartialEq + Clone,
    {
        self.apply(dedupe())
    }

    /// Gives each value once. It holds a clone of each, so what it holds grows.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let out = csp::stream(csp::to_chan([1, 1, 2, 1])).distinct().chan(0);
    /// assert!(out.into_iter().eq([1, 2]));
    /// ```
    pub fn distinct(self) -> Stream<Then<X, Distinct<X::Out>>>
    where
        X::Out: Hash + Eq + Clone,
    {
        self.apply(distinct())
    }

    /// Lets each value through with the given probability, by itself: 0.0 none, 1.0 all.
    ///
    /// # Panics
    /// If `probability` is not in 0.0 to 1.0.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let all = csp::stream(csp::to_chan([1, 2])).random_sample(1.0).chan(0);
    /// assert!(all.into_iter().eq([1, 2]));
    /// ```
    #[track_caller]
    pub fn random_sample(self, probability: f64) -> Stream<Then<X, RandomSample<X::Out>>> {
        self.apply(random_sample(probability))
    }

    /// [`random_sample`](Self::random_sample) that depends on the seed alone.
    ///
    /// # Panics
    /// If `probability` is not in 0.0 to 1.0.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let some = || csp::stream(csp::to_chan(0..99)).random_sample_seeded(0.5, 42).chan(0);
    /// assert!(some().into_iter().eq(some()));
    /// ```
    #[track_caller]
    pub fn random_sample_seeded(
        self,
        probability: f64,
        seed: u64,
    ) -> Stream<Then<X, RandomSample<X::Out>>> {
        self.apply(random_sample_seeded(probability, seed))
    }
}
