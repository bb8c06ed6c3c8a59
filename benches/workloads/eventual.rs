//! Promises, streams, pipelines, locks, the event loop and requests, where it makes sense beside the same by
//! hand.

use std::{cell::Cell, ops::ControlFlow, rc::Rc};

use csp::{
    Error, EventLoop,
    lock::Mutex,
    pipeline::{Pipeline, Step, complete, restart},
    prelude::*,
    promise::{promise, repeat},
    requests,
};

use super::{connectors::By, sum_below};

/// A chain of `n` steps, settled at its head once it is there.
pub(crate) fn promise_chain(n: u64) {
    let (resolver, head) = promise::<u64, Error>();
    let last = (0..n).fold(head, |promise, _| promise.map(|n| n + 1));
    resolver.fulfill(0).expect("it is wanted");
    assert_eq!(last.wait().expect("no step fails"), n);
}

/// A block that waits for one promise after the other, each settled by another block.
pub(crate) fn promise_wait(n: u64) {
    let sum = go!({
        let mut sum = 0;
        for n in 0..n {
            let (resolver, promise) = promise::<u64, Error>();
            go!({ resolver.fulfill(n).expect("it is wanted") });
            sum += promise.await.expect("it is fulfilled");
        }
        sum
    });
    assert_eq!(sum.wait(), Ok(sum_below(n)));
}

/// A loop whose body is eventual; by hand, a go block with a loop.
pub(crate) fn turns(by: By, n: u64) {
    let last = match by {
        By::Connector => repeat(0, move |at| {
            Promise::<_, Error>::ready(if at < n {
                ControlFlow::Continue(at + 1)
            } else {
                ControlFlow::Break(at)
            })
        })
        .wait()
        .expect("nothing fails"),
        By::Hand => go!({
            let mut at = 0;
            while at < n {
                at = Promise::<_, Error>::ready(at + 1)
                    .await
                    .expect("it is ready");
            }
            at
        })
        .wait()
        .expect("it ends"),
    };
    assert_eq!(last, n);
}

/// A pipeline that restarts itself.
pub(crate) fn restarts(n: u64) {
    let count = Pipeline::<u64, u64>::builder()
        .map(|n| n - 1)
        .step(|n| -> Step<u64, u64, u64, Error> {
            if n == 0 { complete(n) } else { restart(n) }
        })
        .build();
    assert_eq!(count.run(n).wait().expect("it ends"), 0);
}

/// Three operators in one block; by hand, the loop.
pub(crate) fn stream_of_three(by: By, n: u64) {
    let (tx, rx) = chan(64);
    go!({
        for n in 0..n {
            put!(tx, n).expect("it is taken to the end");
        }
    });
    let out = match by {
        By::Connector => stream(rx)
            .map(|n| n + 1)
            .filter(|n| n % 2 == 0)
            .map(|n| n * 3)
            .chan(64),
        By::Hand => {
            let (tx, out) = chan(64);
            go!({
                while let Some(n) = take!(rx) {
                    let n = n + 1;
                    if n % 2 == 0 && put!(tx, n * 3).is_err() {
                        return;
                    }
                }
            });
            out
        }
    };
    let sum = go!({
        let mut sum = 0;
        while let Some(n) = take!(out) {
            sum += n;
        }
        sum
    });
    let expected: u64 = (1..=n).filter(|n| n % 2 == 0).map(|n| n * 3).sum();
    assert_eq!(sum.wait(), Ok(expected));
}

/// Eight blocks that lock one mutex in turn.
pub(crate) fn mutex(n: u64) {
    let counter = std::sync::Arc::new(Mutex::new(0));
    let blocks: Vec<_> = (0..8)
        .map(|at| {
            let (counter, share) = (counter.clone(), super::share(n, 8, at));
            go!({
                for _ in share {
                    *counter.lock().await += 1;
                }
            })
        })
        .collect();
    for block in blocks {
        block.wait().expect("it counts to the end");
    }
    assert_eq!(*counter.lock_blocking(), n);
}

/// Events whose handler emits the next.
pub(crate) fn events(n: u64) {
    let events = EventLoop::new();
    let seen = Rc::new(Cell::new(0));
    let there = Rc::clone(&seen);
    events.on(move |at: &u64, events| {
        there.set(there.get() + 1);
        if at + 1 < n {
            events.emit(at + 1).expect("the loop runs");
        }
    });
    events.handle().emit(0_u64).expect("the loop runs");
    events.run_until_idle();
    assert_eq!(seen.get(), n);
}

/// Calls of a client, sixteen under way, over channels.
pub(crate) fn calls(n: u64) {
    let client = requests::client(|| async {
        let (requests_tx, requests) = chan(16);
        let (answers_tx, answers) = chan(16);
        drop(
            requests::serve(requests, answers_tx, |n: u64| async move {
                Ok::<_, Error>(n + 1)
            })
            .start(),
        );
        Ok::<_, Error>((requests_tx, answers))
    })
    .pipelined(16)
    .start();
    let callers: Vec<_> = (0..16)
        .map(|at| {
            let (client, share) = (client.clone(), super::share(n, 16, at));
            go!({
                let mut sum = 0;
                for n in share {
                    sum += client.call(n).await.expect("it is answered") - 1;
                }
                sum
            })
        })
        .collect();
    let sum: u64 = callers
        .into_iter()
        .map(|caller| caller.wait().expect("it ends"))
        .sum();
    assert_eq!(sum, sum_below(n));
}
