//! The executor on the caller's own thread.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use csp::{Local, prelude::*};

use crate::util::{Census, outcome, runtime, value};

#[test]
fn blocks_need_not_be_send() {
    let local = Local::new();
    let log = Rc::new(RefCell::new(Vec::new()));
    let (tx, rx) = chan(0);
    for n in 0..3 {
        let (log, rx) = (Rc::clone(&log), rx.clone());
        local.go(async move {
            let mine = Rc::new(Cell::new(n));
            while let Some(value) = take!(rx) {
                mine.set(mine.get() + 10);
                log.borrow_mut().push((mine.get(), value));
            }
        });
    }
    local.go(async move {
        for value in 0..6 {
            put!(tx, value).unwrap();
        }
    });
    local.run_until_idle();
    // In turn: three are handed over, the first taker finds the putter parked with the fourth and goes
    // behind the others, whom the rest is handed to in the order in which they parked.
    assert_eq!(
        *log.borrow(),
        [(10, 0), (20, 3), (11, 1), (12, 2), (30, 4), (21, 5)]
    );
    assert_eq!(local.live(), 0);
}

/// Channels may be !Send as well, when everybody is on one thread.
#[test]
fn values_need_not_be_send() {
    let local = Local::new();
    let (tx, rx) = chan(1);
    let shared = Rc::new(Cell::new(0));
    let there = Rc::clone(&shared);
    local.go(async move { put!(tx, there).unwrap() });
    local.go(async move {
        let got: Rc<Cell<u32>> = take!(rx).unwrap();
        got.set(5);
    });
    local.run_until_idle();
    assert_eq!(shared.get(), 5);
}

#[test]
fn everything_stays_on_the_thread() {
    let local = Local::new();
    let here = std::thread::current().id();
    let same = local.run_until(async move {
        let block = go!({
            let inner = go!({ std::thread::current().id() });
            yield_now().await;
            (inner.await.unwrap(), std::thread::current().id())
        });
        block.await.unwrap() == (here, here)
    });
    assert!(same);
    // What blocks goes elsewhere, and its value comes back.
    let elsewhere = local.run_until(async { thread(|| std::thread::current().id()).await });
    assert_ne!(elsewhere, Ok(here));
}

/// First come, first served: the order of turns is the order of wake-ups.
#[test]
fn turns_come_in_order() {
    let local = Local::new();
    let log = Rc::new(RefCell::new(Vec::new()));
    for n in 0..5 {
        let log = Rc::clone(&log);
        local.go(async move {
            for round in 0..3 {
                log.borrow_mut().push((round, n));
                yield_now().await;
            }
        });
    }
    local.run_until_idle();
    let expected: Vec<_> = (0..3)
        .flat_map(|round| (0..5).map(move |n| (round, n)))
        .collect();
    assert_eq!(*log.borrow(), expected);
}

/// At most 1024 blocks a turn; then the host has the thread.
#[test]
fn turn_runs_at_most_1024_blocks() {
    let local = Local::new();
    let ran = Rc::new(Cell::new(0));
    for _ in 0..2_500 {
        let ran = Rc::clone(&ran);
        local.go(async move { ran.set(ran.get() + 1) });
    }
    assert_eq!(local.live(), 2_500);
    assert!(local.turn());
    assert_eq!(ran.get(), 1_024);
    assert!(local.turn());
    assert_eq!(ran.get(), 2_048);
    assert!(!local.turn());
    assert_eq!((ran.get(), local.live()), (2_500, 0));
}

/// A block that is always ready still ends each turn.
#[test]
fn busy_block_does_not_hold_the_host() {
    let local = Local::new();
    let (tx, rx) = chan(1);
    let block = local.go(async move {
        loop {
            put!(tx, 1).unwrap();
            take!(rx).unwrap();
        }
    });
    for _ in 0..3 {
        assert!(local.turn());
    }
    block.cancel();
    assert!(!local.turn());
    let ended: Result<(), _> = outcome(block);
    assert_eq!(ended, Err(Failure::Cancelled));
}

/// The host is told when something is due after nothing was: once for each time.
#[test]
fn with_wake_tells_the_host() {
    let told = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&told);
    let local = Local::with_wake(move || {
        count.fetch_add(1, Ordering::SeqCst);
    });
    let (tx, rx) = chan(0);
    let sum = Rc::new(Cell::new(0));
    for _ in 0..3 {
        let (rx, sum) = (rx.clone(), Rc::clone(&sum));
        local.go(async move {
            while let Some(n) = take!(rx) {
                sum.set(sum.get() + n);
            }
        });
    }
    assert_eq!(
        told.load(Ordering::SeqCst),
        1,
        "the second and third were due beside the first"
    );
    assert!(!local.turn());
    // Woken from another thread.
    let putter = tx.clone();
    std::thread::spawn(move || putter.put_blocking(5).unwrap())
        .join()
        .unwrap();
    assert_eq!(told.load(Ordering::SeqCst), 2);
    assert!(!local.turn());
    assert_eq!(sum.get(), 5);
    drop(tx);
    assert_eq!(told.load(Ordering::SeqCst), 3);
    local.run_until_idle();
    assert_eq!(local.live(), 0);
}

/// The callback may be called while the host is in a turn; it may not be called with a lock held that
/// the executor needs.
#[test]
fn with_wake_may_look_at_anything() {
    let (tell, told) = std::sync::mpsc::channel();
    let local = Local::with_wake(move || tell.send(()).unwrap());
    let block = local.go(async {
        yield_now().await;
        1
    });
    while !block.is_finished() {
        told.recv().unwrap();
        local.turn();
    }
    assert_eq!(value(block), 1);
}

#[test]
fn run_until_sleeps_until_another_thread_wakes_it() {
    let local = Local::new();
    let (tx, rx) = chan(0);
    let (back_tx, back) = chan(0);
    let other = std::thread::spawn(move || {
        for n in 0..200_u64 {
            tx.put_blocking(n).unwrap();
            assert_eq!(back.take_blocking(), Some(n * 2));
        }
    });
    let block = local.go(async move {
        while let Some(n) = take!(rx) {
            put!(back_tx, n * 2).unwrap();
        }
    });
    assert_eq!(local.run_until(block), Ok(()));
    other.join().unwrap();
}

/// The main future itself is woken from other threads and runtimes.
#[test]
fn run_until_awaits_blocks_of_a_runtime() {
    let local = Local::new();
    let rt = runtime(1);
    let sum = local.run_until(async {
        let mut sum = 0;
        for n in 0..100 {
            sum += rt.go(async move { n }).await.unwrap();
        }
        sum
    });
    assert_eq!(sum, 4_950);
}

#[test]
fn timeouts_on_a_local_executor() {
    let local = Local::new();
    assert_eq!(local.next_deadline(), None);
    let start = Instant::now();
    let block = local.go(async move {
        sleep(ms(15)).await;
        start.elapsed()
    });
    local.run_until_idle();
    assert!(!block.is_finished(), "a parked block stays parked");
    let due = local.next_deadline().unwrap();
    assert!(due >= start + ms(15) && due <= start + secs(50));
    // A host's loop: come again when the time is due.
    while !block.is_finished() {
        if let Some(due) = local.next_deadline() {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        local.turn();
    }
    assert!(value(block) >= ms(15));
    let start = Instant::now();
    local.run_until(sleep_inside(15));
    assert!(start.elapsed() >= ms(15));
}

async fn sleep_inside(time: u64) {
    // Made inside, so of this executor.
    sleep(ms(time)).await;
}

/// What is left is cancelled when the executor goes, on its own thread.
#[test]
fn drop_cancels_on_this_thread() {
    struct Here(std::thread::ThreadId, Rc<Cell<u32>>);
    impl Drop for Here {
        fn drop(&mut self) {
            assert_eq!(std::thread::current().id(), self.0);
            self.1.set(self.1.get() + 1);
        }
    }
    let dropped = Rc::new(Cell::new(0));
    let local = Local::new();
    let (tx, rx) = chan::<u32>(0);
    let mut blocks = Vec::new();
    for n in 0..10 {
        let here = Here(std::thread::current().id(), Rc::clone(&dropped));
        let rx = rx.clone();
        blocks.push(local.go(async move {
            let _here = here;
            match n % 3 {
                0 => drop(take!(rx)),
                1 => sleep(secs(1_000)).await,
                _ => std::future::pending().await,
            }
        }));
        if n == 6 {
            local.run_until_idle();
        }
    }
    drop(local);
    assert_eq!(dropped.get(), 10);
    assert!(
        blocks
            .into_iter()
            .all(|block| outcome(block) == Err(Failure::Cancelled))
    );
    drop(rx);
    assert!(tx.is_closed());
}

/// Dropped while other threads wake its blocks.
#[test]
fn stress_drop_races_with_wakes() {
    let census = Census::default();
    for _ in 0..200 {
        let local = Local::new();
        let (tx, rx) = chan::<u32>(0);
        for _ in 0..4 {
            let (rx, item) = (rx.clone(), census.item());
            local.go(async move {
                let _item = item;
                while take!(rx).is_some() {}
            });
        }
        drop(rx);
        local.run_until_idle();
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let tx = tx.clone();
                std::thread::spawn(move || while tx.put_blocking(1).is_ok() {})
            })
            .collect();
        local.turn();
        drop(local);
        for thread in threads {
            thread.join().unwrap();
        }
    }
    assert_eq!(census.living(), 0);
}

/// One executor inside another's block, and inside a runtime's.
#[test]
fn executors_nest() {
    let outer = Local::new();
    let sum = outer.run_until(async {
        let inner = Local::new();
        let kept = Rc::new(2);
        let there = Rc::clone(&kept);
        let two = inner.run_until(async move { go!({ 1 }).await.unwrap() + *there });
        two + go!({ 10 }).await.unwrap() + *kept
    });
    assert_eq!(sum, 15);
    let rt = runtime(1);
    let block = rt.go(async {
        let in_local = {
            let local = Local::new();
            local.run_until(async {
                std::thread::current().id() == go!({ std::thread::current().id() }).await.unwrap()
            })
        };
        let name = go!({ std::thread::current().name().map(str::to_owned) })
            .await
            .unwrap();
        (in_local, name.is_some())
    });
    assert_eq!(value(block), (true, true));
}

#[test]
fn debug_shows_the_live_blocks() {
    let local = Local::default();
    drop(local.go(std::future::pending::<()>()));
    assert_eq!(format!("{local:?}"), "Local { live: 1, .. }");
}
