//! Promises one after the other.

use std::ops::ControlFlow;

use csp::{
    Error, Failure, Promise,
    prelude::*,
    promise::{fold, repeat, traverse},
};

use crate::util::promises::{Log, Stage, failure, ready, value};

/// EV-139: a loop over plain, settled, eventual and failing turns.
#[test]
fn ev_139_repeat() {
    let plain: Promise<u32> = repeat(0, |n| Ok(stop_at(10, n)));
    assert_eq!(value(plain), 10);
    let settled: Promise<u32> = repeat(0, |n| ready(stop_at(10, n)));
    assert_eq!(value(settled), 10);
    let eventual: Promise<u32> = repeat(0, |n| go!({ stop_at(10, n) }));
    assert_eq!(value(eventual), 10);
    let (tx, rx) = chan(1000);
    let failing: Promise<u32> = repeat(0, move |n| {
        tx.try_put(n).unwrap();
        if n == 3 {
            Err("at three".into())
        } else {
            Ok(ControlFlow::Continue(n + 1))
        }
    });
    assert_eq!(failure(failing), "at three");
    assert_eq!(rx.into_iter().collect::<Vec<_>>(), [0, 1, 2, 3]);
    let panics: Promise<u32> = repeat(0, |n: u32| {
        assert!(n < 3, "no further");
        Ok(ControlFlow::Continue(n + 1))
    });
    assert!(failure(panics).ends_with("panicked: no further"));
    let destructured: Promise<u64> = repeat((0, 1, 50), |(a, b, left)| {
        Ok(if left == 0 {
            ControlFlow::Break(a)
        } else {
            ControlFlow::Continue((b, a + b, left - 1))
        })
    });
    assert_eq!(value(destructured), 12_586_269_025);
}

fn stop_at(end: u32, n: u32) -> ControlFlow<u32, u32> {
    if n == end {
        ControlFlow::Break(n)
    } else {
        ControlFlow::Continue(n + 1)
    }
}

/// EV-139, EV-205: a million turns and a million failed ones, in one block. Trap 6.
#[test]
fn trap_6_repeat_keeps_one_block() {
    crate::util::promises::on_small_stack(|| {
        let stage = Stage::new();
        let turns = stage.with(|| {
            repeat(0_u32, |n| {
                let attempt = if n % 2 == 0 {
                    Promise::failed("again")
                } else {
                    ready(())
                };
                attempt.then(move |_| Ok::<_, Failure<Error>>(stop_at(200_000, n)))
            })
        });
        assert_eq!(value(turns), 200_000);
        let plain = stage.with(|| repeat(0, |n| Ok::<_, Error>(stop_at(1_000_000, n))));
        assert_eq!(value(plain), 1_000_000);
    });
}

/// A loop that is always ready lets others run.
#[test]
fn a_ready_loop_lets_others_run() {
    let stage = Stage::new();
    let log = Log::new();
    let (a, b) = (log.clone(), log.clone());
    stage.with(|| {
        let all = repeat(0, move |n| {
            if n == 99_999 {
                a.add("loop");
            }
            Ok::<_, Error>(stop_at(100_000, n))
        });
        all.ignore();
        go!({ b.add("other") });
    });
    assert_eq!(log.entries(), ["other", "loop"]);
}

/// EV-163: a fold runs one after the other, in order.
#[test]
fn ev_163_fold_is_sequential() {
    let log = Log::new();
    let (started, ended) = (log.clone(), log.clone());
    let sum: Promise<u32> = fold(1..=4, 0, move |sum, n| {
        started.add(n);
        let ended = ended.clone();
        go!({
            yield_now().await;
            ended.add(n * 10);
            sum + n
        })
    });
    assert_eq!(value(sum), 10);
    assert_eq!(log.entries(), [1, 10, 2, 20, 3, 30, 4, 40]);
    let failing: Promise<u32> = fold(1..=4, 0, |sum, n| {
        if n == 3 {
            Err(format!("{sum}").into())
        } else {
            Ok(sum + n)
        }
    });
    assert_eq!(failure(failing), "3");
    let empty: Promise<u32> = fold(std::iter::empty::<u32>(), 7, |sum, n| Ok(sum + n));
    assert_eq!(value(empty), 7);
}

/// EV-078, EV-163: a traverse with a limit of one is one at a time, and stops at the first failure.
#[test]
fn ev_078_traverse_one_at_a_time() {
    let doubled: Promise<Vec<u32>> = traverse(1..=6, 1, |n| go!({ n * 2 }));
    assert_eq!(value(doubled), [2, 4, 6, 8, 10, 12]);
    let log = Log::new();
    let called = log.clone();
    let failing: Promise<Vec<u32>> = traverse(1..=4, 1, move |n| {
        called.add(n);
        if n == 2 {
            Promise::failed("two")
        } else {
            ready(n)
        }
    });
    assert_eq!(failure(failing), "two");
    assert_eq!(log.entries(), [1, 2]);
    let none: Promise<Vec<u32>> = traverse(Vec::new(), 1, |n: u32| Ok(n));
    assert_eq!(value(none), [0_u32; 0]);
}

/// A traverse keeps to its limit, uses it, and keeps the order whatever ends first.
#[test]
fn traverse_keeps_to_its_limit_and_order() {
    let stage = Stage::new();
    let (tx, rx) = chan(100);
    let all = stage.with(|| {
        traverse(0..10, 3, move |n| {
            Promise::<u32>::with_callback(|resolver| tx.try_put((n, resolver)).unwrap())
        })
    });
    let mut pending = Vec::new();
    let mut done = 0;
    while done < 10 {
        while let Ok(started) = rx.try_take() {
            pending.push(started);
        }
        assert_eq!(pending.len(), 3.min(10 - done), "after {done}");
        // The last that was started ends first.
        let (n, resolver) = pending.pop().unwrap();
        resolver.fulfill(n * n).unwrap();
        done += 1;
        stage.idle();
    }
    assert_eq!(value(all), [0, 1, 4, 9, 16, 25, 36, 49, 64, 81]);
}

/// A limit of none is refused where it is written.
#[test]
fn traverse_without_a_limit_panics() {
    let panic = std::panic::catch_unwind(|| {
        let none: Promise<Vec<u32>> = traverse([1], 0, Ok);
        none
    });
    let text = *panic.unwrap_err().downcast::<&str>().unwrap();
    assert!(text.contains("give it 1 or more"), "{text}");
}
