//! One worker, and far more workers than processors.

use csp::{Runtime, prelude::*};

use crate::{cases, outcome, traffic};

fn runtime(workers: usize) -> Runtime {
    Runtime::builder().workers(workers).build()
}

/// Nothing is lost or comes twice, with any number of workers.
#[test]
fn stress_no_value_is_lost_with_1_2_or_64_workers() {
    for (workers, runs) in [(1, 150), (2, 150), (64, 100)] {
        let rt = runtime(workers);
        let values: u64 = (0..runs).map(|seed| traffic::run(&rt, seed).values).sum();
        cases::held(
            "nothing is lost",
            &format!("{workers} workers, cancels"),
            values,
        );
        rt.shutdown(crate::LIMIT).expect("all blocks have ended");
    }
}

/// Each block waits, blocking its worker, for one that it starts.
fn nested(rt: &csp::Handle, depth: u32) -> Go<u32> {
    let inner = rt.clone();
    rt.go(async move {
        if depth == 0 {
            return 0;
        }
        let inner = nested(&inner, depth - 1);
        csp::allow_blocking!(inner.wait()).expect("it ends well") + 1
    })
}

/// A pool of one worker is not deadlocked by blocks that block it and wait for each other.
#[test]
fn no_pool_deadlock_with_one_worker() {
    const DEPTH: u32 = 200;
    for workers in [1, 2, 64] {
        let rt = runtime(workers);
        assert_eq!(outcome(nested(&rt.handle(), DEPTH)), Ok(DEPTH));
        cases::held(
            "no pool deadlock",
            &format!("nested blocking, {workers} workers"),
            DEPTH.into(),
        );
    }
}

/// A panic ends its block alone, wherever it runs.
#[test]
fn panics_stay_alone_with_1_or_64_workers() {
    csp::set_panic_hook(|_| ());
    for workers in [1, 64] {
        let rt = runtime(workers);
        let (tx, rx) = chan(0);
        let blocks: Vec<_> = (0..500_u32)
            .map(|n| {
                let tx = tx.clone();
                rt.go(async move {
                    assert!(n % 2 == 0, "odd");
                    put!(tx, n).expect("somebody takes");
                })
            })
            .collect();
        drop(tx);
        let sum = rt.go(async move {
            let mut sum = 0;
            while let Some(n) = take!(rx) {
                sum += n;
            }
            sum
        });
        assert_eq!(outcome(sum), Ok((0..500).filter(|n| n % 2 == 0).sum()));
        for (n, block) in blocks.into_iter().enumerate() {
            let ended = outcome(block);
            assert_eq!(ended.is_ok(), n % 2 == 0, "block {n}: {ended:?}");
        }
        cases::held(
            "panic isolation",
            &format!("every second block panics, {workers} workers"),
            250,
        );
    }
}
