//! Dumps while everything moves: nobody hangs, nothing is lost, nothing is left behind.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use csp::{
    Runtime,
    inspect::{self, Dump, dump},
    prelude::*,
    promise::promise,
};

use crate::util::on;

/// Puts, takes, alts that meet alts, timeouts, promises, blocks and channels that come and go: every value
/// arrives, with that many rounds.
fn traffic(rt: &Runtime, rounds: u64) {
    let _entered = rt.enter();
    let (tx, rx) = chan::<u64>(0);
    let (sums, all_sums) = chan::<u64>(4);
    for _ in 0..3 {
        let (rx, sums) = (rx.clone(), sums.clone());
        go!({
            let (_never_tx, never) = chan::<u64>(0);
            let mut sum = 0;
            loop {
                alt! {
                    n = take!(rx) => match n {
                        Some(n) => sum += n,
                        None => break,
                    },
                    _ = take!(never) => unreachable!(),
                    _ = take!(timeout(secs(600))) => unreachable!(),
                }
            }
            put!(sums, sum).unwrap();
        });
    }
    for _ in 0..3 {
        let tx = tx.clone();
        go!({
            let (_other, other_rx) = chan::<u64>(0);
            for n in 0..rounds {
                alt! {
                    done = put!(tx, n) => done.unwrap(),
                    _ = take!(other_rx) => unreachable!(),
                }
                if n % 8 == 0 {
                    let (resolver, answer) = promise::<u64, csp::Error>();
                    let block = go!({ park!(answer).unwrap() }).named("short");
                    resolver.fulfill(n).unwrap();
                    assert_eq!(park!(block), Ok(n));
                }
            }
        });
    }
    drop((tx, rx, sums));
    let sum: u64 = all_sums.into_iter().sum();
    assert_eq!(sum, 3 * rounds * (rounds - 1) / 2);
}

/// Runs `again` over and over on that many threads until `work` is done; how often it ran.
fn beside(
    threads: usize,
    again: impl Fn(usize) + Clone + Send + 'static,
    work: impl FnOnce(),
) -> usize {
    let over = Arc::new(AtomicBool::new(false));
    let threads: Vec<_> = (0..threads)
        .map(|_| {
            let (over, again) = (Arc::clone(&over), again.clone());
            std::thread::spawn(move || {
                let mut times = 0;
                while !over.load(Ordering::Relaxed) {
                    again(times);
                    times += 1;
                }
                times
            })
        })
        .collect();
    work();
    over.store(true, Ordering::Relaxed);
    threads
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .sum()
}

/// Runs `meanwhile` on a thread until the traffic is through; how often it ran.
fn with_traffic(rounds: u64, meanwhile: impl Fn(usize) + Clone + Send + 'static) -> usize {
    beside(1, meanwhile, || {
        let rt = Runtime::builder().workers(3).build();
        traffic(&rt, rounds);
        rt.shutdown(secs(60)).unwrap();
    })
}

#[track_caller]
fn nothing_is_left(left: &Dump) {
    assert!(
        left.channels.is_empty(),
        "channels were left behind:\n{left}"
    );
    assert!(
        left.promises.is_empty(),
        "promises were left behind:\n{left}"
    );
}

const ROUNDS: u64 = if cfg!(debug_assertions) {
    10_000
} else {
    100_000
};

#[test]
fn stress_dumps_during_traffic() {
    let _on = on();
    let printed = Arc::new(AtomicUsize::new(0));
    let there = Arc::clone(&printed);
    let times = with_traffic(ROUNDS, move |_| {
        let dump = dump();
        there.fetch_add(dump.to_string().len(), Ordering::Relaxed);
        for block in &dump.blocks {
            // Nobody of this program waits for more than its arms.
            assert!(block.waits_for.len() <= 4, "{block:?}");
        }
    });
    assert!(times > 0 && printed.load(Ordering::Relaxed) > 0);
    let left = dump();
    nothing_is_left(&left);
    let notes = left.blocks.iter().filter(|b| b.name.is_some()).count();
    assert_eq!(notes, 0, "{left}");
}

/// Switching on and off, and looking, in the midst of it.
#[test]
fn stress_the_switch_during_traffic() {
    let _on = on();
    with_traffic(ROUNDS, |times| {
        if times % 2 == 0 {
            inspect::disable();
        } else {
            inspect::enable();
        }
        drop(dump());
    });
    inspect::enable();
    nothing_is_left(&dump());
}

/// Channels that are made and freed while others look.
#[test]
fn stress_channels_that_are_freed() {
    let _on = on();
    beside(
        2,
        |_| drop(dump()),
        || {
            for n in 0..ROUNDS * 5 {
                let (tx, rx) = chan::<u64>(usize::from(n % 2 == 0));
                if n % 3 == 0 {
                    drop(rx);
                } else {
                    drop(tx);
                }
            }
        },
    );
    assert!(dump().channels.is_empty());
}

/// Blocks that end while the walk over them is under way: each is seen at most once, and those that stay are
/// seen.
#[test]
fn stress_blocks_that_end() {
    let _on = on();
    let rt = Runtime::builder().workers(2).build();
    let stay: Vec<_> = (0..10_000)
        .map(|_| rt.go(std::future::pending::<()>()))
        .collect();
    let handle = rt.handle();
    let churn = move |_| {
        let some: Vec<_> = (0..2000)
            .map(|_| handle.go(std::future::pending::<()>()))
            .collect();
        assert!(some.iter().all(Go::cancel));
    };
    beside(1, churn, || {
        for _ in 0..30 {
            let dump = dump();
            assert!(dump.blocks.windows(2).all(|two| two[0].id < two[1].id));
            for block in &stay {
                assert!(dump.block(block.id()).is_some());
            }
        }
    });
}
