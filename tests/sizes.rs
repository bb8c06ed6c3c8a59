//! What blocks and operations cost in memory: allocations are counted, and sizes may not grow unseen.
//!
//! Everything runs on a local executor, so all that is counted happens on the test's own thread.
#![allow(unsafe_code, reason = "a global allocator cannot be written without")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    future::Future,
    time::Duration,
};

use csp::{Local, prelude::*};

/// Counts what this thread allocates, and what of it is still there.
struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
    static BYTES: Cell<usize> = const { Cell::new(0) };
    static LIVE: Cell<isize> = const { Cell::new(0) };
}

fn note(allocated: usize, freed: usize) {
    // A thread that ends allocates nothing that we count.
    let _ = COUNT.try_with(|count| count.set(count.get() + usize::from(allocated > 0)));
    let _ = BYTES.try_with(|bytes| bytes.set(bytes.get() + allocated));
    let change = allocated.cast_signed() - freed.cast_signed();
    let _ = LIVE.try_with(|live| live.set(live.get() + change));
}

// SAFETY: the system's allocator does the work; counting touches only cells without a destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size(), 0);
        // SAFETY: as promised to us.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        note(0, layout.size());
        // SAFETY: as promised to us.
        unsafe { System.dealloc(at, layout) }
    }
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size, layout.size());
        // SAFETY: as promised to us.
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How many allocations, and of how many bytes in all.
fn counted<R>(run: impl FnOnce() -> R) -> (usize, usize, R) {
    let (count, bytes) = (COUNT.get(), BYTES.get());
    let result = run();
    (COUNT.get() - count, BYTES.get() - bytes, result)
}

fn allocations(run: impl FnOnce()) -> usize {
    counted(run).0
}

/// How many bytes more are there afterwards.
fn left_behind(run: impl FnOnce()) -> isize {
    let before = LIVE.get();
    run();
    LIVE.get() - before
}

/// An executor whose queue has room, so that only blocks and operations allocate.
fn warm() -> Local {
    let local = Local::new();
    for _ in 0..64 {
        drop(local.go(async { yield_now().await }));
    }
    local.run_until_idle();
    local
}

#[test]
fn block_is_one_allocation() {
    let local = warm();
    // (Too large to get the memory of one that has ended.)
    let one = allocations(|| {
        let block = local.go(async {
            let large = [0_u8; 1000];
            yield_now().await;
            let _ = std::hint::black_box(large);
        });
        local.run_until_idle();
        assert!(block.is_finished());
    });
    assert_eq!(one, 1);
    // Started and awaited by another block, also when that has to park for it.
    let both = allocations(|| {
        let outer = local.go(async {
            let inner = go!({
                let large = [7_u8; 1000];
                yield_now().await;
                std::hint::black_box(large)[0]
            });
            let seven = inner.await;
            let large = [0_u8; 1000];
            yield_now().await;
            let _ = std::hint::black_box(large);
            seven
        });
        local.run_until_idle();
        assert!(outer.is_finished());
    });
    assert_eq!(both, 2);
}

#[test]
fn a_block_gets_the_memory_of_one_that_ended() {
    let local = warm();
    let round = || {
        let block = local.go(async { yield_now().await });
        local.run_until_idle();
        assert!(block.is_finished());
    };
    round();
    let again = usize::from(cfg!(csp_no_reuse));
    assert_eq!(allocations(round), again);
}

#[test]
fn a_channel_gets_the_memory_of_one_that_ended_and_its_buffer_is_two_allocations() {
    drop(chan::<u64>(0));
    let again = usize::from(cfg!(csp_no_reuse));
    assert_eq!(allocations(|| drop(chan::<u64>(0))), again);
    assert_eq!(allocations(|| drop(chan::<u64>(16))), again + 2);
    // A clone of an end is a count.
    let (tx, rx) = chan::<u64>(0);
    assert_eq!(allocations(|| drop((tx.clone(), rx.clone()))), 0);
}

/// Runs the rounds of a pair of blocks, whose set-up is not counted, and counts.
fn allocations_of_rounds<F>(pair: impl FnOnce(Receiver<()>) -> F) -> usize
where
    F: Future<Output = ()> + 'static,
{
    let local = warm();
    let (start, started) = chan(0);
    let block = local.go(pair(started));
    local.run_until_idle();
    assert!(!block.is_finished(), "it waits for the start");
    let count = allocations(|| {
        start.try_put(()).unwrap();
        local.run_until_idle();
    });
    assert!(block.is_finished());
    count
}

const ROUNDS: usize = 1_000;

#[test]
fn operations_allocate_nothing() {
    // Parked on both sides, again and again.
    let rendezvous = allocations_of_rounds(|start| async move {
        let (tx, rx) = chan(0);
        let block = go!({
            while let Some(n) = take!(rx) {
                assert!(n < ROUNDS);
            }
        });
        take!(start);
        for n in 0..ROUNDS {
            put!(tx, n).unwrap();
        }
        drop(tx);
        block.await.unwrap();
    });
    assert_eq!(rendezvous, 0, "rendezvous");
    let buffered = allocations_of_rounds(|start| async move {
        let (tx, rx) = chan(8);
        let block = go!({
            while let Some(n) = take!(rx) {
                assert!(n < ROUNDS);
            }
        });
        take!(start);
        for n in 0..ROUNDS {
            put!(tx, n).unwrap();
        }
        drop(tx);
        block.await.unwrap();
    });
    assert_eq!(buffered, 0, "buffered");
    let methods = allocations_of_rounds(|start| async move {
        let (tx, rx) = chan(1);
        take!(start);
        for n in 0..ROUNDS {
            tx.put(n).await.unwrap();
            assert_eq!(rx.take().await, Some(n));
            tx.try_put(n).unwrap();
            assert_eq!(rx.try_take(), Ok(n));
            yield_now().await;
        }
    });
    assert_eq!(methods, 0, "methods");
}

#[test]
fn alts_allocate_nothing() {
    let parked = allocations_of_rounds(|start| async move {
        let (tx, rx) = chan(0);
        let (_quiet_tx, quiet) = chan::<usize>(0);
        let (_never, over) = chan::<()>(0);
        let block = go!({
            loop {
                alt! {
                    Some(n) = take!(rx) => assert!(n < ROUNDS),
                    v = take!(quiet) => unreachable!("{v:?}"),
                    _ = take!(over) => unreachable!(),
                    else None => break,
                }
            }
        });
        let (_full, unread) = chan::<usize>(0);
        take!(start);
        for n in 0..ROUNDS {
            alt! {
                ok = put!(tx, n) => ok.unwrap(),
                v = take!(unread) => unreachable!("{v:?}"),
            }
        }
        drop(tx);
        block.await.unwrap();
    });
    assert_eq!(parked, 0, "alt!");
    let set = allocations_of_rounds(|start| async move {
        let (txs, rxs): (Vec<_>, Vec<_>) = (0..8).map(|_| chan::<usize>(0)).unzip();
        let mut set = AltSet::new();
        for rx in &rxs {
            set.take(rx);
        }
        let block = go!({
            for n in 0..ROUNDS {
                put!(txs[n % 8], n).unwrap();
            }
            txs.len()
        });
        take!(start);
        for _ in 0..ROUNDS {
            let (index, event) = alts!(&mut set);
            assert_eq!(event.took().map(|n| n % 8), Some(index));
        }
        block.await.unwrap();
    });
    assert_eq!(set, 0, "alts! over a set");
}

/// A timeout whose tick has one already allocates nothing; nor does waiting for it.
#[test]
fn timeouts_of_one_tick_share_its_entry() {
    let local = warm();
    let (kept, more) = local.run_until(async {
        let far = std::time::Instant::now() + Duration::from_secs(1_000);
        let kept = deadline(far);
        let more = allocations(|| {
            for _ in 0..1_000 {
                let over = deadline(far);
                assert!(!over.is_over());
            }
        });
        (kept, more)
    });
    assert_eq!(more, 0);
    drop(kept);
}

/// GO-099: hundreds of thousands of timeouts of an hour, each given up in an alts, leave nothing.
#[test]
fn stress_timeouts_given_up_leave_nothing() {
    let local = warm();
    let round = |rounds: u32| {
        local.run_until(async move {
            let (tx, rx) = chan(1);
            for n in 0..rounds {
                tx.try_put(n).unwrap();
                // Spread over many ticks.
                let over = timeout(Duration::from_hours(1) + ms(u64::from(n) * 10));
                let got = alt! { priority; _ = take!(over) => None, v = take!(rx) => v };
                assert_eq!(got, Some(n));
            }
        });
    };
    // What the executor keeps for later is kept from the first round on.
    round(10_000);
    let left = left_behind(|| round(300_000));
    assert!(
        left.abs() < 64 * 1024,
        "{left} bytes are left of the timeouts"
    );
}

/// A hundred thousand parks in alts with a quiet channel leave nothing behind, not a byte.
#[test]
fn losing_arms_leave_no_memory() {
    let local = warm();
    let (_quiet_tx, quiet) = chan::<u32>(0);
    let round = || {
        let (tx, rx) = chan(0);
        let own = quiet.clone();
        let taker = local.go(async move {
            loop {
                alt! { Some(_) = take!(rx) => {}, _ = take!(own) => {}, else None => break }
            }
        });
        let putter = local.go(async move {
            for n in 0..100_000_u32 {
                put!(tx, n).unwrap();
            }
        });
        local.run_until_idle();
        assert!(taker.is_finished() && putter.is_finished());
    };
    // The blocks' own memory is kept, for the next.
    round();
    assert_eq!(left_behind(round), 0);
}

/// Blocks that are cancelled wherever they are parked leave nothing behind, not a byte.
#[test]
fn cancelled_blocks_leave_no_memory() {
    let local = warm();
    let (tx, rx) = chan::<u32>(0);
    let round = || {
        for _ in 0..200 {
            let (tx, rx) = (tx.clone(), rx.clone());
            let (_quiet_tx, quiet) = chan::<u32>(0);
            let alts = local.go(async move {
                alt! { _ = take!(rx) => {}, _ = take!(quiet) => {}, }
            });
            let put = local.go(async move { put!(tx, 1).is_ok() });
            // The two meet, so that one of the next pair has to wait.
            let (_kept, other) = chan::<u32>(0);
            let take = local.go(async move { take!(other) });
            local.run_until_idle();
            alts.cancel();
            put.cancel();
            take.cancel();
            local.run_until_idle();
        }
    };
    round();
    assert_eq!(left_behind(round), 0);
    assert_eq!(local.live(), 0);
}

/// The bytes that starting a block allocates: header, frame, site.
fn block_size<F>(future: F) -> usize
where
    F: Future + 'static,
    F::Output: Send + 'static,
{
    let local = warm();
    counted(|| drop(local.go(future))).1
}

async fn helper(rx: &Receiver<u64>, tx: &Sender<u64>) -> Option<()> {
    put!(tx, take!(rx)? + 1).ok()
}

/// What typical blocks take. A number here may go down freely; up only on purpose.
#[test]
fn sizes_of_typical_blocks() {
    let (tx, rx) = chan::<u64>(0);
    let ends = || (tx.clone(), rx.clone());
    let mut sizes = Vec::new();
    sizes.push(("empty", block_size(async {}), EMPTY));
    let own = rx.clone();
    sizes.push(("one take", block_size(async move { take!(own) }), ONE_TAKE));
    let (own_tx, own_rx) = ends();
    let forward = async move {
        while let Some(n) = take!(own_rx) {
            if put!(own_tx, n + 1).is_err() {
                break;
            }
        }
    };
    sizes.push((
        "forward: a loop of take and put",
        block_size(forward),
        FORWARD,
    ));
    let (own_tx, own_rx) = ends();
    let alts = async move {
        alt! {
            v = take!(own_rx) => v,
            ok = put!(own_tx, 1) => ok.err().map(Closed::into_inner),
            _ = take!(timeout(secs(1))) => None,
        }
    };
    sizes.push(("alts of take, put and timeout", block_size(alts), ALTS));
    let (own_tx, own_rx) = ends();
    let calls = async move { while helper(&own_rx, &own_tx).await.is_some() {} };
    sizes.push(("a helper that takes and puts", block_size(calls), HELPER));
    for (name, size, most) in &sizes {
        assert!(
            size <= most,
            "{name}: {size} bytes, {most} so far; all: {sizes:?}"
        );
    }
    // Design section 11: a parked block with its channel.
    let local = warm();
    let parked = counted(|| {
        let (tx, rx) = chan::<u64>(0);
        drop(local.go(async move { take!(rx) }));
        tx
    });
    assert!(
        parked.1 <= 250,
        "a parked block with its channel takes {} bytes",
        parked.1
    );
}

const EMPTY: usize = 104;
const ONE_TAKE: usize = 152;
const FORWARD: usize = 160;
const ALTS: usize = 304;
const HELPER: usize = 208;
