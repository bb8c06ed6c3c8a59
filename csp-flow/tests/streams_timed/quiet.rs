//! debounce, `close_on_idle`, `timeout_each`.

use csp::{Elapsed, prelude::*};

use crate::util::{Start, failure, run, seen, seen_slowly, source};

#[test]
fn debounce_gives_the_last_value_after_a_quiet_time() {
    let (seen, end) = run(async {
        let all = source([(0, 1), (5, 2), (24, 3), (60, 4), (70, 5)], 75);
        seen(&stream(all).debounce(ms(20)).receiver()).await
    });
    assert_eq!(seen, [(44, 3), (75, 5)], "5 at the end, at once");
    assert_eq!(end, 75);
}

#[test]
fn debounce_what_comes_when_it_is_just_quiet_comes_after() {
    let (seen, _) = run(async {
        let all = source([(0, 1), (20, 2), (39, 3)], 100);
        seen(&stream(all).debounce(ms(20)).receiver()).await
    });
    assert_eq!(seen, [(20, 1), (59, 3)]);
}

#[test]
fn debounce_holds_back_while_its_value_waits() {
    let (seen, _) = run(async {
        let (tx, rx) = chan(0);
        let out = stream(rx).debounce(ms(10)).receiver();
        put!(tx, 1).unwrap();
        sleep(ms(50)).await;
        let put = go!({
            put!(tx, 2).unwrap();
            tx
        });
        sleep(ms(50)).await;
        assert!(!put.is_finished(), "1 waits for a taker");
        go!({
            let tx = put.await.unwrap();
            sleep(ms(100)).await;
            drop(tx);
        });
        seen(&out).await
    });
    assert_eq!(seen, [(0, 1), (10, 2)]);
}

#[test]
fn a_stream_closes_when_it_is_idle_and_lets_the_source_go() {
    run(async {
        let start = Start::now();
        let (tx, rx) = chan(0);
        let lively = stream(rx).close_on_idle(ms(20)).receiver();
        let putter = go!({
            for at in [0, 19, 38, 57] {
                start.until(at).await;
                put!(tx, at).unwrap();
            }
            tx.closed().await;
            start.passed()
        });
        let (seen, end) = seen(&lively).await;
        assert_eq!(seen, [(0, 0), (19, 19), (38, 38), (57, 57)]);
        assert_eq!((end, putter.await), (77, Ok(77)));
        assert!(lively.failure().is_none());
    });
}

#[test]
fn a_stream_is_idle_from_its_start() {
    let (_, end) = run(async {
        let silent = source([(30, 1)], 100);
        seen(&stream(silent).close_on_idle(ms(20)).receiver()).await
    });
    assert_eq!(end, 20);
}

#[test]
fn what_comes_in_the_last_moment_is_given() {
    let (seen, end) = run(async {
        let (tx, rx) = chan(1);
        // Its sleep ends with the operator's time, and before it: it began before.
        go!({
            sleep(ms(20)).await;
            tx.try_put(1).unwrap();
            tx.closed().await;
        });
        yield_now().await;
        seen(&stream(rx).close_on_idle(ms(20)).receiver()).await
    });
    assert_eq!((seen, end), (vec![(20, 1)], 40));
}

#[test]
fn the_time_in_which_a_value_waits_for_a_taker_is_not_idle() {
    let (seen, end) = run(async {
        let all = source([(0, 1), (1, 2), (2, 3)], 500);
        seen_slowly(&stream(all).close_on_idle(ms(20)).receiver(), 50).await
    });
    assert_eq!(seen, [(0, 1), (50, 2), (100, 3)]);
    assert_eq!(end, 150, "it was over at 120");
}

#[test]
fn what_an_idle_stream_left_is_there_for_others() {
    run(async {
        let (tx, rx) = chan(8);
        let lively = stream(rx.clone()).close_on_idle(ms(20)).receiver();
        assert_eq!(take!(lively), None);
        tx.try_put(1).unwrap();
        assert_eq!(rx.try_take(), Ok(1));
    });
}

#[test]
fn timeout_each_fails_when_it_is_idle() {
    run(async {
        let all = source([(5, 1), (10, 2)], 100);
        let lively = stream(all).timeout_each(ms(20)).receiver();
        let (seen, end) = seen(&lively).await;
        assert_eq!((seen, end), (vec![(5, 1), (10, 2)], 30));
        assert!(lively.failure().unwrap().is::<Elapsed>());
        assert_eq!(failure(&lively).unwrap(), Elapsed.to_string());
    });
}

#[test]
fn a_source_that_ends_in_time_is_no_timeout() {
    run(async {
        let lively = stream(source([(5, 1)], 24)).timeout_each(ms(20)).receiver();
        assert_eq!(seen(&lively).await, (vec![(5, 1)], 24));
        assert!(lively.failure().is_none());
    });
}
