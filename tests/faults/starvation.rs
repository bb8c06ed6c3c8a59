//! Threads and blocks that never let go of a processor.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
};

use csp::{Runtime, prelude::*};

use crate::{LIMIT, cases, outcome, traffic};

/// Spins on threads of the system, until dropped.
struct Hogs(Arc<AtomicBool>, Vec<std::thread::JoinHandle<()>>);

impl Hogs {
    fn new(count: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let spin = || {
            let stop = Arc::clone(&stop);
            std::thread::spawn(move || {
                while !stop.load(SeqCst) {
                    std::hint::spin_loop();
                }
            })
        };
        let threads = (0..count).map(|_| spin()).collect();
        Self(stop, threads)
    }
}

impl Drop for Hogs {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
        for thread in self.1.drain(..) {
            thread.join().expect("a hog does not panic");
        }
    }
}

/// Threads that take every processor away slow the runtime down, and that is all.
#[test]
fn stress_threads_that_hog_the_processors() {
    let _hogs = Hogs::new(2 * std::thread::available_parallelism().map_or(2, usize::from));
    let rt = Runtime::builder().workers(4).build();
    let values: u64 = (1000..1060)
        .map(|seed| traffic::run(&rt, seed).values)
        .sum();
    cases::held(
        "nothing is lost",
        "threads that hog every processor",
        values,
    );
}

/// A block that computes without an end on all workers but one does not keep the others from running.
#[test]
fn blocks_that_compute_do_not_starve_the_others() {
    const TRIPS: u64 = 2000;
    let rt = Runtime::builder().workers(4).build();
    let stop = Arc::new(AtomicBool::new(false));
    let hogs: Vec<_> = (0..3)
        .map(|_| {
            let stop = Arc::clone(&stop);
            rt.go(async move {
                while !stop.load(SeqCst) {
                    std::hint::spin_loop();
                }
            })
        })
        .collect();
    let (there, ping) = chan(0);
    let (back, pong) = chan(0);
    let echo = rt.go(async move {
        while let Some(n) = take!(ping) {
            put!(back, n).expect("it is awaited");
        }
    });
    let trips = rt.go(async move {
        for n in 0..TRIPS {
            put!(there, n).expect("it echoes");
            assert_eq!(take!(pong), Some(n));
        }
    });
    assert_eq!(outcome(trips), Ok(()));
    assert_eq!(outcome(echo), Ok(()));
    stop.store(true, SeqCst);
    for hog in hogs {
        assert_eq!(outcome(hog), Ok(()));
    }
    cases::held(
        "no starvation",
        "three of four workers compute without an end",
        TRIPS,
    );
}

/// A block whose operations always succeed lets others go on, on the only worker.
#[test]
fn a_chatty_block_does_not_starve_the_others() {
    const BLOCKS: u64 = 100;
    let rt = Runtime::builder().workers(1).build();
    let stop = Arc::new(AtomicBool::new(false));
    let turns = Arc::new(AtomicU64::new(0));
    let chatty = {
        let (stop, turns) = (Arc::clone(&stop), Arc::clone(&turns));
        rt.go(async move {
            let (tx, rx) = chan(1);
            while !stop.load(SeqCst) {
                put!(tx, 1).expect("it is open");
                turns.fetch_add(take!(rx).expect("it is there"), SeqCst);
            }
        })
    };
    let others: Vec<_> = (0..BLOCKS)
        .map(|_| {
            rt.go(async {
                for _ in 0..10 {
                    yield_now().await;
                }
            })
        })
        .collect();
    for other in others {
        assert_eq!(outcome(other), Ok(()));
    }
    stop.store(true, SeqCst);
    assert_eq!(outcome(chatty), Ok(()));
    rt.shutdown(LIMIT).expect("all blocks have ended");
    cases::held(
        "no starvation",
        "a block whose operations always succeed, one worker",
        BLOCKS,
    );
}
