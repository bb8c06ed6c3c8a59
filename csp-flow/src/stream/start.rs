//! How the block of an operator is started.

use csp_core::{
    Buffer, Go, Receiver, Sender, chan,
    xf::{Identity, Transducer},
};
use csp_sched::go;

use super::Stream;
pub(super) use crate::ops::pump::Sure;

/// Starts the block of an operator behind `before`. `run` makes it: it brings its channel to its end.
#[track_caller]
pub(super) fn follow<X, T, F>(
    before: Stream<X>,
    run: impl FnOnce(Receiver<X::Out>, Sender<T>) -> F,
) -> Stream<Identity<T>>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Send + 'static,
    T: Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let on = before.on.clone();
    let _here = before.enter();
    let from = before.receiver();
    let (out, block) = start(0, |to| run(from, to));
    drop(block);
    super::derived(on, out)
}

/// An operator behind `before` that has its own way to start its block.
#[track_caller]
pub(super) fn follow_by<X, T>(
    before: Stream<X>,
    run: impl FnOnce(Receiver<X::Out>) -> Receiver<T>,
) -> Stream<Identity<T>>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Send + 'static,
{
    let on = before.on.clone();
    let _here = before.enter();
    super::derived(on, run(before.receiver()))
}

/// Starts the block of an operator that a stream begins with.
#[track_caller]
pub(super) fn begin<T, F>(run: impl FnOnce(Sender<T>) -> F) -> Stream<Identity<T>>
where
    T: Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let (out, block) = start(0, run);
    drop(block);
    derived(out)
}

/// A channel that an operator puts into, as a stream.
pub(super) fn derived<T>(out: Receiver<T>) -> Stream<Identity<T>> {
    super::derived(None, out)
}

/// As [`begin`], for who wants the channel and what comes of the block.
#[track_caller]
pub(super) fn start<T, F>(
    buffer: impl Into<Buffer<T>>,
    run: impl FnOnce(Sender<T>) -> F,
) -> (Receiver<T>, Go<F::Output>)
where
    T: Send + 'static,
    F: Future<Output: Send + 'static> + Send + 'static,
{
    let (to, out) = chan(buffer);
    let sure = Sure(to.clone());
    let block = run(to);
    let block = go(async move {
        let result = block.await;
        drop(sure);
        result
    });
    (out, block)
}
