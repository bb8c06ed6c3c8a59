//! Promises under several threads at once. What is counted here is exact, whatever the schedule.

use std::{
    sync::{
        Barrier,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use csp::{Error, Failure, Promise, prelude::*, promise, promise::all};

use crate::util::{
    blocks::{Census, runtime},
    promises::{Log, outcome, value},
};

const ROUNDS: usize = 2000;

/// EV-218: a settle while others subscribe: each callback runs exactly once, as does each step.
#[test]
fn ev_218_settle_while_others_subscribe_stress() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let rt = runtime(2);
    let call = |n: usize| assert!(CALLS.fetch_add(n, Ordering::SeqCst) < usize::MAX);
    for round in 0..ROUNDS {
        let (resolver, answer) = promise::<usize, Error>();
        let answer = answer.shared();
        let start = Barrier::new(3);
        let subscribe = || {
            let _entered = rt.enter();
            start.wait();
            let callback = answer.subscribe(move |n| call(*n), |_| unreachable!());
            let step = answer.map(call);
            (callback, step)
        };
        thread::scope(|scope| {
            let others = [scope.spawn(subscribe), scope.spawn(subscribe)];
            start.wait();
            resolver.fulfill(1).unwrap();
            for other in others {
                let (callback, step) = other.join().unwrap();
                callback.wait();
                value(step);
            }
        });
        assert_eq!(CALLS.load(Ordering::SeqCst), 4 * (round + 1));
    }
}

/// EV-218: a settle, a wait, and a drop of the promise or of the resolver, all at once: the value is taken, given
/// back, or dropped with the promise, and in each case once.
#[test]
fn settle_against_drop_and_wait_stress() {
    let census = Census::default();
    for round in 0..ROUNDS * 4 {
        let (resolver, answer) = promise::<_, Error>();
        let start = Barrier::new(2);
        thread::scope(|scope| {
            let (start, census) = (&start, &census);
            let settler = scope.spawn(move || {
                let item = census.of(());
                start.wait();
                if round % 3 == 0 {
                    drop(resolver);
                    return true;
                }
                resolver.fulfill(item).is_ok()
            });
            start.wait();
            match round % 4 {
                // Abandoned just before, it would be told.
                0 => answer.ignore(),
                1 => {
                    let cancelled = answer.cancel();
                    let got = outcome(answer);
                    assert_eq!(matches!(got, Err(Failure::Cancelled)), cancelled);
                }
                2 => match answer.now() {
                    Ok(got) => drop(got),
                    Err(pending) => pending.ignore(),
                },
                _ => drop(outcome(answer)),
            }
            settler.join().unwrap();
        });
        assert_eq!(census.living(), 0);
    }
}

/// Many completers, one of which settles; what the others had comes back.
#[test]
fn one_completer_wins_stress() {
    for round in 0..ROUNDS {
        let (resolver, answer) = promise::<usize, Error>();
        let completer = resolver.into_completer();
        let start = Barrier::new(4);
        let wins = AtomicUsize::new(0);
        thread::scope(|scope| {
            for n in 0..4 {
                let (completer, start, wins) = (completer.clone(), &start, &wins);
                scope.spawn(move || {
                    start.wait();
                    let won = if (n + round) % 2 == 0 {
                        completer.fulfill(n).is_ok()
                    } else if let Some(claim) = completer.claim() {
                        claim.fulfill(n).unwrap();
                        true
                    } else {
                        false
                    };
                    if won {
                        wins.fetch_add(n + 1, Ordering::SeqCst);
                    }
                });
            }
        });
        drop(completer);
        // A plain settle is refused while another holds a claim that it then uses, so one has won.
        assert_eq!(value(answer) + 1, wins.into_inner());
    }
}

/// A claim against a cancel: either the one or the other, and what is claimed is delivered.
#[test]
fn claim_against_cancel_stress() {
    for _ in 0..ROUNDS * 2 {
        let (resolver, answer) = promise::<u32, Error>();
        let start = Barrier::new(2);
        thread::scope(|scope| {
            let claimer = scope.spawn(|| {
                start.wait();
                resolver
                    .claim()
                    .map(|claim| claim.fulfill(1).unwrap())
                    .is_some()
            });
            start.wait();
            let cancelled = answer.cancel();
            let claimed = claimer.join().unwrap();
            assert!(cancelled != claimed);
            assert_eq!(outcome(answer).is_ok(), claimed);
        });
    }
}

/// A callback is called, or taken back.
#[test]
fn subscription_cancel_against_settle_stress() {
    let rt = runtime(2);
    for _ in 0..ROUNDS {
        let _entered = rt.enter();
        let (resolver, answer) = promise::<u32, Error>();
        let answer = answer.shared();
        let called = Log::new();
        let seen = called.clone();
        let callback = answer.subscribe(move |n| seen.add(*n), |_| unreachable!());
        let after = answer.subscribe(|_| (), |_| unreachable!());
        let settler = thread::spawn(move || resolver.fulfill(1).unwrap());
        let taken_back = callback.cancel();
        settler.join().unwrap();
        // Its turn comes after that of the first, so the first is decided then.
        after.wait();
        assert_eq!(called.entries().is_empty(), taken_back);
    }
}

/// Shared handles come and go while it settles; the outcome is there for whoever is left.
#[test]
fn shared_handles_come_and_go_stress() {
    let rt = runtime(2);
    for round in 0..ROUNDS {
        let census = Census::default();
        let (resolver, answer) = promise::<_, Error>();
        let answer = answer.shared();
        let readers: Vec<_> = (0..4)
            .map(|n| {
                let answer = answer.clone();
                rt.go(async move {
                    if n % 2 == 0 {
                        return answer.await.is_ok();
                    }
                    // Given up at a random moment.
                    alt! {
                        got = park!(answer) => got.is_ok(),
                        _ = park!(yield_now()) => true,
                    }
                })
            })
            .collect();
        if round % 2 == 0 {
            drop(answer);
        } else {
            rt.go(async move { answer.cancel() });
        }
        let item = std::sync::Arc::new(census.of(()));
        let settled = resolver.fulfill(item).is_ok();
        let got = readers.into_iter().all(|reader| reader.wait().unwrap());
        assert!(got || round % 2 == 1, "settled: {settled}");
        while census.living() > 0 {
            // The cancelling block may be the last to let go.
            thread::yield_now();
        }
    }
}

/// Chains that are settled, cancelled and dropped by several threads while they are built.
#[test]
fn chains_built_settled_and_cancelled_stress() {
    let rt = runtime(2);
    for round in 0..ROUNDS {
        let _entered = rt.enter();
        let (resolver, source) = promise::<usize, Error>();
        let settler = thread::spawn(move || resolver.fulfill(1).is_ok());
        let mut chain = source;
        for n in 0..20 {
            chain = match (n + round) % 4 {
                0 => chain.map(|n| n + 1),
                1 => chain.and_then(|n| go!({ n + 1 })),
                2 => chain.shared().and_then(|n| Ok(n + 1)),
                _ => chain.on(&rt).map(|n| n + 1),
            };
        }
        match round % 3 {
            0 => {
                assert!(settler.join().unwrap());
                assert_eq!(value(chain), 21);
            }
            1 => {
                chain.cancel();
                let end = outcome(chain);
                assert!(matches!(end, Ok(21) | Err(Failure::Cancelled)), "{end:?}");
                settler.join().unwrap();
            }
            _ => {
                drop(chain);
                settler.join().unwrap();
            }
        }
    }
    rt.shutdown(crate::util::promises::LIMIT).unwrap();
}

/// Aggregates whose members are settled by several threads.
#[test]
fn aggregates_settled_by_threads_stress() {
    let rt = runtime(2);
    for round in 0..ROUNDS / 4 {
        let _entered = rt.enter();
        let (resolvers, members): (Vec<_>, Vec<_>) =
            (0..40).map(|_| promise::<usize, Error>()).unzip();
        let failing = round % 2 == 1;
        let whole = all(members);
        let mut resolvers = resolvers.into_iter();
        let halves: Vec<Vec<_>> = (0..2)
            .map(|_| resolvers.by_ref().take(20).collect())
            .collect();
        thread::scope(|scope| {
            for half in halves {
                scope.spawn(move || {
                    for (n, resolver) in half.into_iter().enumerate() {
                        // Refused if the whole has failed before.
                        if failing && n == 10 {
                            resolver.fail("tenth").ok();
                        } else {
                            resolver.fulfill(n).ok();
                        }
                    }
                });
            }
        });
        match outcome(whole) {
            Ok(values) => {
                assert!(!failing);
                assert_eq!(values, (0..20).chain(0..20).collect::<Vec<_>>());
            }
            Err(Failure::Error(failed)) => {
                assert!(failing && matches!(failed.index, 10 | 30), "{failed}");
            }
            Err(other) => panic!("{other}"),
        }
    }
}

/// Threads that wait, for a time or without limit, and a settler.
#[test]
fn waits_of_threads_stress() {
    for round in 0..ROUNDS {
        let (resolver, mut answer) = promise::<u32, Error>();
        let settler = thread::spawn(move || resolver.fulfill(1).unwrap());
        if round % 2 == 0 {
            loop {
                match answer.wait_for(std::time::Duration::from_micros(1)) {
                    Ok(outcome) => break assert_eq!(outcome.unwrap(), 1),
                    Err(back) => answer = back,
                }
            }
        } else {
            assert_eq!(answer.wait().unwrap(), 1);
        }
        settler.join().unwrap();
    }
}

/// A promise of each round awaited by blocks that are cancelled at any moment.
#[test]
fn blocks_that_await_are_cancelled_stress() {
    let rt = runtime(2);
    for _ in 0..ROUNDS {
        let _entered = rt.enter();
        let (resolver, answer) = promise::<u32, Error>();
        let reader = go!({ answer.cancel_on_drop().await });
        let settler = thread::spawn(move || resolver.fulfill(1));
        let cancelled = reader.cancel();
        let settled = settler.join().unwrap();
        match reader.wait() {
            Ok(Ok(1)) => assert!(settled.is_ok()),
            Err(Failure::Cancelled) => assert!(cancelled),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_promise_of_another_thread_is_woken_stress() {
    let rt = runtime(2);
    let (tx, rx) = chan::<csp::Resolver<usize>>(0);
    let settler = thread::spawn(move || {
        let mut count = 0;
        for resolver in rx {
            resolver.fulfill(count).unwrap();
            count += 1;
        }
        count
    });
    let block = rt.go(async move {
        for n in 0..ROUNDS * 10 {
            let (resolver, answer) = promise();
            put!(tx, resolver).unwrap();
            assert_eq!(answer.await.unwrap(), n);
        }
    });
    block.wait().unwrap();
    assert_eq!(settler.join().unwrap(), ROUNDS * 10);
    let never: Promise<u32> = Promise::pending();
    assert!(never.now().is_err());
}
