//! Programs that once hung, crashed or lost something.

use std::{
    future::Future,
    pin::pin,
    rc::Rc,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Wake, Waker},
    time::Instant,
};

use csp::{Failure, Local, Runtime, prelude::*};

fn small(workers: usize) -> Runtime {
    Runtime::builder().workers(workers).build()
}

/// A value that enters another runtime, and starts a block there, when it is dropped.
struct EntersAtDrop(Runtime);

impl Drop for EntersAtDrop {
    fn drop(&mut self) {
        let _entered = self.0.enter();
        assert_eq!(go!({ 1 }).wait(), Ok(1));
    }
}

/// A refused block was dropped while the current executor was borrowed: its destructor could not
/// enter another, and the process was aborted.
#[test]
fn a_refused_block_may_enter_another_runtime_when_it_is_dropped() {
    let over = small(1);
    let _entered = over.enter();
    drop(over);
    let held = EntersAtDrop(small(1));
    let refused = go(async move {
        let _held = held;
    });
    assert_eq!(refused.wait(), Err(Failure::Cancelled));
}

/// As above, for the host's callback.
#[test]
fn a_locals_callback_may_enter_a_runtime() {
    let other = small(1);
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let local = Local::with_wake(move || {
        let _entered = other.enter();
        counted.fetch_add(1, Ordering::Relaxed);
    });
    let outer = local.go(async { go!({ 1 }).await });
    local.run_until_idle();
    assert_eq!(outer.wait(), Ok(Ok(1)));
    assert!(calls.load(Ordering::Relaxed) > 1);
}

/// It unwound whoever woke the block: a put on another thread, and the drop of the `Local`, which must
/// not end early.
#[test]
fn a_locals_callback_that_panics_unwinds_nobody() {
    let local = Local::with_wake(|| panic!("the host panics (expected)"));
    let (tx, rx) = chan(0);
    let taker = local.go(async move { take!(rx) });
    local.run_until_idle();
    let putter = std::thread::spawn(move || tx.put_blocking(3));
    assert_eq!(putter.join().unwrap(), Ok(()));
    local.run_until_idle();
    assert_eq!(taker.wait(), Ok(Some(3)));

    let (_tx, rx) = chan::<u32>(0);
    let parked: Vec<_> = (0..3)
        .map(|_| {
            let rx = rx.clone();
            local.go(async move { take!(rx) })
        })
        .collect();
    local.run_until_idle();
    drop(local);
    for block in parked {
        assert_eq!(block.wait(), Err(Failure::Cancelled));
    }
}

/// The main future's operations were counted against the budget of the turn around it, which nothing
/// refills: it yielded for ever.
#[test]
fn run_until_inside_a_go_block_has_no_budget() {
    let rt = small(1);
    let sum = rt.go(async {
        let (tx, rx) = chan(1000);
        for n in 0..1000_u32 {
            tx.try_put(n).unwrap();
        }
        drop(tx);
        Local::new().run_until(async {
            let mut sum = 0;
            while let Some(n) = take!(rx) {
                sum += n;
            }
            sum
        })
    });
    assert_eq!(sum.wait(), Ok(499_500));
}

/// It slept on the worker's thread, with the worker's queue.
#[test]
fn run_until_inside_a_go_block_hands_the_worker_over() {
    let rt = small(1);
    let (ready, is_ready) = chan(1);
    let (tx, rx) = chan(0);
    let outer = rt.go(async move {
        ready.try_put(()).unwrap();
        Local::new().run_until(async { take!(rx) })
    });
    assert_eq!(is_ready.take_blocking(), Some(()));
    let putter = rt.go(async move { put!(tx, 5) });
    assert_eq!(outer.wait(), Ok(Some(5)));
    assert_eq!(putter.wait(), Ok(Ok(())));
}

/// The inner call took the wake-up of the outer one.
#[test]
fn run_until_inside_a_block_of_the_same_local_loses_no_wake_up() {
    let local = Rc::new(Local::new());
    let (tx, rx) = chan(0);
    let same = Rc::clone(&local);
    let block = local.go(async move {
        let (end, ended) = chan(0);
        let helper = same.go(async move {
            put!(tx, 1).ok(); // wakes the outer main future
            yield_now().await;
            yield_now().await;
            put!(end, 2).ok();
        });
        let got = same.run_until(async { take!(ended) });
        assert_eq!(helper.wait(), Ok(()));
        got
    });
    assert_eq!(local.run_until(async { take!(rx) }), Some(1));
    assert_eq!(local.run_until(block), Ok(Some(2)));
}

/// Nobody kept the time: the thread that waited should have.
#[test]
fn waiting_for_a_timeout_of_a_local_on_its_thread_ends() {
    let local = Local::new();
    let block = local.go(async {
        let before = Instant::now();
        let timeout = timeout(ms(20));
        timeout.wait();
        assert!(timeout.is_over());
        before.elapsed()
    });
    local.run_until_idle();
    assert!(block.wait().unwrap() >= ms(20));
}

/// The timeouts of a runtime that was dropped never ended, as long as somebody had it entered.
#[test]
fn timeouts_end_with_their_runtime() {
    let rt = small(1);
    let _entered = rt.enter();
    let before = timeout(secs(3600));
    drop(rt);
    before.wait();
    // Made when the runtime is over.
    timeout(secs(3600)).wait();
}

/// A waker that blocks.
struct Blocks(Sender<()>);

impl Wake for Blocks {
    fn wake(self: Arc<Self>) {
        self.0.put_blocking(()).ok();
    }
}

/// A worker that searched for work, and then lost its core to a waker that blocks, was counted as a
/// searcher for ever: nobody was woken for work any more.
#[test]
fn a_waker_that_blocks_while_the_clock_is_read_keeps_no_wake_up_away() {
    let rt = small(2);
    let _entered = rt.enter();
    for _ in 0..5 {
        let (tx, rx) = chan(0);
        let waker = Waker::from(Arc::new(Blocks(tx)));
        let timeout = timeout(ms(3));
        let mut take = pin!(timeout.take());
        let polled = take.as_mut().poll(&mut Context::from_waker(&waker));
        assert!(polled.is_pending());
        std::thread::sleep(ms(25)); // the waker blocks, and both workers sleep
        assert_eq!(rx.take_blocking(), Some(()));
        let block = go!({
            let blocks: Vec<_> = (0..4).map(|n| go!({ n })).collect();
            let mut sum = 0;
            for block in blocks {
                sum += block.await.unwrap();
            }
            sum
        });
        assert_eq!(block.wait_for(secs(10)).expect("it is run"), Ok(6));
    }
}

/// What the hook made panicked at its drop, which ended a thread of the pool that still counted.
#[test]
fn what_the_hook_made_may_panic_when_it_is_dropped() {
    struct Panics(Arc<Mutex<u32>>);
    impl Drop for Panics {
        fn drop(&mut self) {
            *self.0.lock().unwrap() += 1;
            panic!("at the drop of what the hook made (expected)");
        }
    }
    let dropped = Arc::new(Mutex::new(0));
    let held = Arc::clone(&dropped);
    let rt = Runtime::builder()
        .workers(1)
        .on_worker(move || Panics(Arc::clone(&held)))
        .build();
    let (tx, rx) = chan(0);
    let blocking = rt.go(async move { rx.take_blocking() });
    let putter = rt.go(async move { put!(tx, 1) });
    assert_eq!(blocking.wait(), Ok(Some(1)));
    assert_eq!(putter.wait(), Ok(Ok(())));
    rt.shutdown(secs(1)).unwrap();
}

/// A chain of 100,000 blocks, each of which binds and starts the next, ends without a stack overflow.
#[test]
fn long_chains_of_bindings_use_no_stack() {
    dynamic! {
        static DEPTH: u32 = 0;
    }
    fn step(n: u32, done: Sender<u32>) {
        DEPTH.bind(n, move || {
            if n == 100_000 {
                done.try_put(DEPTH.get()).unwrap();
            } else {
                drop(go(async move { step(n + 1, done) }));
            }
        });
    }
    let (done, ended) = chan(1);
    step(1, done);
    assert_eq!(ended.take_blocking(), Some(100_000));
}

/// A block that awaits its own value says so, instead of waiting for ever.
#[test]
fn awaiting_ones_own_value_panics() {
    let (tx, rx) = chan::<Go<()>>(0);
    let (said, heard) = chan(1);
    let block = go!({
        let own = take!(rx).unwrap();
        let failure = std::panic::AssertUnwindSafe(async { own.await.is_ok() });
        said.try_put(()).unwrap();
        failure.0.await;
    });
    tx.put_blocking(block).unwrap();
    // The sender in the block drops when the block has panicked.
    assert_eq!(
        (heard.take_blocking(), heard.take_blocking()),
        (Some(()), None)
    );
}
