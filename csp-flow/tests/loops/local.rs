//! What the loop needs of `Local`.

use std::{cell::Cell, rc::Rc};

use csp::{Failure, Local, prelude::*};

/// A block that yields ends the turn, so that the clock is looked at; what was due before it runs first.
#[test]
fn a_yield_ends_the_turn() {
    let local = Local::new();
    let turns = Rc::new(Cell::new(0));
    let count = Rc::clone(&turns);
    let busy = local.go(async move {
        loop {
            count.set(count.get() + 1);
            yield_now().await;
        }
    });
    let before = Rc::new(Cell::new(0));
    for _ in 0..10 {
        let before = Rc::clone(&before);
        local.go(async move { before.set(before.get() + 1) });
    }
    for n in 1..=5 {
        assert!(local.turn());
        assert_eq!((turns.get(), before.get()), (n, 10));
    }
    busy.cancel();
    assert!(!local.turn());
}

/// A deadline is met by a `Local` that is never idle.
#[test]
fn a_busy_local_meets_deadlines() {
    let local = Local::new();
    let steps = Rc::new(Cell::new(0_u64));
    let count = Rc::clone(&steps);
    local.go(async move {
        loop {
            // One step is long: a thousand before each look at the clock would be too many.
            let start = std::time::Instant::now();
            while start.elapsed() < ms(1) {
                std::hint::spin_loop();
            }
            count.set(count.get() + 1);
            yield_now().await;
        }
    });
    local.run_until(async { sleep(ms(20)).await });
    assert!(steps.get() < 1000, "{}", steps.get());
}

/// A handle starts blocks from other threads; on a `Local` that is gone they do not run.
#[test]
fn a_handle_starts_blocks_from_other_threads() {
    let local = Local::new();
    let handle = local.handle();
    let here = std::thread::current().id();
    let starter = {
        let handle = handle.clone();
        std::thread::spawn(move || {
            let _entered = handle.enter();
            go!({
                let inner = go!({ std::thread::current().id() });
                inner.await.unwrap()
            })
            .wait()
        })
    };
    let (tx, rx) = chan(0);
    let from_there = handle.go(async move { take!(rx) });
    local.run_until(async move { put!(tx, 5).unwrap() });
    assert_eq!(local.run_until(from_there), Ok(Some(5)));
    while !starter.is_finished() {
        local.run_until_idle();
        std::thread::yield_now();
    }
    assert_eq!(starter.join().unwrap(), Ok(here));
    drop(local);
    assert!(matches!(
        handle.go(async {}).wait(),
        Err(Failure::Cancelled)
    ));
    drop(handle.hold_time());
}

/// Many threads start blocks while the `Local` goes: each block runs, or is cancelled.
#[test]
fn a_local_may_go_while_others_start_blocks() {
    for _ in 0..50 {
        let local = Local::new();
        let threads: Vec<_> = (0..3)
            .map(|_| {
                let handle = local.handle();
                std::thread::spawn(move || {
                    let mut ran = 0;
                    loop {
                        match handle.go(async { 1 }).wait() {
                            Ok(n) => ran += n,
                            Err(failure) => break (ran, failure),
                        }
                    }
                })
            })
            .collect();
        local.run_until(async {
            for _ in 0..20 {
                yield_now().await;
            }
        });
        drop(local);
        for thread in threads {
            assert_eq!(thread.join().unwrap().1, Failure::Cancelled);
        }
    }
}

/// Held by several, virtual time goes on when the last has let go.
#[test]
fn virtual_time_can_be_held() {
    let local = Local::virtual_time();
    let start = local.now();
    let holds: Vec<_> = (0..3).map(|_| local.handle().hold_time()).collect();
    let (tx, rx) = chan(0);
    let letting_go = std::thread::spawn(move || {
        for (n, hold) in holds.into_iter().enumerate() {
            tx.put_blocking(n).unwrap();
            drop(hold);
        }
    });
    let taken = local.go(async move {
        let mut seen = Vec::new();
        loop {
            alt! {
                n = take!(rx) => match n {
                    Some(n) => seen.push((n, csp::now())),
                    None => break seen,
                },
                _ = take!(timeout(secs(1))) => seen.push((9, csp::now())),
            }
        }
    });
    local.run_until(async { sleep(secs(1)).await });
    letting_go.join().unwrap();
    let seen = local.run_until(taken).unwrap();
    assert_eq!(seen[..3], [(0, start), (1, start), (2, start)]);
    assert_eq!(local.now() - start, secs(1));
}
