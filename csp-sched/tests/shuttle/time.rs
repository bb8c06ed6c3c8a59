//! Timeouts that end while others register: by the clock that the executions have (see csp-core's
//! `sync::shuttled`), which goes on only where somebody sleeps for a time.

use csp::prelude::*;

use crate::util::{World, explore};

/// Blocks register timeouts of different ticks, some of them again: each ends, and never early.
#[test]
fn timeouts_end_while_others_register() {
    explore(3000, || {
        let world = World::new(2);
        let sleepers = [3, 1, 2, 1].map(|n| {
            go!({
                for _ in 0..2 {
                    let before = csp::now();
                    sleep(ms(n)).await;
                    assert!(csp::now() - before >= ms(n));
                }
            })
        });
        for sleeper in sleepers {
            sleeper.wait().unwrap();
        }
        drop(world);
    });
}

/// A value or the time, and the other side may be late: one of the two, and the value is not lost.
#[test]
fn a_timeout_against_a_value() {
    explore(3000, || {
        let world = World::new(2);
        let (tx, rx) = chan(0);
        // (`within` could not tell: a future that it drops may have been done a moment before.)
        let putter = go!({
            alt! {
                done = put!(tx, 7) => done.is_ok(),
                _ = take!(timeout(ms(2))) => false,
            }
        });
        let taker = go!({
            alt! {
                v = take!(rx) => v,
                _ = take!(timeout(ms(2))) => None,
            }
        });
        let (put, got) = (putter.wait().unwrap(), taker.wait().unwrap());
        assert_eq!(put, got == Some(7));
        drop(world);
    });
}

/// All workers sleep when a thread outside registers a timeout, and then an earlier one: the timekeeper is told.
#[test]
fn an_earlier_deadline_from_outside() {
    explore(3000, || {
        let world = World::new(2);
        let late = timeout(secs(50));
        let early = timeout(ms(1));
        assert_eq!(go!({ early.take().await }).wait(), Ok(None));
        late.wait();
        drop(world);
    });
}
