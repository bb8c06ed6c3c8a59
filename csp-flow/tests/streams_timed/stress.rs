//! Values and times that come at the same moment, on a runtime of several threads: nothing is lost.

use std::time::Duration;

use csp::{Receiver, Runtime, prelude::*};

const N: u32 = 20_000;

fn runtime() -> Runtime {
    Runtime::builder()
        .workers(2)
        .tick(Duration::from_micros(100))
        .build()
}

/// All numbers in order, put by a thread.
fn numbers() -> Receiver<u32> {
    let (tx, rx) = chan(0);
    thread(move || {
        for n in 0..N {
            if tx.put_blocking(n).is_err() {
                return;
            }
        }
    });
    rx
}

#[test]
fn every_value_is_in_a_batch_or_a_chunk() {
    let rt = runtime();
    let all = rt.go(async {
        let batches = stream(numbers()).batch(3, Duration::from_micros(30));
        let chunks = batches.chunk_every(Duration::from_micros(70));
        let all = chunks.delay(Duration::from_micros(50)).receiver();
        let mut next = 0;
        while let Some(chunk) = take!(all) {
            for n in chunk.into_iter().flatten() {
                assert_eq!(n, next);
                next += 1;
            }
        }
        next
    });
    assert_eq!(all.wait(), Ok(N));
}

#[test]
fn what_one_idle_stream_leaves_the_next_one_gives() {
    let rt = runtime();
    let all = rt.go(async {
        let (numbers, mut next) = (numbers(), 0);
        while next < N {
            let few = stream(numbers.clone()).close_on_idle(Duration::from_micros(20));
            let few = few.receiver();
            while let Some(n) = take!(few) {
                assert_eq!(n, next);
                next += 1;
            }
        }
        next
    });
    assert_eq!(all.wait(), Ok(N));
}

/// The time comes first, or a source that always has a value would stop the clock.
#[test]
fn a_source_that_never_rests_does_not_stop_the_clock() {
    let (tx, rx) = chan(4096);
    let busy = thread(move || while tx.put_blocking(()).is_ok() {});
    let rt = runtime();
    let chunks = rt.go(async {
        let chunks = stream(rx)
            .chunk_every(Duration::from_micros(100))
            .receiver();
        for _ in 0..5 {
            take!(chunks).unwrap();
        }
    });
    assert_eq!(chunks.wait(), Ok(()));
    assert_eq!(busy.wait(), Ok(()));
}

#[test]
fn no_row_is_lost_and_each_value_is_in_one() {
    let rt = runtime();
    let all = rt.go(async {
        let rows = stream::zip(vec![numbers(), numbers(), numbers()]).receiver();
        let mut next = 0;
        while let Some(row) = take!(rows) {
            assert_eq!(row, [next; 3]);
            next += 1;
        }
        next
    });
    assert_eq!(all.wait(), Ok(N));
}

#[test]
fn each_value_comes_to_one_group() {
    let rt = runtime();
    let all = rt.go(async {
        let groups = stream(numbers()).group_by(|n| n % 7).receiver();
        let mut sums = vec![];
        while let Some((key, group)) = take!(groups) {
            sums.push(go!({
                let mut next = key;
                while let Some(n) = take!(group) {
                    assert_eq!(n, next);
                    next += 7;
                }
                (next - key) / 7
            }));
        }
        let mut all = 0;
        for sum in sums {
            all += sum.await.unwrap();
        }
        all
    });
    assert_eq!(all.wait(), Ok(N));
}
