//! Cancelling blocks: at their next park point, and nothing is lost.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use csp::prelude::*;

use crate::util::{Census, on_one_worker, outcome, parked, runtime, until, value};

/// The value that a cancelled take would have had goes to the next.
#[test]
fn cancelled_take_leaves_the_value_to_others() {
    on_one_worker(async {
        let (tx, rx) = chan(0);
        let (own, next) = (rx.clone(), rx.clone());
        let first = go!({ take!(own) });
        parked(&first).await;
        let second = go!({ take!(next) });
        parked(&second).await;
        assert!(first.cancel());
        put!(tx, 1).unwrap();
        assert_eq!(first.await, Err(Failure::Cancelled));
        assert_eq!(second.await, Ok(Some(1)));
    });
}

/// Handed over already, but the block had no turn since: the value goes to the next taker, or back to the
/// head of the channel, before what came later.
#[test]
fn value_handed_to_a_cancelled_take_comes_back() {
    on_one_worker(async {
        for others in [false, true] {
            let (tx, rx) = chan(0);
            let own = rx.clone();
            let first = go!({ take!(own) });
            parked(&first).await;
            let other = others.then(|| {
                let rx = rx.clone();
                go!({ take!(rx) })
            });
            if let Some(other) = &other {
                parked(other).await;
            }
            tx.try_put(1).unwrap();
            first.cancel();
            assert_eq!(first.await, Err(Failure::Cancelled));
            let later = go!({ put!(tx, 2) });
            parked(&later).await;
            match other {
                Some(other) => assert_eq!(other.await, Ok(Some(1))),
                None => assert_eq!(rx.try_take(), Ok(1)),
            }
            assert_eq!(take!(rx), Some(2));
            later.await.unwrap().unwrap();
        }
    });
}

/// A cancelled put withdraws its value, which is dropped once and never seen.
#[test]
fn cancelled_put_withdraws_its_value() {
    let census = Census::default();
    let items = census.clone();
    on_one_worker(async move {
        let (tx, rx) = chan(0);
        let (item, own) = (items.of(1), tx.clone());
        let block = go!({ put!(own, item).is_ok() });
        parked(&block).await;
        assert!(block.cancel());
        assert_eq!(block.await, Err(Failure::Cancelled));
        assert_eq!(items.living(), 0);
        assert!(matches!(rx.try_take(), Err(TryTakeError::Empty)));
        drop(tx);
        assert!(take!(rx).is_none());
    });
    assert_eq!(census.living(), 0);
}

/// A cancelled alts withdraws every arm.
#[test]
fn cancelled_alts_withdraws_every_arm() {
    on_one_worker(async {
        let (a_tx, a) = chan::<u32>(0);
        let (b_tx, b) = chan::<u32>(0);
        let (own_a, own_b) = (a.clone(), b_tx.clone());
        let block = go!({
            alt! {
                v = take!(own_a) => v.is_some(),
                ok = put!(own_b, 1) => ok.is_ok(),
                _ = take!(timeout(secs(1_000))) => false,
            }
        });
        parked(&block).await;
        assert!(block.cancel());
        assert_eq!(block.await, Err(Failure::Cancelled));
        assert_eq!(a_tx.try_put(1), Err(TryPutError::Full(1)));
        assert_eq!(b.try_take(), Err(TryTakeError::Empty));
        drop((a, b_tx));
    });
}

/// A block that has ended keeps its value.
#[test]
fn cancelling_a_block_that_ended_is_too_late() {
    on_one_worker(async {
        let block = go!({ 5 });
        until(|| block.is_finished()).await;
        assert!(!block.cancel());
        assert_eq!(block.await, Ok(5));
    });
}

/// Before its first turn: the block never runs, and what it captured is dropped.
#[test]
fn cancelled_before_its_first_turn() {
    let ran = Arc::new(AtomicBool::new(false));
    let (seen, census) = (Arc::clone(&ran), Census::default());
    let item = census.item();
    on_one_worker(async move {
        let block = go!({
            let _item = item;
            seen.store(true, Ordering::SeqCst);
        });
        assert!(block.cancel());
        assert_eq!(block.await, Err(Failure::Cancelled));
    });
    assert!(!ran.load(Ordering::SeqCst));
    assert_eq!(census.living(), 0);
}

/// A block that is running goes on to its next park point; if it ends before, its value stands.
#[test]
fn running_block_is_cancelled_at_its_next_park() {
    on_one_worker(async {
        let (me_tx, me) = chan::<Arc<Go<u32>>>(1);
        let steps = Arc::new(AtomicU32::new(0));
        let (own, seen) = (me.clone(), Arc::clone(&steps));
        let block = Arc::new(go!({
            let me = take!(own).unwrap();
            assert!(me.cancel());
            seen.store(1, Ordering::SeqCst);
            drop(me);
            yield_now().await;
            seen.store(2, Ordering::SeqCst);
            5
        }));
        put!(me_tx, Arc::clone(&block)).unwrap();
        until(|| block.is_finished()).await;
        assert_eq!(steps.load(Ordering::SeqCst), 1);
        assert_eq!(
            Arc::into_inner(block).unwrap().await,
            Err(Failure::Cancelled)
        );

        let own = me.clone();
        let ends = Arc::new(go!({
            take!(own).unwrap().cancel();
            5
        }));
        put!(me_tx, Arc::clone(&ends)).unwrap();
        until(|| ends.is_finished()).await;
        assert_eq!(Arc::into_inner(ends).unwrap().await, Ok(5));
    });
}

/// The channel ends that a cancelled block held drop, so its partners learn of it.
#[test]
fn partners_of_a_cancelled_block_learn_of_it() {
    on_one_worker(async {
        let (tx, rx) = chan::<u32>(0);
        let (back_tx, back) = chan::<u32>(0);
        let block = go!({
            while let Some(n) = take!(rx) {
                put!(back_tx, n).unwrap();
            }
        });
        put!(tx, 1).unwrap();
        assert_eq!(take!(back), Some(1));
        let taker = go!({ take!(back) });
        parked(&taker).await;
        block.cancel();
        assert_eq!(taker.await, Ok(None));
        assert_eq!(put!(tx, 2), Err(Closed(2)));
        assert_eq!(block.await, Err(Failure::Cancelled));
    });
}

/// A foreign future that a block awaits is dropped with it.
#[test]
fn foreign_future_is_dropped_with_its_block() {
    let census = Census::default();
    let item = census.item();
    on_one_worker(async move {
        let block = go!({
            let _item = item;
            std::future::pending::<()>().await;
        });
        yield_now().await;
        assert!(!block.is_finished());
        assert!(block.cancel());
        assert_eq!(block.await, Err(Failure::Cancelled));
    });
    assert_eq!(census.living(), 0);
}

/// Cancelled twice, from several sides: the same as once.
#[test]
fn cancelling_again_is_harmless() {
    on_one_worker(async {
        let (_tx, rx) = chan::<u32>(0);
        let block = go!({ take!(rx) });
        parked(&block).await;
        for _ in 0..3 {
            block.cancel();
        }
        yield_now().await;
        assert!(!block.cancel());
        assert_eq!(block.await, Err(Failure::Cancelled));
    });
}

/// Cancelling a block that waits for another does not cancel the other.
#[test]
fn cancelling_the_waiter_leaves_the_block() {
    on_one_worker(async {
        let (tx, rx) = chan(0);
        let (done_tx, done) = chan(1);
        let inner = go!({
            let value = take!(rx);
            done_tx.try_put(value).unwrap();
        });
        parked(&inner).await;
        let waiter = go!({ inner.await });
        yield_now().await;
        waiter.cancel();
        assert_eq!(waiter.await, Err(Failure::Cancelled));
        put!(tx, 3).unwrap();
        assert_eq!(take!(done), Some(Some(3)));
    });
}

/// What a destructor does in a cancelled block still works: it puts, starts blocks, and is on the runtime.
#[test]
fn destructors_of_a_cancelled_block_may_use_the_runtime() {
    struct Farewell(Sender<&'static str>);
    impl Drop for Farewell {
        fn drop(&mut self) {
            self.0.try_put("dropped").unwrap();
            let tx = self.0.clone();
            go!({ put!(tx, "block").unwrap() });
        }
    }
    on_one_worker(async {
        let (tx, rx) = chan(1);
        let block = go!({
            let _farewell = Farewell(tx);
            std::future::pending::<()>().await;
        });
        yield_now().await;
        block.cancel();
        assert_eq!(
            (take!(rx), take!(rx), take!(rx)),
            (Some("dropped"), Some("block"), None)
        );
        assert_eq!(block.await, Err(Failure::Cancelled));
    });
}

/// Takers are cancelled at any moment while values flow: none is lost, none is dropped twice.
#[test]
fn stress_cancelled_blocks_drop_each_value_once() {
    const ROUNDS: usize = 2_000;
    let census = Census::default();
    let rt = runtime(4);
    let seen = Arc::new(AtomicU32::new(0));
    let (tx, rx) = chan(1);
    let feeder = {
        let (tx, census) = (tx.clone(), census.clone());
        rt.go(async move {
            for n in 0..ROUNDS {
                if put!(tx, census.of(n)).is_err() {
                    break;
                }
            }
        })
    };
    drop(tx);
    let canceller = {
        let (rx, seen) = (rx.clone(), Arc::clone(&seen));
        rt.go(async move {
            let mut rounds = 0_u32;
            while !rx.is_closed() || !rx.is_empty() {
                let (own, count) = (rx.clone(), Arc::clone(&seen));
                let block = go!({
                    // One turn from the take to the count: cancelled before, or counted.
                    if take!(own).is_some() {
                        count.fetch_add(1, Ordering::SeqCst);
                    }
                });
                rounds += 1;
                for _ in 0..rounds % 4 {
                    yield_now().await;
                }
                block.cancel();
                drop(block.await);
            }
        })
    };
    value(canceller);
    value(feeder);
    drop(rx);
    assert_eq!(seen.load(Ordering::SeqCst) as usize, ROUNDS);
    assert_eq!(census.living(), 0);
}

/// Cancel against wake, end and join, from several threads.
#[test]
fn stress_cancel_races_with_everything() {
    let rt = runtime(4);
    let blocks: Vec<_> = (0..4_u32)
        .map(|seed| {
            rt.go(async move {
                let (mut values, mut cancelled) = (0, 0);
                for n in 0..2_000_u32 {
                    let (tx, rx) = chan(0);
                    let block = Arc::new(go!({ take!(rx) }));
                    let other = Arc::clone(&block);
                    let canceller = go!({
                        other.cancel();
                    });
                    if (n + seed) % 3 == 0 {
                        yield_now().await;
                    }
                    let put = put!(tx, n);
                    canceller.await.unwrap();
                    until(|| block.is_finished()).await;
                    match Arc::into_inner(block).unwrap().await {
                        Ok(value) => {
                            assert_eq!((value, put), (Some(n), Ok(())));
                            values += 1;
                        }
                        Err(Failure::Cancelled) => cancelled += 1,
                        Err(other) => panic!("{other}"),
                    }
                }
                values + cancelled
            })
        })
        .collect();
    for block in blocks {
        assert_eq!(outcome(block), Ok(2_000));
    }
}
