//! `delay`, `by_timestamp`.

use csp::{Local, prelude::*};

use crate::util::{Start, run, seen, seen_slowly, source};

#[test]
fn delayed_values_keep_their_distance_and_their_order() {
    let (seen, end) = run(async {
        let all = source([(0, 1), (0, 2), (7, 3), (40, 4)], 41);
        seen(&stream(all).delay(ms(20)).receiver()).await
    });
    assert_eq!(seen, [(20, 1), (20, 2), (27, 3), (60, 4)]);
    assert_eq!(end, 60, "not before the last value");
}

#[test]
fn delay_takes_no_more_than_it_may_hold() {
    let (seen, _) = run(async {
        let (tx, rx) = chan(0);
        let start = Start::now();
        let out = stream(rx).delay_most(ms(20), 2).receiver();
        let puts = go!({
            let mut puts = vec![];
            for n in 1..=5 {
                put!(tx, n).unwrap();
                puts.push(start.passed());
            }
            puts
        });
        let seen = seen(&out).await;
        assert_eq!(puts.await.unwrap(), [0, 0, 20, 20, 40]);
        seen
    });
    assert_eq!(seen, [(20, 1), (20, 2), (40, 3), (40, 4), (60, 5)]);
}

#[test]
fn a_slow_taker_of_delayed_values_holds_the_source_back() {
    let (seen, _) = run(async {
        let all = source((0..4).map(|n| (n, n)), 10);
        seen_slowly(&stream(all).delay(ms(20)).receiver(), 50).await
    });
    assert_eq!(seen, [(20, 0), (70, 1), (120, 2), (170, 3)]);
}

#[test]
fn a_delay_of_nothing() {
    let (seen, end) = run(async {
        let all = source([(1, 1), (2, 2)], 3);
        seen(&stream(all).delay(ms(0)).receiver()).await
    });
    assert_eq!((seen, end), (vec![(1, 1), (2, 2)], 3));
}

#[test]
#[should_panic(expected = "delay_most(.., 0)")]
fn a_delay_of_no_values() {
    drop(stream(to_chan([1])).delay_most(ms(1), 0));
}

/// EV-042: released only when virtual time reaches their timestamps.
#[test]
fn ev_042_values_come_when_the_clock_reaches_their_time() {
    let local = Local::virtual_time();
    let start = local.now();
    let (tx, rx) = chan(16);
    let out =
        local.run_until(async move { stream(rx).by_timestamp(move |&n| start + ms(n)).chan(16) });
    for n in 0..10 {
        tx.try_put(n).unwrap();
    }
    let there = || std::iter::from_fn(|| out.try_take().ok()).collect::<Vec<u64>>();
    local.run_until_idle();
    assert_eq!(there(), [0]);
    local.advance(ms(4));
    assert_eq!(there(), [1, 2, 3, 4]);
    local.advance(ms(96));
    assert_eq!(there(), [5, 6, 7, 8, 9]);
    // What is in the past comes at once.
    tx.try_put(50).unwrap();
    local.run_until_idle();
    assert_eq!(there(), [50]);
}

/// EV-042, auto-advance: the clock follows the values.
#[test]
fn ev_042_run_until_goes_on_to_each_value() {
    let (seen, end) = run(async {
        let start = Start::now();
        let out = stream(to_chan(0..10)).by_timestamp(move |&n| start.at(n * 60_000));
        seen(&out.receiver()).await
    });
    assert!(seen.into_iter().eq((0..10).map(|n| (n * 60_000, n))));
    assert_eq!(end, 540_000);
}

#[test]
fn values_out_of_order_come_by_their_time() {
    let (seen, _) = run(async {
        let start = Start::now();
        let stamped = [
            (0, (30, 'a')),
            (0, (10, 'b')),
            (5, (20, 'c')),
            (6, (20, 'd')),
            (25, (1, 'e')),
        ];
        let out = stream(source(stamped, 100)).by_timestamp(move |&(at, _)| start.at(at));
        seen(&out.apply(xf::map(|(_, letter)| letter)).receiver()).await
    });
    assert_eq!(
        seen,
        [(10, 'b'), (20, 'c'), (20, 'd'), (25, 'e'), (30, 'a')]
    );
}
