//! `put_then` and `take_then`.

use std::{
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread::{self, ThreadId},
};

use csp_core::{Closed, Receiver, Sender, TooManyPending, chan, promise_buffer};

use crate::util::{Ledger, id, parks, ready, until_shows};

/// CA-008, CA-015: the callback of a parked put runs when a taker comes, on the taker's thread
#[test]
fn ca_008_a_parked_put_calls_back_when_it_is_taken() {
    let (tx, rx) = chan(0);
    let (done, seen) = mpsc::channel();
    tx.put_then(42, move |result| {
        done.send((result, thread::current().id())).unwrap();
    })
    .unwrap();
    assert!(seen.try_recv().is_err());
    let taker = thread::spawn(move || {
        assert_eq!(rx.take_blocking(), Some(42));
        thread::current().id()
    });
    let (result, on) = seen.recv().unwrap();
    assert_eq!(result, Ok(()));
    assert_eq!(on, taker.join().unwrap());
}

/// CA-009, CA-010: the callback of a parked take runs when a value is put, on the putter's thread
#[test]
fn ca_009_a_parked_take_calls_back_when_a_value_is_put() {
    let (tx, rx) = chan(0);
    let (done, seen) = mpsc::channel();
    rx.take_then(move |value| done.send((value, thread::current().id())).unwrap())
        .unwrap();
    assert!(seen.try_recv().is_err());
    let putter = thread::spawn(move || {
        tx.put_blocking(42).unwrap();
        thread::current().id()
    });
    let (value, on) = seen.recv().unwrap();
    assert_eq!(value, Some(42));
    assert_eq!(on, putter.join().unwrap());
}

/// CA-011, CA-013: what is ready calls back at once, on the calling thread
#[test]
fn ca_011_what_is_ready_calls_back_before_the_call_returns() {
    let (tx, rx) = chan(1);
    let on: Arc<Mutex<Vec<ThreadId>>> = Arc::default();
    let note = |on: &Arc<Mutex<Vec<ThreadId>>>| {
        let on = Arc::clone(on);
        move || on.lock().unwrap().push(thread::current().id())
    };
    let here = note(&on);
    tx.put_then(1, move |result| {
        assert_eq!(result, Ok(()));
        here();
    })
    .unwrap();
    let here = note(&on);
    rx.take_then(move |value| {
        assert_eq!(value, Some(1));
        here();
    })
    .unwrap();
    // A taker waits: the put is ready too.
    let mut take = pin!(rx.take());
    parks(take.as_mut());
    let here = note(&on);
    tx.put_then(2, move |_| here()).unwrap();
    assert_eq!(ready(take), Some(2));
    assert_eq!(*on.lock().unwrap(), [thread::current().id(); 3]);
}

/// CA-183
#[test]
fn ca_183_both_callbacks_fire_on_a_rendezvous_and_on_a_buffer() {
    for capacity in [0, 1] {
        for put_first in [false, true] {
            let (tx, rx) = chan(capacity);
            let fired = Arc::new(AtomicUsize::new(0));
            let (on_put, on_take) = (Arc::clone(&fired), Arc::clone(&fired));
            let put = || {
                tx.put_then(7, move |result| {
                    assert_eq!(result, Ok(()));
                    on_put.fetch_add(1, Ordering::Relaxed);
                })
                .unwrap();
            };
            let take = || {
                rx.take_then(move |value| {
                    assert_eq!(value, Some(7));
                    on_take.fetch_add(10, Ordering::Relaxed);
                })
                .unwrap();
            };
            if put_first {
                put();
                take();
            } else {
                take();
                put();
            }
            assert_eq!(fired.load(Ordering::Relaxed), 11);
        }
    }
}

/// CA-016
#[test]
fn ca_016_the_1025th_pending_put_is_refused_with_its_value() {
    let ledger = Ledger::new();
    let (tx, rx) = chan(0);
    let tx = tx.named("orders");
    for n in 0..1024 {
        tx.put_then(ledger.value(n), |_| {}).unwrap();
    }
    let called = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&called);
    let error = tx
        .put_then(ledger.value(1024), move |_| {
            count.fetch_add(1, Ordering::Relaxed);
        })
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "1024 callbacks are already pending on channel `orders`: callbacks hold nobody back, so park \
         or block instead"
    );
    assert_eq!(error.into_inner(), 1024);
    assert_eq!(called.load(Ordering::Relaxed), 0);
    // Parked futures are not limited, and the other side has a limit of its own.
    let mut put = Box::pin(tx.put(ledger.value(1024)));
    parks(put.as_mut());
    // FIFO, the lock is free, and one place is free again.
    assert_eq!(id(rx.try_take().ok()), Some(0));
    tx.put_then(ledger.value(1025), |_| {}).unwrap();
    assert!(tx.put_then(ledger.value(0), |_| {}).is_err());
    for n in 1..1026 {
        assert_eq!(id(rx.try_take().ok()), Some(n));
    }
    ready(put).unwrap();
    assert_eq!(ledger.live(), 0);
}

/// CA-017
#[test]
fn ca_017_the_1025th_pending_take_is_refused() {
    let (tx, rx) = chan::<u32>(0);
    for _ in 0..1024 {
        rx.take_then(|_| {}).unwrap();
    }
    let error: TooManyPending<()> = rx.take_then(|_| {}).unwrap_err();
    assert!(error.to_string().contains("pending on channel "), "{error}");
    assert_eq!(tx.put_blocking(1), Ok(()));
    rx.take_then(|_| {}).unwrap();
    assert!(rx.take_then(|_| {}).is_err());
    assert_eq!(TooManyPending::<u32>::LIMIT, 1024);
}

/// Close, from either side and by the last handle, ends every pending callback once.
#[test]
fn pending_callbacks_are_ended_by_close() {
    for last in [false, true] {
        let ledger = Ledger::new();
        let ended = Arc::new(AtomicUsize::new(0));
        // Takes: nothing more will come.
        let (tx, rx) = chan::<crate::util::Tracked>(0);
        for _ in 0..200 {
            let ended = Arc::clone(&ended);
            rx.take_then(move |value| {
                assert!(value.is_none());
                ended.fetch_add(1, Ordering::Relaxed);
            })
            .unwrap();
        }
        if last {
            drop(tx);
        } else {
            tx.close();
        }
        assert_eq!(ended.swap(0, Ordering::Relaxed), 200);
        // Puts: closed by the putting side they wait on, by the taking side they fail.
        let (tx, rx) = chan(0);
        for n in 0..200 {
            let ended = Arc::clone(&ended);
            tx.put_then(ledger.value(n), move |result| {
                let Err(Closed(value)) = result else {
                    panic!("it was not taken")
                };
                assert_eq!(value, n);
                ended.fetch_add(1, Ordering::Relaxed);
            })
            .unwrap();
        }
        drop(tx);
        assert_eq!((ended.load(Ordering::Relaxed), ledger.live()), (0, 200));
        if last {
            drop(rx);
        } else {
            rx.close();
        }
        assert_eq!((ended.load(Ordering::Relaxed), ledger.live()), (200, 0));
    }
}

/// The last sender gone, pending puts are delivered all the same.
#[test]
fn pending_puts_outlive_their_sender() {
    let (tx, rx) = chan(0);
    for n in 0..3 {
        tx.put_then(n, |result| assert_eq!(result, Ok(()))).unwrap();
    }
    drop(tx);
    assert_eq!(rx.iter_blocking().collect::<Vec<_>>(), [0, 1, 2]);
}

/// On a closed channel a callback runs at once.
#[test]
fn callbacks_on_a_closed_channel_run_at_once() {
    let (tx, rx) = chan::<u32>(1);
    tx.try_put(1).unwrap();
    tx.close();
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let (a, b, c) = (Arc::clone(&seen), Arc::clone(&seen), Arc::clone(&seen));
    tx.put_then(2, move |r| {
        a.lock().unwrap().push(format!("{:?}", r.unwrap_err().0));
    })
    .unwrap();
    rx.take_then(move |v| b.lock().unwrap().push(format!("{v:?}")))
        .unwrap();
    rx.take_then(move |v| c.lock().unwrap().push(format!("{v:?}")))
        .unwrap();
    assert_eq!(*seen.lock().unwrap(), ["2", "Some(1)", "None"]);
}

/// A promise serves its pending callbacks.
#[test]
fn a_promise_serves_every_pending_callback() {
    for close in [false, true] {
        let (tx, rx) = chan(promise_buffer());
        let sum = Arc::new(AtomicUsize::new(0));
        for _ in 0..200 {
            let sum = Arc::clone(&sum);
            rx.take_then(move |value| {
                sum.fetch_add(value.expect("it came before the close"), Ordering::Relaxed);
            })
            .unwrap();
        }
        tx.try_put(3_usize).unwrap();
        if close {
            tx.close();
        }
        assert_eq!(sum.load(Ordering::Relaxed), 600);
    }
}

fn count_down_by_puts(tx: Sender<u32>, left: u32, end: mpsc::Sender<()>) {
    if left == 0 {
        return end.send(()).unwrap();
    }
    let next = tx.clone();
    tx.put_then(left, move |result| {
        result.unwrap();
        count_down_by_puts(next, left - 1, end);
    })
    .unwrap();
}

fn count_down_by_takes(rx: Receiver<u32>, left: u32, end: mpsc::Sender<()>) {
    if left == 0 {
        return end.send(()).unwrap();
    }
    let next = rx.clone();
    rx.take_then(move |value| {
        value.unwrap();
        count_down_by_takes(next, left - 1, end);
    })
    .unwrap();
}

/// CA-195: chains of callbacks, on either side and on both at once, need no stack
#[test]
fn ca_195_callback_chains_of_100_000_links_need_no_stack() {
    const LINKS: u32 = 100_000;
    let run = |f: fn()| {
        thread::Builder::new()
            .stack_size(64 * 1024)
            .spawn(f)
            .unwrap()
            .join()
            .unwrap();
    };
    // Always ready: each put is accepted, or each take served, at once.
    run(|| {
        let (tx, _rx) = chan(csp_core::sliding(1));
        let (end, ended) = mpsc::channel();
        count_down_by_puts(tx, LINKS, end);
        ended.try_recv().unwrap();
    });
    run(|| {
        let (tx, rx) = chan(promise_buffer());
        tx.try_put(1).unwrap();
        let (end, ended) = mpsc::channel();
        count_down_by_takes(rx, LINKS, end);
        ended.try_recv().unwrap();
    });
    // Each link completes one of the other chain.
    run(|| {
        let (tx, rx) = chan(0);
        let (end, ended) = mpsc::channel();
        count_down_by_puts(tx, LINKS, end.clone());
        count_down_by_takes(rx, LINKS, end);
        ended.try_recv().unwrap();
        ended.try_recv().unwrap();
    });
    // A bucket chain: link n's callback puts into channel n + 1, where another waits.
    run(|| {
        let (first, mut rx) = chan::<u32>(0);
        // With its last receiver a channel closes, and its callbacks end.
        let mut kept = Vec::new();
        for _ in 0..LINKS {
            let (tx, next) = chan::<u32>(0);
            rx.take_then(move |value| tx.try_put(value.unwrap() + 1).unwrap())
                .unwrap();
            kept.push(std::mem::replace(&mut rx, next));
        }
        let (end, ended) = mpsc::channel();
        rx.take_then(move |value| end.send(value).unwrap()).unwrap();
        first.try_put(0).unwrap();
        assert_eq!(ended.try_recv(), Ok(Some(LINKS)));
    });
}

/// CA-096: a panic in a put's callback reaches the hook; the taker is unharmed.
/// CA-097: and one in a take's callback; the putter is unharmed.
#[test]
fn ca_096_097_a_panicking_callback_harms_nobody() {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let (log, here) = (Arc::clone(&seen), thread::current().id());
    csp_core::set_panic_hook(move |panic| {
        // (The hook is all tests'.)
        if thread::current().id() == here {
            log.lock().unwrap().push(panic.to_string());
        }
    });
    let (tx, rx) = chan(0);
    tx.put_then(1, |_| panic!("in a put's callback")).unwrap();
    assert_eq!(rx.try_take(), Ok(1));
    rx.take_then(|_| panic!("in a take's callback")).unwrap();
    assert_eq!(tx.try_put(2), Ok(()));
    // At once, on the calling thread.
    tx.close();
    rx.take_then(|value| panic!("with {value:?}")).unwrap();
    assert_eq!(
        *seen.lock().unwrap(),
        [
            "panicked: in a put's callback",
            "panicked: in a take's callback",
            "panicked: with None"
        ]
    );
    // A hook that panics itself does not stop the callbacks of the thread for good.
    csp_core::set_panic_hook(|_| panic!("in the hook"));
    let (tx, rx) = chan(1);
    let call = || tx.put_then(1, |_| panic!("once more"));
    drop(std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)));
    let (done, ran) = mpsc::channel();
    rx.take_then(move |value| done.send(value).unwrap())
        .unwrap();
    assert_eq!(ran.try_recv(), Ok(Some(1)));
    csp_core::set_panic_hook(|_| {});
}

/// A callback may use its own channel: it runs without the lock.
#[test]
fn a_callback_may_use_its_own_channel() {
    let (tx, rx) = chan(0);
    let (again, other) = (tx.clone(), rx.clone());
    let (done, seen) = mpsc::channel();
    rx.take_then(move |value| {
        let len = other.len();
        assert!(again.close());
        done.send((value, len, format!("{other:?}").contains("closed: true")))
            .unwrap();
    })
    .unwrap();
    tx.try_put(5).unwrap();
    assert_eq!(seen.try_recv(), Ok((Some(5), 0, true)));
}

/// Callbacks, futures and threads on one side are served in the order they came.
#[test]
fn callbacks_futures_and_threads_stand_in_one_queue() {
    let (tx, rx) = chan(0);
    let (done, seen) = mpsc::channel();
    rx.take_then(move |value| done.send(value).unwrap())
        .unwrap();
    let mut future = pin!(rx.take());
    parks(future.as_mut());
    let blocking = rx.clone();
    let thread = thread::spawn(move || blocking.take_blocking());
    until_shows(&tx, "takers: 3");
    for n in 1..=3 {
        tx.try_put(n).unwrap();
    }
    assert_eq!(seen.try_recv(), Ok(Some(1)));
    assert_eq!(ready(future), Some(2));
    assert_eq!(thread.join().unwrap(), Some(3));
}

/// A dropped take gives what it was handed to a pending callback.
#[test]
fn a_value_given_back_runs_the_next_callback() {
    let (tx, rx) = chan(0);
    let (done, seen) = mpsc::channel();
    {
        let mut take = pin!(rx.take());
        parks(take.as_mut());
        rx.take_then(move |value| done.send(value).unwrap())
            .unwrap();
        tx.try_put(1).unwrap();
        assert!(seen.try_recv().is_err());
    }
    assert_eq!(seen.try_recv(), Ok(Some(1)));
}
