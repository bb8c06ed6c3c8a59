//! What a channel is to its users does not change when its buffer is divided. (Races: see the models.)

use std::{
    mem::ManuallyDrop,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker},
    thread,
    time::Duration,
};

use crate::{
    Buffer, PutTimeoutError, Receiver, Sender, TryPutError, TryTakeError, block_on, chan,
    chan_with, dropping, fixed, promise_buffer, sliding, xf,
};

/// Wide enough to be divided by itself.
const WIDE: usize = 16;

fn contended<T>(buffer: impl Into<Buffer<T>>) -> (Sender<T>, Receiver<T>) {
    let (tx, rx) = chan(buffer);
    rx.inner().core.contend();
    (tx, rx)
}

fn is_divided<T>(rx: &Receiver<T>) -> bool {
    rx.inner().core.is_divided()
}

#[test]
fn values_stay_in_order_and_room_is_what_it_was() {
    let (tx, rx) = contended(4);
    for n in 0..4 {
        tx.try_put(n).unwrap();
        assert!(is_divided(&rx));
    }
    assert_eq!(rx.try_take(), Ok(0));
    // (The front has three values, the back room for one.)
    tx.try_put(4).unwrap();
    assert_eq!(rx.try_take(), Ok(1));
    tx.try_put(5).unwrap();
    assert!(is_divided(&rx));
    assert_eq!(tx.try_put(6), Err(TryPutError::Full(6)));
    assert!(!is_divided(&rx));
    rx.inner().core.contend();
    for n in 2..6 {
        assert_eq!(rx.try_take(), Ok(n));
        assert!(is_divided(&rx));
    }
    assert_eq!(rx.try_take(), Err(TryTakeError::Empty));
    assert!(!is_divided(&rx));
}

#[test]
fn who_asks_for_all_joins_it() {
    let (tx, rx) = contended(4);
    tx.try_put(1).unwrap();
    assert_eq!(rx.try_take(), Ok(1));
    tx.try_put(2).unwrap();
    assert!(is_divided(&rx));
    assert!(tx.close());
    assert!(!is_divided(&rx));
    assert_eq!(tx.try_put(3), Err(TryPutError::Closed(3)));
    assert_eq!(rx.iter_blocking().collect::<Vec<_>>(), [2]);
}

/// Who watches a channel does not make it slower.
#[test]
fn who_only_looks_leaves_it_divided() {
    let (tx, rx) = contended(4);
    (1..=3).for_each(|n| tx.try_put(n).unwrap());
    assert_eq!(rx.try_take(), Ok(1));
    tx.try_put(4).unwrap();
    assert_eq!((rx.len(), tx.len(), rx.capacity()), (3, 3, 4));
    assert!(format!("{rx:?}").contains("fixed 3/4"), "{rx:?}");
    let tx = tx.named("lines");
    assert_eq!(rx.name().as_deref(), Some("lines"));
    assert!(rx.failure().is_none());
    let mut cx = Context::from_waker(Waker::noop());
    let mut closed = pin!(tx.closed());
    assert!(closed.as_mut().poll(&mut cx).is_pending());
    tx.put_then(5, |put| assert!(put.is_ok())).unwrap();
    rx.take_then(|got| assert_eq!(got, Some(2))).unwrap();
    assert!(is_divided(&rx));
    assert_eq!(rx.len(), 3);
    drop(rx);
    assert!(closed.as_mut().poll(&mut cx).is_ready());
}

/// Puts and takes of blocks and futures, which have the channel's lock for themselves no more than threads.
#[test]
fn the_ends_are_used_without_the_channels_lock() {
    let (tx, rx) = contended(4);
    tx.try_put(1).unwrap();
    let mut cx = Context::from_waker(Waker::noop());
    let held = rx.inner().core.lock_as_is();
    assert_eq!(pin!(tx.put(2)).poll(&mut cx), Poll::Ready(Ok(())));
    assert_eq!(pin!(rx.take()).poll(&mut cx), Poll::Ready(Some(1)));
    assert_eq!(rx.try_take(), Ok(2));
    tx.try_put(3).unwrap();
    drop(held);
    assert!(is_divided(&rx));
}

#[test]
fn values_in_the_ends_are_dropped_with_the_channel() {
    let value = Arc::new(());
    let (tx, rx) = contended(4);
    tx.try_put(Arc::clone(&value)).unwrap();
    tx.try_put(Arc::clone(&value)).unwrap();
    drop(rx.try_take());
    tx.try_put(Arc::clone(&value)).unwrap();
    assert!(is_divided(&rx));
    assert_eq!(Arc::strong_count(&value), 3);
    drop((tx, rx));
    assert_eq!(Arc::strong_count(&value), 1);
}

#[test]
fn values_of_any_size() {
    fn through<T: Copy + PartialEq + std::fmt::Debug>(value: T) {
        let (tx, rx) = contended(3);
        for _ in 0..10 {
            for _ in 0..3 {
                tx.try_put(value).unwrap();
            }
            assert!(is_divided(&rx));
            for _ in 0..3 {
                assert_eq!(rx.try_take(), Ok(value));
            }
        }
        assert!(rx.try_take().is_err());
    }
    through(());
    through(7_u8);
    through([9_u64; 100]);
}

#[test]
fn only_plain_buffers_are_divided_and_only_while_nobody_waits() {
    fn check(tx: &Sender<u32>, rx: &Receiver<u32>) {
        rx.inner().core.contend();
        tx.try_put(1).unwrap();
        assert!(!is_divided(rx), "{rx:?}");
        assert_eq!(rx.try_take(), Ok(1));
        assert!(!is_divided(rx), "{rx:?}");
    }
    for buffer in [sliding(2), dropping(2), promise_buffer()] {
        let (tx, rx) = chan(buffer);
        check(&tx, &rx);
    }
    let (tx, rx) = chan_with(fixed(2), xf::map(|n: u32| n));
    check(&tx, &rx);

    let (tx, rx) = chan(2);
    let mut take = pin!(rx.take());
    let mut cx = Context::from_waker(Waker::noop());
    assert!(Future::poll(take.as_mut(), &mut cx).is_pending());
    rx.inner().core.contend();
    tx.try_put(1).unwrap();
    assert!(!is_divided(&rx));
    assert_eq!(block_on(take), Some(1));
}

/// What is given back goes first, as ever.
#[test]
fn a_value_that_comes_back_is_the_next() {
    let (tx, rx) = contended(4);
    tx.try_put(1).unwrap();
    assert!(is_divided(&rx));
    let value = rx.try_take().unwrap();
    tx.try_put(2).unwrap();
    // SAFETY: it is ours, and moves.
    unsafe { rx.inner().give_back(&raw const value) };
    rx.inner().core.contend();
    assert_eq!((rx.try_take(), rx.try_take()), (Ok(1), Ok(2)));
}

/// A thread that finds it full leaves it divided for takers, and tries again; who then has to wait joins it.
#[test]
fn who_finds_it_full_waits_a_little_first() {
    let (tx, rx) = contended(2);
    (1..=2).for_each(|n| tx.try_put(n).unwrap());
    let value = ManuallyDrop::new(3);
    // SAFETY: it is divided; a number can be put any number of times.
    let soon = || unsafe { rx.inner().put_divided_soon(&raw const *value) };
    assert!(!soon());
    assert!(is_divided(&rx));
    assert_eq!(rx.try_take(), Ok(1));
    assert!(soon());
    assert!(is_divided(&rx));
    let put = tx.put_blocking_for(4, Duration::from_millis(1));
    assert_eq!(put, Err(PutTimeoutError::Elapsed(4)));
    assert!(!is_divided(&rx));
    assert_eq!((rx.try_take(), rx.try_take()), (Ok(2), Ok(3)));
}

/// Threads that meet at a wide channel's lock divide it; of a narrow one they would gain nothing.
#[test]
fn who_meets_another_divides() {
    // True as soon as the lock was found taken by somebody who divides.
    fn meets(tx: &Sender<u32>, rx: &Receiver<u32>, rounds: u32) -> bool {
        let done = AtomicBool::new(false);
        thread::scope(|threads| {
            threads.spawn(|| {
                while !done.load(Ordering::SeqCst) {
                    let _ = tx.try_put(1);
                    let _ = rx.try_take();
                }
            });
            let met = (0..rounds).any(|_| {
                let held = rx.inner().core.lock_as_is();
                thread::yield_now();
                drop(held);
                rx.inner().core.has_met()
            });
            done.store(true, Ordering::SeqCst);
            met
        })
    }
    let (tx, rx) = chan(WIDE);
    assert!(meets(&tx, &rx, u32::MAX));
    let (tx, rx) = chan(WIDE - 1);
    assert!(!meets(&tx, &rx, 1000));
    let (tx, rx) = chan(sliding(WIDE));
    assert!(!meets(&tx, &rx, 1000));
}

/// Four threads at each end: nothing is lost, and what one has put comes in order.
#[test]
fn many_threads() {
    const EACH: u32 = 20_000;
    let (tx, rx) = chan(64);
    let got: Vec<(u32, u32)> = thread::scope(|threads| {
        for name in 0..4 {
            let tx = tx.clone();
            threads.spawn(move || (0..EACH).for_each(|n| tx.put_blocking((name, n)).unwrap()));
        }
        drop(tx);
        let takers: Vec<_> = (0..4)
            .map(|_| {
                let rx = rx.clone();
                threads.spawn(move || {
                    let got: Vec<(u32, u32)> = rx.into_iter().collect();
                    for name in 0..4 {
                        let of_one = got.iter().filter(|(by, _)| *by == name);
                        assert!(of_one.is_sorted(), "of one putter, to one taker");
                    }
                    got
                })
            })
            .collect();
        (takers.into_iter())
            .flat_map(|taker| taker.join().unwrap())
            .collect()
    });
    let mut all = got;
    all.sort_unstable();
    let sent = (0..4).flat_map(|name| (0..EACH).map(move |n| (name, n)));
    assert!(all.into_iter().eq(sent));
}
