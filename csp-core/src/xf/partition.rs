//! Many in, one group out: by number, by a key, and sliding.

use std::{collections::VecDeque, iter, mem};

use super::{Flow, Transducer, common};

/// For a group of up to this many values room is made at once; a bigger one grows.
const ROOM: usize = 1024;

/// Gives groups of `n`: see [`partition_all`].
#[derive(Clone)]
#[must_use = "a transducer does nothing until it is given values"]
pub struct PartitionAll<T> {
    n: usize,
    held: Vec<T>,
}

common::debug!(PartitionAll<T>, n);

/// Gives groups of `n` values; what is held at the end is a group as well, a shorter one.
///
/// core.async's own (deprecated) `partition` is this one.
///
/// ```text
/// in    1  2   3   4  5   6   7     |
/// out       [1 2 3]    [4 5 6]   [7]|     partition_all(3)
/// ```
///
/// # Panics
/// If `n` is 0.
///
/// ```
/// use csp::prelude::*;
///
/// assert!(xf::partition_all(3).iter(1..=4).eq([vec![1, 2, 3], vec![4]]));
/// ```
#[doc(alias = "chunks")]
#[track_caller]
pub fn partition_all<T>(n: usize) -> PartitionAll<T> {
    assert!(
        n > 0,
        "xf::partition_all(0): a group has one value at least; write partition_all(1) or more"
    );
    PartitionAll {
        n,
        held: Vec::new(),
    }
}

impl<T> PartitionAll<T> {
    /// The group that `value` makes full.
    #[inline]
    fn push(&mut self, value: T) -> Option<Vec<T>> {
        if self.held.is_empty() {
            self.held.reserve_exact(self.n.min(ROOM));
        }
        self.held.push(value);
        (self.held.len() == self.n).then(|| mem::take(&mut self.held))
    }
}

impl<T> Transducer for PartitionAll<T> {
    type In = T;
    type Out = Vec<T>;

    #[inline]
    fn step(&mut self, value: T, emit: &mut impl FnMut(Vec<T>) -> Flow) -> Flow {
        match self.push(value) {
            Some(group) => emit(group),
            None => Flow::Continue(()),
        }
    }

    fn complete(&mut self, emit: &mut impl FnMut(Vec<T>) -> Flow) -> Flow {
        flush(&mut self.held, emit)
    }
}

/// Gives what is held, if anything.
fn flush<T>(held: &mut Vec<T>, emit: &mut impl FnMut(Vec<T>) -> Flow) -> Flow {
    if held.is_empty() {
        Flow::Continue(())
    } else {
        emit(mem::take(held))
    }
}

/// Gives groups of exactly `n`: see [`partition`].
#[derive(Clone)]
#[must_use = "a transducer does nothing until it is given values"]
pub struct Partition<T> {
    groups: PartitionAll<T>,
}

common::debug!(Partition<T>, groups);

/// Gives groups of exactly `n` values. **What is left at the end is dropped**, as Clojure's `partition`
/// does: [`partition_all`] gives it as well.
///
/// ```text
/// in    1  2   3   4  5   6   7  |
/// out       [1 2 3]    [4 5 6]   |     partition(3)
/// ```
///
/// # Panics
/// If `n` is 0.
///
/// ```
/// use csp::prelude::*;
///
/// assert!(xf::partition(3).iter(1..=4).eq([[1, 2, 3]]));
/// ```
#[doc(alias = "chunks_exact")]
#[track_caller]
pub fn partition<T>(n: usize) -> Partition<T> {
    assert!(
        n > 0,
        "xf::partition(0): a group has one value at least; write partition(1) or more"
    );
    Partition {
        groups: partition_all(n),
    }
}

impl<T> Transducer for Partition<T> {
    type In = T;
    type Out = Vec<T>;

    #[inline]
    fn step(&mut self, value: T, emit: &mut impl FnMut(Vec<T>) -> Flow) -> Flow {
        self.groups.step(value, emit)
    }

    fn complete(&mut self, _: &mut impl FnMut(Vec<T>) -> Flow) -> Flow {
        self.groups.held = Vec::new();
        Flow::Continue(())
    }
}

/// Gives runs of values with one key: see [`partition_by`].
#[derive(Clone)]
#[must_use = "a transducer does nothing until it is given values"]
pub struct PartitionBy<T, K, F> {
    key: Option<K>,
    held: Vec<T>,
    f: F,
}

common::debug!(PartitionBy<T, K, F>);

/// Gives runs: values in a row for which `f` gives the same key. The last run comes at the end.
///
/// A run is given when the first value of the next one comes, and may become as long as what comes in.
///
/// ```text
/// in    1  3   2   4  5      |
/// out       [1 3]  [2 4]  [5]|     partition_by(|n| n % 2)
/// ```
///
/// ```
/// use csp::prelude::*;
///
/// let runs = xf::partition_by(|n| n % 2);
/// assert!(runs.iter([1, 3, 2, 4, 5]).eq([vec![1, 3], vec![2, 4], vec![5]]));
/// ```
#[doc(alias = "chunk_by")]
pub fn partition_by<T, K, F>(f: F) -> PartitionBy<T, K, F>
where
    K: PartialEq,
    F: FnMut(&T) -> K,
{
    PartitionBy {
        key: None,
        held: Vec::new(),
        f,
    }
}

impl<T, K, F> Transducer for PartitionBy<T, K, F>
where
    K: PartialEq,
    F: FnMut(&T) -> K,
{
    type In = T;
    type Out = Vec<T>;

    #[inline]
    fn step(&mut self, value: T, emit: &mut impl FnMut(Vec<T>) -> Flow) -> Flow {
        let key = (self.f)(&value);
        if self.key.as_ref() != Some(&key) {
            self.key = Some(key);
            // If no more is wanted, `value` goes, so that there is nothing to give at the end.
            flush(&mut self.held, emit)?;
        }
        self.held.push(value);
        Flow::Continue(())
    }

    fn complete(&mut self, emit: &mut impl FnMut(Vec<T>) -> Flow) -> Flow {
        flush(&mut self.held, emit)
    }
}

/// Gives the last `n` values with each: see [`window`].
#[derive(Clone)]
#[must_use = "a transducer does nothing until it is given values"]
pub struct Window<T> {
    n: usize,
    /// Fewer than `n` between steps.
    held: VecDeque<T>,
}

common::debug!(Window<T>, n);

/// Gives, with each value from the `n`-th on, the last `n` values, the oldest first.
///
/// With fewer than `n` values in all it gives nothing. Each value is cloned for all but the last of the
/// windows that it is in.
///
/// ```text
/// in    1  2     3        4        5     |
/// out         [1 2 3]  [2 3 4]  [3 4 5]  |     window(3)
/// ```
///
/// # Panics
/// If `n` is 0.
///
/// ```
/// use csp::prelude::*;
///
/// let smooth = xf::window(3).map(|w| w.iter().sum::<f64>() / 3.0);
/// assert!(smooth.iter([1.0, 2.0, 6.0, 1.0]).eq([3.0, 3.0]));
/// ```
#[doc(alias = "windows")]
#[track_caller]
pub fn window<T: Clone>(n: usize) -> Window<T> {
    assert!(
        n > 0,
        "xf::window(0): a window has one value at least; write window(1) or more"
    );
    Window {
        n,
        held: VecDeque::new(),
    }
}

impl<T: Clone> Transducer for Window<T> {
    type In = T;
    type Out = Vec<T>;

    #[inline]
    fn step(&mut self, value: T, emit: &mut impl FnMut(Vec<T>) -> Flow) -> Flow {
        self.held.push_back(value);
        if self.held.len() < self.n {
            return Flow::Continue(());
        }
        // The oldest is in no later window.
        let oldest = self.held.pop_front();
        emit(iter::chain(oldest, self.held.iter().cloned()).collect())
    }
}
