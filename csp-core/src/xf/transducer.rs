//! What a transducer is, and how a chain of them is written.

use std::hash::Hash;

use super::{
    Cat, Dedupe, Distinct, Filter, Flow, Inspect, Interpose, Iter, Keep, KeepIndexed, Map,
    MapIndexed, Mapcat, OnPanic, Partition, PartitionAll, PartitionBy, RandomSample, Remove, Scan,
    Skip, SkipWhile, Take, TakeNth, TakeWhile, Then, Window, cat, dedupe, distinct, filter,
    inspect, interpose, keep, keep_indexed, map, map_indexed, mapcat, partition, partition_all,
    partition_by, random_sample, random_sample_seeded, remove, scan, skip, skip_while, take,
    take_nth, take_while, window,
};
use crate::error::Panicked;

/// A step between values, with its state: for each value in, it gives none, one or many out.
///
/// [`step`](Self::step) and [`complete`](Self::complete) are what one is made of, and called by what
/// feeds it: a channel, [`iter`](Self::iter), [`transduce`](super::transduce()). Most other methods put
/// another transducer behind this one; what each does is told at the function of the same name.
///
/// # Rules
/// An implementation keeps the first two, and may rely on its caller for the others:
/// 1. Once `emit` says `Break`, it emits no more, also not in `complete`, and says `Break` itself.
/// 2. `complete` gives what is still held back.
/// 3. Once `step` said `Break`, it is not called again. `complete` is called then, too; once, and last.
/// 4. If one of them panics, neither is called again; but see [`on_panic`](Self::on_panic).
///
/// # Examples
/// One of your own: words, out of pieces of text that may end anywhere.
///
/// ```
/// use csp::{prelude::*, xf::Flow};
///
/// #[derive(Default)]
/// struct Words {
///     held: String,
/// }
///
/// impl Transducer for Words {
///     type In = char;
///     type Out = String;
///
///     fn step(&mut self, value: char, emit: &mut impl FnMut(String) -> Flow) -> Flow {
///         if value == ' ' {
///             return self.complete(emit);
///         }
///         self.held.push(value);
///         Flow::Continue(())
///     }
///
///     fn complete(&mut self, emit: &mut impl FnMut(String) -> Flow) -> Flow {
///         match std::mem::take(&mut self.held) {
///             word if word.is_empty() => Flow::Continue(()),
///             word => emit(word),
///         }
///     }
/// }
///
/// let words = Words::default().map(|word| word.len());
/// assert!(words.iter("park the  block".chars()).eq([4, 3, 5]));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a transducer",
    note = "a function of one value to one value becomes one with `xf::map(f)`"
)]
pub trait Transducer {
    /// What goes in.
    type In;
    /// What comes out.
    type Out;

    /// Takes a value in, and calls `emit` for each that comes of it. `Break`: no more is wanted.
    fn step(&mut self, value: Self::In, emit: &mut impl FnMut(Self::Out) -> Flow) -> Flow;

    /// No more values come: gives what was held back.
    fn complete(&mut self, emit: &mut impl FnMut(Self::Out) -> Flow) -> Flow {
        let _ = emit;
        Flow::Continue(())
    }

    /// Goes on after a panic in what stands before: `handler` is given the panic, and what it gives, if
    /// anything, comes out in place of the value that was in the step.
    ///
    /// A transducer with state goes on with what the panic left of it. A panic of the handler is as one
    /// without a handler, and so is one in what stands behind.
    ///
    /// core.async's `ex-handler`.
    ///
    /// ```
    /// use csp::prelude::*;
    /// let inverse = xf::map(|n: u32| 100 / n).on_panic(|_| Some(0));
    /// let (tx, rx) = chan_with(3, inverse);
    /// for n in [50, 0, 20] { tx.try_put(n).unwrap(); }
    /// drop(tx);
    /// assert_eq!(rx.into_iter().collect::<Vec<_>>(), [2, 0, 5]);
    /// ```
    fn on_panic<H>(self, handler: H) -> OnPanic<Self, H>
    where
        Self: Sized,
        H: FnMut(&Panicked) -> Option<Self::Out>,
    {
        OnPanic::new(self, handler)
    }

    /// This first, then `next` on what comes out of it. Clojure's `comp`.
    ///
    /// Once `next` wants no more, this is not asked again.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// fn tidy<'a>() -> impl Transducer<In = &'a str, Out = &'a str> {
    ///     xf::map(str::trim).remove(|line| line.is_empty())
    /// }
    /// let lines = xf::mapcat(str::lines).then(tidy());
    /// assert!(lines.iter([" take\n\n", "put "]).eq(["take", "put"]));
    /// ```
    #[doc(alias = "comp")]
    fn then<N>(self, next: N) -> Then<Self, N>
    where
        Self: Sized,
        N: Transducer<In = Self::Out>,
    {
        Then::new(self, next)
    }

    /// Puts the values of an iterator in, and iterates over what comes out.
    ///
    /// It is lazy: a value is pulled when all that came of the one before has been read. Once this
    /// wants no more, `values` is not asked again. What is held back comes at the end, and after the
    /// end comes nothing. `xf.iter(values).collect()` is Clojure's `into` and `sequence`.
    ///
    /// If a step panics, what it had given can still be read, and then the iterator is at its end.
    ///
    /// ```text
    /// values    1  2   3  4   5    |
    /// iter       [1 2]  [3 4]   [5]|     xf::partition_all(2)
    /// ```
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let pairs: Vec<_> = xf::partition_all(2).iter(1..=5).collect();
    /// assert_eq!(pairs, [vec![1, 2], vec![3, 4], vec![5]]);
    /// ```
    #[doc(alias = "eduction")]
    #[doc(alias = "sequence")]
    fn iter<I>(self, values: I) -> Iter<Self, I::IntoIter>
    where
        Self: Sized,
        I: IntoIterator<Item = Self::In>,
    {
        Iter::new(self, values.into_iter())
    }

    /// Calls `f` on what comes out: [`map()`].
    fn map<B, F>(self, f: F) -> Then<Self, Map<Self::Out, F>>
    where
        Self: Sized,
        F: FnMut(Self::Out) -> B,
    {
        self.then(map(f))
    }

    /// Calls `f` on the index of each value and the value: [`map_indexed()`].
    #[doc(alias = "enumerate")]
    fn map_indexed<B, F>(self, f: F) -> Then<Self, MapIndexed<Self::Out, F>>
    where
        Self: Sized,
        F: FnMut(usize, Self::Out) -> B,
    {
        self.then(map_indexed(f))
    }

    /// Shows each value to `f`: [`inspect()`].
    fn inspect<F>(self, f: F) -> Then<Self, Inspect<Self::Out, F>>
    where
        Self: Sized,
        F: FnMut(&Self::Out),
    {
        self.then(inspect(f))
    }

    /// Lets through the values that `f` says `true` to: [`filter()`].
    fn filter<F>(self, f: F) -> Then<Self, Filter<Self::Out, F>>
    where
        Self: Sized,
        F: FnMut(&Self::Out) -> bool,
    {
        self.then(filter(f))
    }

    /// Drops the values that `f` says `true` to: [`remove()`].
    fn remove<F>(self, f: F) -> Then<Self, Remove<Self::Out, F>>
    where
        Self: Sized,
        F: FnMut(&Self::Out) -> bool,
    {
        self.then(remove(f))
    }

    /// Gives what is in the `Some` of `f`: [`keep()`].
    #[doc(alias = "filter_map")]
    fn keep<B, F>(self, f: F) -> Then<Self, Keep<Self::Out, F>>
    where
        Self: Sized,
        F: FnMut(Self::Out) -> Option<B>,
    {
        self.then(keep(f))
    }

    /// [`keep`](Self::keep) with the index of each value: [`keep_indexed()`].
    fn keep_indexed<B, F>(self, f: F) -> Then<Self, KeepIndexed<Self::Out, F>>
    where
        Self: Sized,
        F: FnMut(usize, Self::Out) -> Option<B>,
    {
        self.then(keep_indexed(f))
    }

    /// Gives what is in each value: [`cat()`].
    #[doc(alias = "flatten")]
    fn cat(self) -> Then<Self, Cat<Self::Out>>
    where
        Self: Sized,
        Self::Out: IntoIterator,
    {
        self.then(cat())
    }

    /// Gives each of what `f` makes of a value: [`mapcat()`].
    #[doc(alias = "flat_map")]
    fn mapcat<Items, F>(self, f: F) -> Then<Self, Mapcat<Self::Out, F>>
    where
        Self: Sized,
        Items: IntoIterator,
        F: FnMut(Self::Out) -> Items,
    {
        self.then(mapcat(f))
    }

    /// Gives the first `n` values, and ends: [`take()`].
    fn take(self, n: usize) -> Then<Self, Take<Self::Out>>
    where
        Self: Sized,
    {
        self.then(take(n))
    }

    /// Gives values as long as `f` says `true`, and ends: [`take_while()`].
    #[doc(alias = "halt_when")]
    fn take_while<F>(self, f: F) -> Then<Self, TakeWhile<Self::Out, F>>
    where
        Self: Sized,
        F: FnMut(&Self::Out) -> bool,
    {
        self.then(take_while(f))
    }

    /// Gives the first value and every `n`-th after it: [`take_nth()`].
    ///
    /// # Panics
    /// If `n` is 0.
    #[doc(alias = "step_by")]
    #[track_caller]
    fn take_nth(self, n: usize) -> Then<Self, TakeNth<Self::Out>>
    where
        Self: Sized,
    {
        self.then(take_nth(n))
    }

    /// Drops the first `n` values: [`skip()`].
    #[doc(alias = "drop")]
    fn skip(self, n: usize) -> Then<Self, Skip<Self::Out>>
    where
        Self: Sized,
    {
        self.then(skip(n))
    }

    /// Drops values as long as `f` says `true`: [`skip_while()`].
    #[doc(alias = "drop_while")]
    fn skip_while<F>(self, f: F) -> Then<Self, SkipWhile<Self::Out, F>>
    where
        Self: Sized,
        F: FnMut(&Self::Out) -> bool,
    {
        self.then(skip_while(f))
    }

    /// Gives groups of exactly `n`, and drops what is left at the end: [`partition()`].
    ///
    /// # Panics
    /// If `n` is 0.
    #[doc(alias = "chunks_exact")]
    #[track_caller]
    fn partition(self, n: usize) -> Then<Self, Partition<Self::Out>>
    where
        Self: Sized,
    {
        self.then(partition(n))
    }

    /// Gives groups of `n`, and a shorter one at the end: [`partition_all()`].
    ///
    /// # Panics
    /// If `n` is 0.
    #[doc(alias = "chunks")]
    #[track_caller]
    fn partition_all(self, n: usize) -> Then<Self, PartitionAll<Self::Out>>
    where
        Self: Sized,
    {
        self.then(partition_all(n))
    }

    /// Gives runs of values with the same key: [`partition_by()`].
    #[doc(alias = "chunk_by")]
    fn partition_by<K, F>(self, f: F) -> Then<Self, PartitionBy<Self::Out, K, F>>
    where
        Self: Sized,
        K: PartialEq,
        F: FnMut(&Self::Out) -> K,
    {
        self.then(partition_by(f))
    }

    /// Gives, with each value from the `n`-th on, the last `n`: [`window()`].
    ///
    /// # Panics
    /// If `n` is 0.
    #[doc(alias = "windows")]
    #[track_caller]
    fn window(self, n: usize) -> Then<Self, Window<Self::Out>>
    where
        Self: Sized,
        Self::Out: Clone,
    {
        self.then(window(n))
    }

    /// Drops each value that equals the one before it: [`dedupe()`].
    #[doc(alias = "unique")]
    fn dedupe(self) -> Then<Self, Dedupe<Self::Out>>
    where
        Self: Sized,
        Self::Out: PartialEq + Clone,
    {
        self.then(dedupe())
    }

    /// Gives each value once, and holds a clone of each: [`distinct()`].
    fn distinct(self) -> Then<Self, Distinct<Self::Out>>
    where
        Self: Sized,
        Self::Out: Hash + Eq + Clone,
    {
        self.then(distinct())
    }

    /// Gives a clone of `separator` between each value and the next: [`interpose()`].
    #[doc(alias = "intersperse")]
    fn interpose(self, separator: Self::Out) -> Then<Self, Interpose<Self::Out>>
    where
        Self: Sized,
        Self::Out: Clone,
    {
        self.then(interpose(separator))
    }

    /// Gives a running result, which begins with `init`: [`scan()`].
    #[doc(alias = "reductions")]
    fn scan<S, F>(self, init: S, f: F) -> Then<Self, Scan<Self::Out, S, F>>
    where
        Self: Sized,
        S: Clone,
        F: FnMut(&S, Self::Out) -> S,
    {
        self.then(scan(init, f))
    }

    /// Lets each value through with the given probability: [`random_sample()`].
    ///
    /// # Panics
    /// If `probability` is not in 0.0 to 1.0.
    #[track_caller]
    fn random_sample(self, probability: f64) -> Then<Self, RandomSample<Self::Out>>
    where
        Self: Sized,
    {
        self.then(random_sample(probability))
    }

    /// [`random_sample`](Self::random_sample) that depends on the seed alone:
    /// [`random_sample_seeded()`].
    ///
    /// # Panics
    /// If `probability` is not in 0.0 to 1.0.
    #[track_caller]
    fn random_sample_seeded(
        self,
        probability: f64,
        seed: u64,
    ) -> Then<Self, RandomSample<Self::Out>>
    where
        Self: Sized,
    {
        self.then(random_sample_seeded(probability, seed))
    }
}
