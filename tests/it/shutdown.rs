//! The end of a runtime: asked for, by a drop, in the midst of everything.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use csp::{Runtime, prelude::*};

use crate::util::{Census, LIMIT, outcome, runtime, until, value};

fn yield_thread() {
    for _ in 0..10 {
        std::thread::yield_now();
    }
}

#[test]
fn shutdown_waits_for_blocks_that_end() {
    let rt = runtime(2);
    let census = Census::default();
    let blocks: Vec<_> = (0..20)
        .map(|n| {
            let item = census.item();
            rt.go(async move {
                sleep(ms(n)).await;
                drop(item);
                n
            })
        })
        .collect();
    assert!(rt.shutdown(LIMIT).unwrap().is_clean());
    assert_eq!(census.living(), 0);
    for (n, block) in (0..).zip(blocks) {
        assert_eq!(outcome(block), Ok(n));
    }
}

#[test]
fn shutdown_cancels_what_is_left_at_the_deadline() {
    let rt = runtime(2);
    let census = Census::default();
    let (_tx, rx) = chan::<u32>(0);
    let blocks: Vec<_> = (0..20)
        .map(|_| {
            let (rx, item) = (rx.clone(), census.item());
            rt.go(async move {
                let _item = item;
                take!(rx)
            })
        })
        .collect();
    let start = Instant::now();
    assert_eq!(rt.shutdown(ms(20)).unwrap().cancelled().len(), 20);
    assert!(start.elapsed() >= ms(20));
    assert_eq!(census.living(), 0);
    for block in blocks {
        assert_eq!(outcome(block), Err(Failure::Cancelled));
    }
}

/// A turn that does not end cannot be stopped; the runtime says so and lets go of it.
#[test]
fn shutdown_tells_of_turns_that_do_not_end() {
    let rt = runtime(2);
    let stop = Arc::new(AtomicBool::new(false));
    let (started_tx, started) = chan(1);
    let seen = Arc::clone(&stop);
    let block = rt.go(async move {
        started_tx.try_put(()).unwrap();
        while !seen.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        5
    });
    started.take_blocking().unwrap();
    let error = rt.shutdown(ms(1)).unwrap_err();
    assert_eq!(error.left, 1);
    assert!(error.to_string().contains("1 block or thread"), "{error}");
    stop.store(true, Ordering::SeqCst);
    assert_eq!(outcome(block), Ok(5), "it ended before its next park point");
}

/// A pool thread that blocks for good is told of as well.
#[test]
fn shutdown_tells_of_threads_that_block() {
    let rt = runtime(1);
    let (tx, rx) = chan::<u32>(0);
    let (started_tx, started) = chan(1);
    let blocked = {
        let _entered = rt.enter();
        thread(move || {
            started_tx.try_put(()).unwrap();
            rx.take_blocking()
        })
    };
    started.take_blocking().unwrap();
    assert_eq!(rt.shutdown(ms(1)).unwrap_err().left, 1);
    tx.put_blocking(1).unwrap();
    assert_eq!(outcome(blocked), Ok(Some(1)));
}

/// Called on a worker of its own: its own block is what is left.
#[test]
fn shutdown_from_a_block_of_its_own() {
    let rt = runtime(1);
    let (rt_tx, rt_rx) = chan::<Runtime>(1);
    let block = rt.go(async move {
        let rt = take!(rt_rx).unwrap();
        rt.shutdown(ms(1)).unwrap_err().left
    });
    rt_tx.try_put(rt).unwrap();
    assert_eq!(outcome(block), Ok(1));
}

#[test]
fn drop_cancels_without_waiting() {
    let rt = runtime(2);
    let census = Census::default();
    let (tx, rx) = chan::<u32>(0);
    let (item, own) = (census.item(), rx.clone());
    let block = rt.go(async move {
        let _item = item;
        take!(own)
    });
    drop(rt);
    assert_eq!(outcome(block), Err(Failure::Cancelled));
    assert_eq!(census.living(), 0);
    drop(rx);
    assert_eq!(tx.try_put(1), Err(TryPutError::Closed(1)));
}

/// Dropped by a block of its own.
#[test]
fn drop_on_a_worker_of_its_own() {
    let rt = runtime(1);
    let (rt_tx, rt_rx) = chan::<Runtime>(1);
    let block = rt.go(async move {
        drop(take!(rt_rx));
        5
    });
    rt_tx.try_put(rt).unwrap();
    assert_eq!(outcome(block), Ok(5));
}

/// A guard that outlives its runtime: what is started is cancelled at once, and says so.
#[test]
fn starting_on_a_runtime_that_has_ended() {
    let rt = runtime(1);
    let entered = rt.enter();
    rt.shutdown(LIMIT).unwrap();
    let census = Census::default();
    let item = census.item();
    assert_eq!(outcome(go!({ drop(item) })), Err(Failure::Cancelled));
    assert_eq!(outcome(thread(|| 1)), Err(Failure::Cancelled));
    assert_eq!(census.living(), 0);
    drop(entered);
    assert_eq!(value(go!({ 1 })), 1);
}

/// The threads of this process whose names begin like this.
#[cfg(target_os = "linux")]
fn threads_named(prefix: &str) -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    tasks
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok())
        .filter(|name| name.starts_with(prefix))
        .count()
}

/// Many runtimes made and dropped, with blocks parked, sleeping, computing and blocked, leave no thread
/// and no value.
#[test]
#[cfg(target_os = "linux")]
fn stress_runtimes_leave_nothing() {
    let census = Census::default();
    for round in 0..100 {
        let rt = Runtime::builder()
            .workers(1 + round % 3)
            .name("leftover")
            .build();
        let (tx, rx) = chan::<u32>(0);
        for n in 0..6 {
            let (rx, item) = (rx.clone(), census.item());
            rt.go(async move {
                let _item = item;
                match n {
                    0 => drop(take!(rx)),
                    1 => sleep(secs(1_000)).await,
                    2 => drop(thread(|| 1).await),
                    3 => until(|| false).await,
                    4 => drop(csp::allow_blocking!(rx.take_blocking_for(ms(1)))),
                    _ => {}
                }
            });
        }
        if round % 2 == 0 {
            yield_thread();
        }
        match round % 3 {
            0 => drop(rt.shutdown(ms(1))),
            _ => drop(rt),
        }
        drop(tx);
    }
    let start = Instant::now();
    while threads_named("leftover") > 0 || census.living() > 0 {
        assert!(
            start.elapsed() < secs(40),
            "{} threads and {} values are left",
            threads_named("leftover"),
            census.living()
        );
        std::thread::sleep(ms(5));
    }
}

/// A runtime is dropped while blocks of others put into its channels, and start blocks on it.
#[test]
fn stress_shutdown_races_with_everything() {
    for _ in 0..50 {
        let rt = Arc::new(runtime(2));
        let (tx, rx) = chan::<u32>(0);
        let taker = rt.go(async move {
            let mut sum = 0;
            while let Some(n) = take!(rx) {
                let inner = go!({ n });
                sum += inner.await.unwrap_or(0);
            }
            sum
        });
        let other = {
            let rt = Arc::clone(&rt);
            std::thread::spawn(move || {
                let mut started = 0;
                while tx.put_blocking(1).is_ok() {
                    drop(rt.go(async { yield_now().await }));
                    started += 1;
                    if started == 100 {
                        break;
                    }
                }
            })
        };
        yield_thread();
        taker.cancel();
        drop(rt);
        drop(outcome(taker));
        other.join().unwrap();
    }
}
