//! Blocking the thread of a worker does not stop the others; and `thread`.

use std::sync::{
    Arc, Barrier,
    atomic::{AtomicUsize, Ordering},
};

use csp::{Elapsed, block_on, prelude::*};

use crate::util::{LIMIT, failure_of, on_one_worker, outcome, runtime, sorted, value};

/// Each way to block, on a runtime of one worker whose other block has to run meanwhile.
#[test]
fn blocking_in_a_block_does_not_stop_the_others() {
    type Way = fn(&Sender<u32>, &Receiver<u32>) -> u32;
    let ways: [(&str, Way); 6] = [
        ("take_blocking", |_, rx| rx.take_blocking().unwrap()),
        ("take_blocking_for", |_, rx| {
            rx.take_blocking_for(LIMIT).unwrap().unwrap()
        }),
        ("block_on", |_, rx| block_on(rx.take()).unwrap()),
        ("iter_blocking", |_, rx| rx.iter_blocking().next().unwrap()),
        (
            "alt_blocking",
            |_, rx| alt_blocking! { v = take!(rx) => v.unwrap(), _ = take!(timeout(LIMIT)) => 0 },
        ),
        ("alts_blocking", |_, rx| {
            match alts_blocking!(rx.take(), timeout(LIMIT).take()) {
                Of2::A(v) => v.unwrap(),
                Of2::B(_) => 0,
            }
        }),
    ];
    for (name, way) in ways {
        let got = on_one_worker(async move {
            let (tx, rx) = chan(0);
            let (own_tx, own_rx) = (tx.clone(), rx.clone());
            let blocked = go!({ way(&own_tx, &own_rx) });
            let other = go!({ put!(tx, 7).is_ok() });
            (blocked.await, other.await)
        });
        assert_eq!(got, (Ok(7), Ok(true)), "{name}");
    }
}

#[test]
fn blocking_puts_in_a_block() {
    let got = on_one_worker(async {
        let (tx, rx) = chan(0);
        let blocked = go!({
            csp::allow_blocking!(tx.put_blocking(1)).unwrap();
            csp::allow_blocking!(tx.put_blocking_for(2, LIMIT)).unwrap();
            csp::allow_blocking!(tx.put_blocking_for(3, ms(1)))
                .unwrap_err()
                .into_inner()
        });
        let taken = (take!(rx), take!(rx));
        (taken, blocked.await)
    });
    assert_eq!(got, ((Some(1), Some(2)), Ok(3)));
}

#[test]
fn time_limit_of_a_blocking_take_runs_out_in_a_block() {
    let got = on_one_worker(async {
        let (_tx, rx) = chan::<u32>(0);
        let blocked = go!({ csp::allow_blocking!(rx.take_blocking_for(ms(5))) });
        // Others run while it blocks.
        sleep(ms(1)).await;
        blocked.await
    });
    assert_eq!(got, Ok(Err(Elapsed)));
}

/// A pool of one worker cannot be deadlocked by nested waiting.
#[test]
fn wait_within_wait_on_one_worker() {
    fn nest(depth: u32) -> Go<u32> {
        go!({
            yield_now().await;
            if depth == 0 {
                0
            } else {
                nest(depth - 1).wait().unwrap() + 1
            }
        })
    }
    assert_eq!(on_one_worker(async { nest(40).await }), Ok(40));
}

/// A block that blocks holds its thread, parks afterwards like any other, and what it starts runs.
#[test]
fn block_parks_again_after_it_blocked() {
    let got = on_one_worker(async {
        let (tx, rx) = chan(0);
        let (back_tx, back) = chan(0);
        let block = go!({
            let mut sum = 0;
            for _ in 0..20 {
                sum += csp::allow_blocking!(rx.take_blocking()).unwrap();
                let inner = go!({ 100 });
                put!(back_tx, sum).unwrap();
                sum += take!(rx).unwrap() + inner.await.unwrap();
            }
            sum
        });
        for n in 0..20 {
            put!(tx, n).unwrap();
            take!(back).unwrap();
            put!(tx, n).unwrap();
        }
        block.await
    });
    assert_eq!(got, Ok(2 * 190 + 2_000));
}

/// What stood in the worker's queues when its thread blocked is run by the thread that takes over.
#[test]
fn queue_is_handed_over_when_a_worker_blocks() {
    let ran = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&ran);
    on_one_worker(async move {
        let (tx, rx) = chan(1);
        let blocks: Vec<_> = (0..50)
            .map(|_| {
                let (count, tx) = (Arc::clone(&count), tx.clone());
                go!({
                    if count.fetch_add(1, Ordering::SeqCst) == 25 {
                        tx.try_put(()).unwrap();
                    }
                })
            })
            .collect();
        assert_eq!(csp::allow_blocking!(rx.take_blocking()), Some(()));
        for block in blocks {
            block.await.unwrap();
        }
    });
    assert_eq!(ran.load(Ordering::SeqCst), 50);
}

/// What is ready does not cost the worker its thread.
#[test]
fn blocking_operation_that_need_not_block_keeps_the_thread() {
    let (before, after) = on_one_worker(async {
        let (tx, rx) = chan(1);
        let before = std::thread::current().id();
        for n in 0..1_000 {
            tx.put_blocking(n).unwrap();
            assert_eq!(rx.take_blocking(), Some(n));
        }
        yield_now().await;
        (before, std::thread::current().id())
    });
    assert_eq!(before, after);
}

/// Many blocks block at once on one worker, and all are released.
#[test]
fn stress_a_hundred_blocks_block_at_once() {
    let sum = on_one_worker(async {
        let (tx, rx) = chan::<u64>(0);
        let blocks: Vec<_> = (0..100)
            .map(|_| {
                let rx = rx.clone();
                go!({ csp::allow_blocking!(rx.take_blocking()).unwrap() })
            })
            .collect();
        for n in 0..100 {
            put!(tx, n).unwrap();
        }
        let mut sum = 0;
        for block in blocks {
            sum += block.await.unwrap();
        }
        sum
    });
    assert_eq!(sum, 4_950);
}

/// Timeouts are served while the only worker's thread is blocked.
#[test]
fn time_goes_on_while_a_worker_blocks() {
    on_one_worker(async {
        let (tx, rx) = chan(0);
        go!({
            sleep(ms(10)).await;
            put!(tx, 1).unwrap();
        });
        assert_eq!(csp::allow_blocking!(rx.take_blocking()), Some(1));
    });
}

/// CA-029: two threads with blocking takes and puts form a chain over three channels.
#[test]
fn threads_form_a_chain() {
    let (tx, first) = chan(0);
    let (to_second, second) = chan(0);
    let (to_third, third) = chan(0);
    let one = thread(move || {
        to_second
            .put_blocking(first.take_blocking().unwrap() + 1)
            .is_ok()
    });
    let two = thread(move || {
        to_third
            .put_blocking(second.take_blocking().unwrap() * 10)
            .is_ok()
    });
    tx.put_blocking(1).unwrap();
    assert_eq!(third.take_blocking(), Some(20));
    assert!(value(one) && value(two));
}

/// CA-030 is a compile error here; in a thread every blocking operation works.
#[test]
fn thread_blocks_as_it_likes() {
    let (tx, rx) = chan(0);
    let all = thread(move || rx.into_iter().collect::<Vec<u32>>());
    go!({
        for n in 0..1_000 {
            put!(tx, n).unwrap();
        }
    });
    assert_eq!(value(all).len(), 1_000);
}

/// CA-095, CA-157, CA-158: a thread that panics, also after an alts.
#[test]
fn thread_that_panics_says_so() {
    let failure = failure_of(thread(|| panic!("on purpose, in a thread")));
    assert!(failure.contains("on purpose, in a thread"), "{failure}");
    let (_tx, rx) = chan::<u32>(0);
    let failure = failure_of(thread(move || {
        let got = alt_blocking! { v = take!(rx) => v, _ = take!(timeout(ms(1))) => None };
        assert_eq!(got, Some(1), "on purpose, after an alts");
    }));
    assert!(failure.contains("on purpose, after an alts"), "{failure}");
}

/// Threads are made as needed: two hundred that wait for each other.
#[test]
fn stress_two_hundred_threads_at_once() {
    let barrier = Arc::new(Barrier::new(200));
    let threads: Vec<_> = (0..200)
        .map(|n| {
            let barrier = Arc::clone(&barrier);
            thread(move || {
                barrier.wait();
                n
            })
        })
        .collect();
    let all: Vec<i32> = threads.into_iter().map(value).collect();
    assert_eq!(sorted(all), (0..200).collect::<Vec<_>>());
}

/// One after the other: their threads are used again.
#[test]
fn stress_threads_are_used_again() {
    let rt = runtime(1);
    let _entered = rt.enter();
    let mut names = std::collections::BTreeSet::new();
    for _ in 0..500 {
        let name = value(thread(|| std::thread::current().name().unwrap().to_owned()));
        names.insert(name);
    }
    assert!(
        names.len() < 250,
        "{} threads for 500 jobs in a row",
        names.len()
    );
}

/// A thread that has begun cannot be ended, and its value stands.
#[test]
fn cancelling_a_thread_that_has_begun_changes_nothing() {
    let (started_tx, started) = chan(0);
    let (go_on, rx) = chan(0);
    let block = thread(move || {
        started_tx.put_blocking(()).unwrap();
        rx.take_blocking()
    });
    started.take_blocking().unwrap();
    block.cancel();
    go_on.put_blocking(5).unwrap();
    assert_eq!(outcome(block), Ok(Some(5)));
}

/// A thread may start blocks, await them, and start threads; all on its own runtime.
#[test]
fn thread_starts_blocks_and_threads() {
    let rt = runtime(1);
    let block = rt.go(async {
        thread(|| {
            let inner = go!({ std::thread::current().name().unwrap().to_owned() });
            let other = thread(|| std::thread::current().name().unwrap().to_owned());
            (inner.wait().unwrap(), other.wait().unwrap())
        })
        .await
    });
    let (inner, other) = value(block).unwrap();
    let (inner, other) = (
        inner.rsplit_once('-').unwrap().0,
        other.rsplit_once('-').unwrap().0,
    );
    assert_eq!(inner, other, "one runtime's threads have one name");
}
