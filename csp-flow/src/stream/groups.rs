//! Groups of values. Transducers: see [`csp_core::xf`].

use csp_core::xf::{
    Partition, PartitionAll, PartitionBy, Then, Transducer, Window, partition, partition_all,
    partition_by, window,
};

use super::Stream;

impl<X> Stream<X>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Send + 'static,
{
    /// Gives groups of `n` values, and at the end a shorter one with what is left.
    ///
    /// ```text
    /// in    1  2   3  4   5     |
    /// out       [1 2]  [3 4]  [5]|     partition_all(2)
    /// ```
    ///
    /// If the source fails, the last group comes before the failure. If nobody takes any more, an unfinished
    /// group is dropped; if the block is cancelled as well.
    ///
    /// # Panics
    /// If `n` is 0.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let out = csp::stream(csp::to_chan(1..=5)).partition_all(2).chan(0);
    /// assert!(out.into_iter().eq([vec![1, 2], vec![3, 4], vec![5]]));
    /// ```
    ///
    /// Lamina's `partition-all*`, what slices call `chunks`; Manifold's `batch` of a size.
    #[doc(alias("chunks", "partition-all*"))]
    #[track_caller]
    pub fn partition_all(self, n: usize) -> Stream<Then<X, PartitionAll<X::Out>>> {
        self.apply(partition_all(n))
    }

    /// Gives groups of exactly `n` values. **What is left at the end is dropped**:
    /// [`partition_all`](Self::partition_all) gives it as well.
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
    /// let out = csp::stream(csp::to_chan(1..=4)).partition(3).chan(0);
    /// assert!(out.into_iter().eq([[1, 2, 3]]));
    /// ```
    ///
    /// Lamina's `partition*`, what slices call `chunks_exact`.
    #[doc(alias("chunks_exact", "partition*"))]
    #[track_caller]
    pub fn partition(self, n: usize) -> Stream<Then<X, Partition<X::Out>>> {
        self.apply(partition(n))
    }

    /// Gives runs: values in a row for which `f` gives the same key. The last run comes at the end.
    ///
    /// ```text
    /// in    1  3   2  4  5      |
    /// out       [1 3]  [2 4]  [5]|     partition_by(|n| n % 2)
    /// ```
    ///
    /// A run is given when the first value of the next one comes, and may become as long as what comes in.
    ///
    /// ```
    /// use csp::prelude::*;
    ///
    /// let runs = csp::stream(csp::to_chan([1, 3, 2, 4, 5])).partition_by(|n| n % 2).chan(0);
    /// assert!(runs.into_iter().eq([vec![1, 3], vec![2, 4], vec![5]]));
    /// ```
    ///
    /// Manifold's `partition-by`, what slices call `chunk_by`.
    #[doc(alias("chunk_by", "lazily-partition-by"))]
    #[expect(clippy::type_complexity, reason = "it says all that the chain is")]
    pub fn partition_by<K, F>(self, f: F) -> Stream<Then<X, PartitionBy<X::Out, K, F>>>
    where
        K: PartialEq,
        F: FnMut(&X::Out) -> K,
    {
        self.apply(partition_by(f))
    }

    /// Gives, with each value from the `n`-th on, the last `n` values, the oldest first.
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
    /// let sums = csp::stream(csp::to_chan(1..=4)).window(3).map(|w| w.iter().sum::<i32>()).chan(0);
    /// assert!(sums.into_iter().eq([6, 9]));
    /// ```
    ///
    /// Lamina's `partition*` with a step of 1, what slices call `windows`.
    #[doc(alias = "windows")]
    #[track_caller]
    pub fn window(self, n: usize) -> Stream<Then<X, Window<X::Out>>>
    where
        X::Out: Clone,
    {
        self.apply(window(n))
    }
}
