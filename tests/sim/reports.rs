//! What a failure tells.

use csp::{
    BufferPolicy, Promise,
    prelude::*,
    sim::{Failure, FailureKind, Sim},
};

fn failure_of(program: impl Fn()) -> Failure {
    let report = Sim::random(1).progress(false).run(program);
    report.failure.expect("a schedule fails")
}

#[track_caller]
fn assert_says(text: &str, what: &str) {
    assert!(text.contains(what), "no {what:?} in: {text}");
}

/// Who blocks tells where, whatever it waits for.
#[test]
fn a_wait_tells_its_place() {
    let failure = failure_of(|| {
        let (tx, rx) = chan::<u32>(0);
        let (_keep, never) = (tx, go!({ take!(rx) }));
        let _: Option<u32> = never.wait().unwrap();
    });
    assert_eq!(failure.kind(), FailureKind::Deadlock);
    assert_says(
        failure.message(),
        "main blocks in wait at tests/sim/reports.rs:",
    );

    let failure = failure_of(|| assert!(Promise::<u32>::pending().wait().is_ok()));
    assert_says(
        failure.message(),
        "main blocks in wait at tests/sim/reports.rs:",
    );

    let failure = failure_of(|| {
        let (_tx, rx) = chan::<u32>(0);
        for n in rx {
            assert_eq!(n, 0);
        }
    });
    assert_says(
        failure.message(),
        "main blocks in take at tests/sim/reports.rs:",
    );
}

/// Channels are told apart by name, or by where they were made.
#[test]
fn a_schedule_names_its_channels() {
    let failure = failure_of(|| {
        let (tx, rx) = chan::<u32>(1);
        let tx = tx.named("orders");
        tx.try_put(1).unwrap();
        drop(rx);
        let (other, _rx) = chan::<u32>(1);
        other.try_put(2).unwrap();
        timeout(secs(1)).wait();
        panic!("told");
    });
    let schedule = failure.schedule().join("\n");
    assert_says(&schedule, "main touches channel \"orders\"");
    assert_says(
        &schedule,
        "main touches the channel of tests/sim/reports.rs:",
    );
}

/// Two schedules of a map that hashes at random: no failure by itself, but no test either.
#[test]
fn a_random_order_is_found_without_a_failure() {
    let failure = failure_of(|| {
        let map: std::collections::HashMap<u32, _> = (0..20).map(|n| (n, chan::<u32>(1))).collect();
        for (tx, _) in map.values() {
            tx.try_put(1).unwrap();
        }
        let order: Vec<_> = map.keys().copied().collect();
        let blocks = order.iter().map(|&n| {
            let rx = map[&n].1.clone();
            go!({
                for _ in 0..n {
                    yield_now().await;
                }
                take!(rx)
            })
        });
        for block in blocks.collect::<Vec<_>>() {
            block.wait().unwrap();
        }
    });
    assert_eq!(failure.kind(), FailureKind::NotDeterministic);
    assert_says(failure.message(), "came to other choices");
}

/// A buffer that works on another channel, under the lock of its own.
#[derive(Debug)]
struct Counted {
    value: Option<u32>,
    count: (Sender<u32>, Receiver<u32>),
}

impl BufferPolicy<u32> for Counted {
    fn add(&mut self, value: u32) -> Option<u32> {
        // Tries, and blocks, which does not wait here.
        let n = self.count.1.take_blocking().unwrap();
        self.count.0.try_put(n + 1).unwrap();
        self.value.replace(value)
    }

    fn remove(&mut self) -> Option<u32> {
        self.value.take()
    }

    fn is_full(&self) -> bool {
        self.value.is_some()
    }

    fn len(&self) -> usize {
        usize::from(self.value.is_some())
    }
}

#[test]
fn nobody_goes_on_while_a_channel_is_locked() {
    Sim::random(1).progress(false).schedules(300).explore(|| {
        let (count_tx, count_rx) = chan(1);
        count_tx.try_put(0).unwrap();
        let (tx, rx) = chan(Buffer::custom(Counted {
            value: None,
            count: (count_tx, count_rx.clone()),
        }));
        let puts = [1, 2].map(|n| {
            let tx = tx.clone();
            go!({ put!(tx, n).unwrap() })
        });
        let sum = rx.take_blocking().unwrap() + rx.take_blocking().unwrap();
        assert_eq!(sum, 3);
        for put in puts {
            put.wait().unwrap();
        }
        let counted = count_rx.try_take().unwrap();
        assert_eq!(counted, 2);
    });
}
