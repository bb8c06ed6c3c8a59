//! The executor on the caller's thread, woken from others; and scopes.

use csp::{Local, prelude::*};

use crate::util::{Ledger, World, explore};

/// Blocks of a `Local` exchange values with a thread, a block of the runtime and each other: the thread that runs them
/// is woken for each.
#[test]
fn a_local_among_threads() {
    explore(3000, || {
        let world = World::new(1);
        let ledger = Ledger::default();
        let (tx, rx) = chan(0);
        let log = ledger.clone();
        let putters = [0, 2].map(|first| {
            let (tx, ledger) = (tx.clone(), ledger.clone());
            move || {
                for n in first..first + 2 {
                    let value = ledger.value(n);
                    ledger.put(n, &tx.put_blocking(value));
                }
            }
        });
        drop(tx);
        let [outside, pooled] = putters;
        let outside = shuttle::thread::spawn(outside);
        let pooled = thread(pooled);
        let local = Local::new();
        let (mid_tx, mid) = chan(1);
        local.go(async move {
            while let Some(value) = take!(rx) {
                put!(mid_tx, value).ok();
            }
        });
        local.run_until(async move {
            while let Some(value) = take!(mid) {
                log.taken(value);
            }
        });
        outside.join().unwrap();
        pooled.wait().unwrap();
        drop((local, world));
        assert_eq!(ledger.seen().len(), 4);
        ledger.assert_balanced();
    });
}

/// A scope on a thread outside, and one inside a block, which blocks its worker: each waits for its blocks, which use
/// what it lends them.
#[test]
fn scopes_wait_for_their_blocks() {
    explore(3000, || {
        let world = World::new(1);
        let (tx, rx) = chan::<u32>(0);
        let inside = go!({
            let numbers = [1, 2];
            allow_blocking!(scope(|s| {
                for n in &numbers {
                    let tx = &tx;
                    drop(s.go(async move { put!(tx, *n).unwrap() }));
                }
            }));
        });
        let mut sum = 0;
        scope(|s| {
            drop(s.go(async {
                while let Some(n) = take!(rx) {
                    sum += n;
                }
            }));
        });
        assert_eq!(sum, 3);
        inside.wait().unwrap();
        drop(world);
    });
}
