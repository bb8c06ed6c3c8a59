//! Trap 5, trap 6: nothing is a recursion, and nothing gets slower than linear.

use csp::{
    Error, Promise,
    pipeline::{Pipeline, Recover, complete, next, redirect, restart},
    prelude::*,
};

use crate::util::promises::{Stage, failure, on_small_stack, value};

type Numbers = csp::pipeline::Stages<u32, u32, Error, u32>;

fn numbers() -> Numbers {
    Pipeline::builder()
}

/// EV-205, trap 5, trap 6: a million restarts and redirects, a hundred thousand restarts from the handler, all on a
/// small stack.
#[test]
fn ev_205_a_million_restarts_are_a_loop() {
    on_small_stack(|| {
        let stage = Stage::new();
        let restarts = numbers()
            .step(|n| {
                if n < 1_000_000 {
                    restart(n + 1)
                } else {
                    next(n)
                }
            })
            .build();
        assert_eq!(stage.run(restarts.run(0)).unwrap(), 1_000_000);

        let other = Pipeline::<u32, u32>::declare();
        let to_other = other.clone();
        let one = numbers()
            .step(move |n| match n {
                0 => complete(0),
                n => redirect(to_other.redirect(n - 1)),
            })
            .timeout(secs(3600))
            .finally(|| ())
            .build();
        let to_one = one.clone();
        let other = other.define(
            numbers()
                .step(move |n| match n {
                    0 => complete(0),
                    n => redirect(to_one.redirect(n - 1)),
                })
                .build(),
        );
        assert_eq!(stage.run(one.run(1_000_000)).unwrap(), 0);
        drop(other);

        let errors = numbers()
            .stage(|n| {
                if n < 100_000 {
                    Err(Error::from("again"))
                } else {
                    Ok(n)
                }
            })
            .on_error({
                let count = std::sync::atomic::AtomicU32::new(0);
                move |_, _| {
                    let n = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    Recover::Restart(Some(n + 1))
                }
            })
            .build();
        assert_eq!(stage.run(errors.run(0)).unwrap(), 100_000);

        let eventual = numbers()
            .stage(|n| {
                if n % 2 == 0 {
                    Promise::ready(n)
                } else {
                    Promise::from(go!({ n }))
                }
            })
            .step(|n| if n < 100_000 { restart(n + 1) } else { next(n) })
            .build();
        assert_eq!(stage.run(async { eventual.run(0).await }).unwrap(), 100_000);
    });
}

/// Pipelines nested a hundred thousand deep: run, failed, recovered, cancelled, dropped.
#[test]
fn trap_5_deep_nesting() {
    const DEPTH: u32 = 100_000;
    on_small_stack(|| {
        let stage = Stage::new();
        let deep = |innermost: Numbers| {
            let mut pipeline = innermost.build();
            for _ in 0..DEPTH {
                pipeline = numbers().nest(&pipeline).map(|n| n + 1).build();
            }
            pipeline
        };
        let counts = deep(numbers());
        assert_eq!(stage.run(counts.run(0)).unwrap(), DEPTH);
        drop(counts);

        let mut fails = numbers().stage(|_| Err("deep down".into())).build();
        for _ in 0..DEPTH {
            fails = numbers()
                .nest(&fails)
                .on_error(|_, _| Recover::Propagate)
                .finally(|| ())
                .build();
        }
        let failed = stage.run(fails.run(0)).unwrap_err();
        assert_eq!(failed.to_string(), "deep down");

        let hangs = deep(numbers().stage(|_| Promise::pending()));
        let run = stage.with(|| hangs.run(0));
        run.cancel();
        stage.idle();
        assert!(run.is_cancelled());
        let limited = numbers().nest(&hangs).timeout(ms(1)).build();
        assert!(stage.run(limited.run(0)).is_err());
    });
}

/// Pipelines that closures of others hold, a hundred thousand in a row, are dropped one after the other.
#[test]
fn trap_5_deep_drops() {
    on_small_stack(|| {
        let mut pipeline = numbers().build();
        for _ in 0..100_000 {
            let to = pipeline;
            pipeline = numbers()
                .step(move |n| redirect(to.redirect(n + 1)))
                .build();
        }
        let stage = Stage::new();
        assert_eq!(stage.run(pipeline.run(0)).unwrap(), 100_000);
        drop(pipeline);
    });
}

/// Runs from many threads, of which many fail, restart, redirect, and go elsewhere.
#[test]
fn many_threads() {
    let pipeline = {
        let inner = numbers()
            .stage(|n| go!({ n + 1 }))
            .step(|n| match n % 4 {
                0 => Err("a multiple of four".into()),
                1 => Ok(restart(n + 1)),
                _ => Ok(next(n)),
            })
            .on_error(|_, _| Recover::Complete(0))
            .build();
        numbers().nest(&inner).build()
    };
    let threads: Vec<_> = (0..4)
        .map(|thread| {
            let pipeline = pipeline.clone();
            std::thread::spawn(move || {
                let runs: Vec<_> = (0..500).map(|n| pipeline.run(4 * n + thread)).collect();
                runs.into_iter().map(value).collect::<Vec<_>>()
            })
        })
        .collect();
    let results: Vec<_> = threads
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .collect();
    let expected = |thread: u32, n: u32| match thread {
        1 => 4 * n + 2,
        // 4n + 1, so again with 4n + 2
        0 | 2 => 4 * n + 3,
        _ => 0,
    };
    for (thread, results) in (0..).zip(results) {
        assert!(
            results
                .into_iter()
                .eq((0..500).map(|n| expected(thread, n)))
        );
    }
    assert_eq!(
        failure(numbers().stage(|_| Err("x".into())).build().run(0)),
        "x"
    );
}
