use csp::{Local, prelude::*, stream};

use crate::util::{Start, run, seen_slowly};

/// EV-041: periodically under virtual time: 5 ticks per 50 ms, again 5.
#[test]
fn ev_041_five_ticks_in_50_ms_and_again_five() {
    let local = Local::virtual_time();
    let out = local.run_until(async {
        let mut count = 0;
        let counts = stream::interval(ms(10), move || {
            count += 1;
            count
        });
        counts.chan(16)
    });
    let there = || std::iter::from_fn(|| out.try_take().ok()).collect::<Vec<u32>>();
    local.advance(ms(50));
    assert_eq!(there(), [1, 2, 3, 4, 5]);
    local.advance(ms(50));
    assert_eq!(there(), [6, 7, 8, 9, 10]);
}

/// EV-154: periodically with an initial delay; values that are nothing.
#[test]
fn ev_154_an_initial_delay_and_nothing_as_a_value() {
    let seen = run(async {
        let start = Start::now();
        let nones = stream::interval_after(ms(3), ms(10), || None::<u32>).receiver();
        let mut seen = vec![];
        for _ in 0..3 {
            seen.push((take!(nones), start.passed()));
        }
        seen
    });
    assert_eq!(seen, [(Some(None), 3), (Some(None), 13), (Some(None), 23)]);
}

#[test]
fn beats_that_are_missed_are_skipped_and_the_rate_is_kept() {
    let (seen, _) = run(async {
        let start = Start::now();
        let made = stream::interval(ms(10), move || start.passed());
        let few = made.apply(xf::take(4)).receiver();
        seen_slowly(&few, 25).await
    });
    // The transducer has one value in hand, and the interval another: made at 10, 20, 30; 20 is taken at
    // 35, so 30 goes on and the beat of 40 is made; 30 is taken at 60.
    assert_eq!(seen, [(10, 10), (35, 20), (60, 30), (85, 40)]);
}

#[test]
fn an_interval_ends_when_nobody_takes_from_it() {
    let local = Local::virtual_time();
    let ticks = local.run_until(async { stream::ticks(secs(3600)).receiver() });
    local.run_until_idle();
    assert_eq!(local.live(), 1);
    drop(ticks);
    local.run_until_idle();
    assert_eq!(local.live(), 0, "at once, not at the next beat");
}

#[test]
fn the_function_is_not_called_ahead() {
    run(async {
        let (calls, called) = chan(16);
        let values = stream::interval(ms(10), move || {
            calls.try_put(()).unwrap();
        })
        .receiver();
        sleep(ms(100)).await;
        assert_eq!(called.len(), 1, "the first value was not taken yet");
        take!(values).unwrap();
        sleep(ms(1)).await;
        assert_eq!(called.len(), 1, "missed beats are not made up for");
        sleep(ms(9)).await;
        assert_eq!(called.len(), 2);
    });
}

#[test]
fn ticks_say_when_they_were_due() {
    run(async {
        let start = Start::now();
        let ticks = stream::ticks(ms(10)).receiver();
        sleep(ms(45)).await;
        assert_eq!(take!(ticks), Some(start.at(10)));
        assert_eq!(take!(ticks), Some(start.at(50)));
        assert_eq!(start.passed(), 50);
    });
}

#[test]
#[should_panic(expected = "interval with a period of zero")]
fn an_interval_of_nothing() {
    drop(stream::interval(ms(0), || ()));
}

#[test]
#[should_panic(expected = "ticks with a period of zero")]
fn ticks_of_nothing() {
    drop(stream::ticks(ms(0)));
}
