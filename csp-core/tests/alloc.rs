//! What is allocated, counted exactly. The counts are of a thread: the test harness allocates on its own.
#![allow(unsafe_code, reason = "a counting allocator")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    pin::pin,
    task::{Context, Poll, Waker},
};

use csp_core::{AltSet, Order, alts, chan, dropping, promise_buffer, sliding};

struct Counting;

thread_local! {
    static MADE: Cell<usize> = const { Cell::new(0) };
    static LIVE: Cell<isize> = const { Cell::new(0) };
}

// SAFETY: everything is the system allocator's; the counters are plain thread locals, which do not
// allocate and have no destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        MADE.set(MADE.get() + 1);
        LIVE.set(LIVE.get() + layout.size().cast_signed());
        // SAFETY: promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        LIVE.set(LIVE.get() - layout.size().cast_signed());
        // SAFETY: promised by the caller.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How many allocations `f` makes, and how many bytes it leaves.
fn cost(f: impl FnOnce()) -> (usize, isize) {
    let (made, live) = (MADE.get(), LIVE.get());
    f();
    (MADE.get() - made, LIVE.get() - live)
}

fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn tries_do_not_allocate() {
    for buffer in [4.into(), sliding(4), dropping(4)] {
        let (tx, rx) = chan::<u64>(buffer);
        let spent = cost(|| {
            for n in 0..1000 {
                let _full = tx.try_put(n);
                if n % 2 == 0 {
                    assert!(rx.try_take().is_ok());
                }
            }
        });
        assert_eq!(spent, (0, 0));
    }
    let (tx, rx) = chan::<u64>(0);
    let spent = cost(|| {
        for n in 0..1000 {
            assert!(tx.try_put(n).is_err());
            assert!(rx.try_take().is_err());
        }
    });
    assert_eq!(spent, (0, 0));
}

#[test]
fn ready_operations_do_not_allocate() {
    let (tx, rx) = chan::<u64>(1);
    let (_quiet_tx, quiet) = chan::<u64>(0);
    let (fixed_tx, promise) = chan(promise_buffer());
    fixed_tx.try_put(1_u64).unwrap();
    let spent = cost(|| {
        for n in 0..1000 {
            assert_eq!(poll(pin!(tx.put(n))), Poll::Ready(Ok(())));
            assert_eq!(poll(pin!(rx.take())), Poll::Ready(Some(n)));
            assert!(poll(pin!(async { alts!(quiet.take(), tx.put(n)) })).is_ready());
            assert!(poll(pin!(async { alts!(quiet.take(), rx.take()) })).is_ready());
            assert!(poll(pin!(async { alts!(quiet.take(), rx.take(), default) })).is_ready());
            assert_eq!(promise.try_take(), Ok(1));
        }
    });
    assert_eq!(spent, (0, 0));
}

/// A foreign waker is boxed while it is parked: one allocation, given back. (The tasks of our own
/// executor need none.)
#[test]
fn parking_with_a_foreign_waker_costs_one_box() {
    let (tx, rx) = chan::<u64>(0);
    let (_quiet_tx, quiet) = chan::<u64>(0);
    let spent = cost(|| {
        let mut take = pin!(rx.take());
        for _ in 0..10 {
            assert!(
                take.as_mut()
                    .poll(&mut Context::from_waker(Waker::noop()))
                    .is_pending()
            );
        }
        tx.try_put(1).unwrap();
        assert_eq!(poll(take), Poll::Ready(Some(1)));
    });
    // Polled again with the waker it has: a box is made to compare, and dropped.
    assert!(spent.0 <= 10, "{spent:?}");
    assert_eq!(spent.1, 0);
    let spent = cost(|| {
        let mut put = pin!(tx.put(1));
        assert!(poll(put.as_mut()).is_pending());
        assert_eq!(rx.try_take(), Ok(1));
        assert_eq!(poll(put), Poll::Ready(Ok(())));
    });
    assert_eq!(spent, (1, 0));
    let spent = cost(|| {
        let mut block = pin!(async { alts!(quiet.take(), rx.take(), quiet.take()) });
        assert!(poll(block.as_mut()).is_pending());
        tx.try_put(1).unwrap();
        assert!(poll(block).is_ready());
    });
    assert_eq!(spent, (1, 0));
}

/// 1 M recv futures polled once and dropped: 0 bytes; the same for puts and alts (GO-045)
#[test]
fn a_million_abandoned_operations_leave_nothing() {
    let (tx, rx) = chan::<u64>(0);
    let (_quiet_tx, quiet) = chan::<u64>(0);
    let (made, live) = cost(|| {
        for n in 0..1_000_000 {
            assert!(poll(pin!(rx.take())).is_pending());
            if n % 4 == 0 {
                assert!(poll(pin!(tx.put(n))).is_pending());
                assert!(poll(pin!(async { alts!(rx.take(), quiet.take()) })).is_pending());
            }
        }
    });
    assert_eq!((made, live), (1_500_000, 0));
    // GO-045: alts that end by one arm leave nothing on the quiet channel.
    let (tx, rx) = chan::<u64>(1);
    let spent = cost(|| {
        for n in 0..100_000 {
            tx.try_put(n).unwrap();
            assert!(poll(pin!(async { alts!(quiet.take(), rx.take()) })).is_ready());
        }
    });
    assert_eq!(spent, (0, 0));
    assert!(format!("{quiet:?}").contains("takers: 0"));
}

/// woken recv, message gone, then polled 1 M times: 0 bytes
#[test]
fn a_parked_take_polled_a_million_times_holds_nothing_more() {
    let (tx, rx) = chan::<u64>(4);
    let mut take = pin!(rx.take());
    assert!(poll(take.as_mut()).is_pending());
    let (_, live) = cost(|| {
        for _ in 0..1_000_000 {
            assert!(poll(take.as_mut()).is_pending());
        }
    });
    assert_eq!(live, 0);
    tx.try_put(1).unwrap();
    assert_eq!(poll(take), Poll::Ready(Some(1)));
}

/// After its first rounds, a set allocates nothing.
#[test]
fn a_set_reuses_its_nodes() {
    let (tx, rx) = chan::<u64>(1);
    let (_quiet_tx, quiet) = chan::<u64>(0);
    let mut set = AltSet::new();
    for _ in 0..100 {
        set.take(&quiet);
    }
    let put = set.put(&tx, 0);
    set.take(&rx);
    let spent = cost(|| {
        for n in 0..1000 {
            assert!(set.choose(Order::Priority).now().is_some());
            assert!(poll(pin!(set.choose(Order::Random))).is_ready());
            set.put_again(put, n);
        }
    });
    assert_eq!(spent, (0, 0));
}

/// What a channel is made of, and that all of it goes.
#[test]
fn channels_are_made_of_few_parts_and_go_whole() {
    // (The first makes room for more than itself.)
    drop(chan::<u64>(0));
    let place = usize::from(cfg!(csp_no_reuse));
    assert_eq!(cost(|| drop(chan::<u64>(0))), (place, 0));
    assert_eq!(cost(|| drop(chan::<u64>(8))), (place + 2, 0));
    assert_eq!(cost(|| drop(chan::<u64>(promise_buffer()))), (place + 1, 0));
    let (_, live) = cost(|| {
        let (tx, rx) = chan::<Box<u64>>(2);
        let tx = tx.named("whole");
        tx.try_put(Box::new(1)).unwrap();
        tx.fail("over");
        tx.put_then(Box::new(2), |_| {}).unwrap();
        rx.take_then(|_| {}).unwrap();
        drop((tx, rx));
    });
    assert_eq!(live, 0);
    // Small: a million of them are no reason to worry.
    let mut held = Vec::with_capacity(1000);
    let (_, live) = cost(|| held.extend((0..1000).map(|_| chan::<u64>(0))));
    drop(held);
    assert!(live <= 1000 * (64 + 16), "{live} bytes");
}
