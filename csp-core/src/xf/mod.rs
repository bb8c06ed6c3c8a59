//! Transducers: steps between values, composed once and used on channels, iterators and reductions.
//!
//! A transducer takes values in and gives none, one or many out for each. What it does is independent
//! of where the values come from and go to, so one and the same chain works on a channel
//! ([`chan_with`](crate::chan_with)), on an iterator ([`Transducer::iter`]) and before a fold
//! ([`transduce()`]). The idea, and most of the names, are Clojure's.
//!
//! ```
//! use csp::prelude::*;
//!
//! let xf = xf::map(|n: u32| n + 1)
//!     .filter(|n| n % 2 == 0)
//!     .mapcat(|n| [n; 2])
//!     .take(3);
//! assert!(xf.clone().iter(1..).eq([2, 2, 4]));
//! assert_eq!(xf::transduce(xf, 0, |sum, n| sum + n, 1..), 8);
//! ```
//!
//! ```text
//!  in                  1     2     3
//!  map(|n| n + 1)      2     3     4
//!  filter(even)        2           4
//!  mapcat(|n| [n; 2])  2 2         4 4
//!  take(3)             2 2         4 |         it ends; 4 is not asked for
//! ```
//!
//! # Writing one
//! A chain begins with a function of this module and goes on with methods of [`Transducer`]. The first
//! closure must say what it takes (`|n: u32|`), unless the chain begins with [`of::<u32>()`](of); the others
//! know. [`then`](Transducer::then) puts two chains in a row,
//! and `impl Transducer<In = u32, Out = String>` is how a function takes or returns one.
//!
//! What is not here is a few lines: see [`Transducer`] for one of your own.
//!
//! # Names
//! In pictures, `|` is the end.
//!
//! | Clojure | here | gives |
//! |---------|------|-------|
//! | `map`, `map-indexed` | [`map()`], [`map_indexed`] | what `f` makes of each value |
//! | `filter`, `remove` | [`filter()`], [`remove`] | the values that `f` says `true` or `false` to |
//! | `keep`, `keep-indexed` | [`keep`], [`keep_indexed`] | what `f` has in its `Some` |
//! | `cat`, `mapcat` | [`cat()`], [`mapcat`] | what is in each value, or in what `f` makes of it |
//! | `take`, `take-while` | [`take()`], [`take_while`] | the first values; then it ends |
//! | `drop`, `drop-while` | [`skip()`], [`skip_while`] | all but the first values |
//! | `take-nth` | [`take_nth`] | every `n`-th value |
//! | `partition` | [`partition()`] | groups of `n` |
//! | `partition-all` | [`partition_all`] | groups of `n`, at the end a shorter one |
//! | `partition-by` | [`partition_by`] | runs with the same key |
//! | `dedupe` | [`dedupe()`] | values that differ from the one before |
//! | `distinct` | [`distinct`] | each value once; holds them all |
//! | `interpose` | [`interpose()`] | a separator between values |
//! | `random-sample` | [`random_sample`], [`random_sample_seeded`] | some values |
//! | `reductions` | [`scan()`] | the running result |
//! | `(partition n 1 …)` | [`window`] | the last `n` values with each |
//! | | [`inspect`] | each value, after a look at it |
//! | `identity` | [`identity()`], [`of`] | each value |
//! | `replace` | `map(move \|v\| table.get(&v).copied().unwrap_or(v))` | |
//! | `halt-when` | [`take_while`] with the opposite | |
//! | `comp` | [`Transducer::then`] | |
//! | `eduction`, `sequence`, `into` | [`Transducer::iter`], and `collect` | |
//! | `transduce` | [`transduce()`] | |
//! | `reduced` | `Break`, in [`Flow`] and [`try_transduce`] | |
//! | `ex-handler` of `chan` | [`Transducer::on_panic`] | something in place of the value |
//! | `completing` | not needed: a fold has no form for the end | |
//!
//! # State, clones, ends
//! `take`, `partition_by` and others remember something. That is theirs, not the chain's definition, so
//! each use needs a transducer of its own: clone it *before* its first use. Nothing is shared between
//! clones but what your closures share. A transducer is `Clone` and `Send` if its closures and what it
//! holds are.
//!
//! A chain ends when no more values come, or when a part of it wants no more: it *says `Break`*. Then it
//! is completed, once: from the first part to the last, each gives what it holds back, as far as those
//! behind it want it. On a channel the first is the close, and the second closes the channel.
//!
//! If a closure panics, the panic goes to whoever feeds the chain, and the chain is neither used again
//! nor completed: what it holds back is dropped. [`chan_with`](crate::chan_with) says who that is on a
//! channel. With [`on_panic`](Transducer::on_panic) the chain goes on instead.
//!
//! # On a channel
//! Steps run under the channel's lock, on whoever moves a value into the buffer: who puts, who takes and
//! so makes room for a parked put, who closes. So closures there
//! * are short: everybody at this channel waits for them;
//! * do not touch a channel, neither this one (that panics) nor another: for that there is a go block;
//! * do not block.
//!
//! A value that gives many can fill the buffer beyond its capacity; puts then park until there is room
//! again.

mod cat;
mod common;
mod dedupe;
mod filter;
mod identity;
mod interpose;
mod iter;
mod map;
mod on_panic;
mod partition;
mod sample;
mod scan;
mod skip;
mod take;
mod then;
mod transduce;
mod transducer;

use std::ops::ControlFlow;

pub use self::{
    cat::{Cat, Mapcat, cat, mapcat},
    dedupe::{Dedupe, Distinct, dedupe, distinct},
    filter::{Filter, Keep, KeepIndexed, Remove, filter, keep, keep_indexed, remove},
    identity::{Identity, identity, of},
    interpose::{Interpose, interpose},
    iter::Iter,
    map::{Inspect, Map, MapIndexed, inspect, map, map_indexed},
    on_panic::OnPanic,
    partition::{
        Partition, PartitionAll, PartitionBy, Window, partition, partition_all, partition_by,
        window,
    },
    sample::{RandomSample, random_sample, random_sample_seeded},
    scan::{Scan, scan},
    skip::{Skip, SkipWhile, TakeNth, skip, skip_while, take_nth},
    take::{Take, TakeWhile, take, take_while},
    then::Then,
    transduce::{transduce, try_transduce},
    transducer::Transducer,
};

/// Whether more is wanted: `Break` ends it.
pub type Flow = ControlFlow<()>;
