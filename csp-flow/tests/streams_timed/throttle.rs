use csp::prelude::*;

use crate::util::{Start, run, seen, seen_slowly, source};

fn times<T>(seen: Vec<(u64, T)>) -> Vec<u64> {
    seen.into_iter().map(|(at, _)| at).collect()
}

#[test]
fn values_come_no_closer_than_the_rate() {
    let (seen, end) = run(async {
        let all = source((1..=5).map(|n| (0, n)), 0);
        seen(&stream(all).throttle(1, ms(10), 1).receiver()).await
    });
    assert_eq!(seen, [(0, 1), (10, 2), (20, 3), (30, 4), (40, 5)]);
    assert_eq!(end, 50, "the end is looked for when a value could be due");
}

#[test]
fn what_was_saved_up_comes_at_once() {
    let (seen, _) = run(async {
        let times = [0, 0, 0, 0, 0, 55, 55, 55, 200, 200, 200, 200, 200];
        let all = source(times.into_iter().map(|at| (at, ())), 300);
        seen(&stream(all).throttle(1, ms(10), 3).receiver()).await
    });
    // Used up until 50 at 20: at 55 the allowance is full again but for 25 ms.
    assert_eq!(
        times(seen),
        [0, 0, 0, 10, 20, 55, 55, 55, 200, 200, 200, 210, 220]
    );
}

#[test]
fn the_rate_is_kept_over_any_period() {
    let (seen, _) = run(async {
        // 5 each 50 ms, and a source that is quicker.
        let all = source((0..1000).map(|n| (n, n)), 2000);
        seen(&stream(all).throttle(5, ms(50), 4).receiver()).await
    });
    let times = times(seen);
    assert_eq!(times.len(), 1000);
    for window in times.windows(5) {
        assert!(
            window[4] - window[0] >= 10,
            "{window:?}: 4 at once, and one"
        );
    }
    for window in times.windows(101) {
        assert!(window[100] - window[0] >= 970, "{window:?}");
    }
}

#[test]
fn back_pressure_holds_the_source_and_nothing_is_dropped() {
    run(async {
        let start = Start::now();
        let (tx, rx) = chan(0);
        let slow = stream(rx.clone()).throttle(1, ms(10), 1).receiver();
        let put = go!({
            let mut puts = vec![];
            for n in 0..4 {
                put!(tx, n).unwrap();
                puts.push(start.passed());
            }
            puts
        });
        for n in 0..3 {
            assert_eq!(take!(slow), Some(n));
        }
        assert_eq!(start.passed(), 20);
        // The operator has nothing in hand while the next is not due: it is there for others.
        sleep(ms(5)).await;
        assert_eq!(rx.try_take(), Ok(3));
        assert_eq!(put.await.unwrap(), [0, 10, 20, 25]);
    });
}

#[test]
fn a_slow_taker_saves_nothing_beyond_the_burst() {
    let (seen, _) = run(async {
        let all = source((1..=4).map(|n| (0, n)), 0);
        seen_slowly(&stream(all).throttle(1, ms(10), 1).receiver(), 25).await
    });
    assert_eq!(seen, [(0, 1), (25, 2), (50, 3), (75, 4)]);
}

#[test]
fn an_uneven_rate_is_never_exceeded() {
    run(async {
        let start = csp::now();
        let slow = stream(to_chan(0..4)).throttle(3, secs(1), 1).receiver();
        for _ in 0..4 {
            take!(slow).unwrap();
        }
        assert!(csp::now() - start >= secs(1));
        assert!(csp::now() - start < secs(1) + ms(1));
    });
}

#[test]
#[should_panic(expected = "write a rate of 1 or more")]
fn a_rate_of_none() {
    drop(stream(to_chan([1])).throttle(0, ms(1), 1));
}

#[test]
#[should_panic(expected = "write a burst of 1 for none")]
fn a_burst_of_none() {
    drop(stream(to_chan([1])).throttle(1, ms(1), 0));
}

#[test]
#[should_panic(expected = "throttle with a period of zero")]
fn a_rate_in_no_time() {
    drop(stream(to_chan([1])).throttle(1, ms(0), 1));
}
