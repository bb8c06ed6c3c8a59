//! Promises and time.

use csp::{Error, Failure, Promise, prelude::*, promise::promise};

use crate::util::promises::{LIMIT, Log, failure, outcome, value};

/// EV-116, EV-138: it is over when the time is, and the source is cancelled; the reason can be told from
/// others and handled.
#[test]
fn ev_116_a_timeout_ends_the_wait_and_cancels_the_source() {
    let (resolver, answer) = promise::<u32, Error>();
    let limited = answer.timeout(ms(1));
    assert!(matches!(outcome(limited), Err(Failure::TimedOut)));
    csp::block_on(resolver.unwanted());
    assert_eq!(resolver.fulfill(1), Err(1));
    let handled = Promise::<u32>::pending()
        .timeout(ms(1))
        .or_else(|failure| match failure {
            Failure::TimedOut => Ok(5),
            other => Err(other),
        });
    assert_eq!(value(handled), 5);
    let with_value = Promise::<u32>::pending().timeout_or(ms(1), 6);
    assert_eq!(value(with_value), 6);
    assert_eq!(
        failure(Promise::<u32>::pending().timeout(ms(0))),
        "timed out"
    );
}

/// EV-116, EV-138: what settles in time passes as it is, value or failure, settled before or not.
#[test]
fn ev_138_an_outcome_in_time_passes() {
    assert_eq!(value(Promise::<_, Error>::ready(1).timeout(LIMIT)), 1);
    assert_eq!(
        failure(Promise::<u32>::failed("no").timeout_or(LIMIT, 5)),
        "no"
    );
    let (resolver, answer) = promise::<u32, Error>();
    let limited = answer.timeout(LIMIT);
    resolver.fulfill(2).unwrap();
    assert_eq!(value(limited), 2);
    let (resolver, answer) = promise::<u32, Error>();
    let limited = answer.timeout_or(LIMIT, 5);
    resolver.fail("no").unwrap();
    assert_eq!(failure(limited), "no");
    // A limit past the end of time.
    assert_eq!(
        value(
            Promise::<_, Error>::ready(1)
                .delay(ms(1))
                .timeout(std::time::Duration::MAX)
        ),
        1
    );
}

/// EV-116: cancelled by hand before the time, it is cancelled and not timed out.
#[test]
fn ev_116_a_cancel_before_the_time_stays_a_cancel() {
    let (resolver, answer) = promise::<u32, Error>();
    let limited = answer.timeout(LIMIT);
    assert!(limited.cancel());
    assert!(matches!(outcome(limited), Err(Failure::Cancelled)));
    csp::block_on(resolver.unwanted());
}

/// EV-116: a canceller hears of the timeout; the wait does not depend on what it does.
#[test]
fn ev_116_the_canceller_hears_of_the_timeout() {
    let (resolver, answer) = promise::<u32, Error>();
    let completer = resolver.into_completer();
    let (tx, rx) = chan(1);
    let late = completer.clone();
    completer.on_cancel(move || tx.try_put(late.fulfill(7)).unwrap());
    assert_eq!(failure(answer.timeout(ms(1))), "timed out");
    let heard = rx
        .take_blocking_for(LIMIT)
        .unwrap()
        .expect("the canceller ran");
    // Nobody is left to take it, so it came back.
    assert_eq!(heard, Err(7));
}

/// Trap 10: a limit is that of the new promise, never of its source.
#[test]
fn trap_10_a_timeout_does_not_touch_the_source() {
    let (resolver, answer) = promise::<u32, Error>();
    let answer = answer.shared();
    let limited = answer.timeout(ms(1));
    assert_eq!(failure(limited), "timed out");
    assert!(!answer.is_settled());
    resolver.fulfill(1).unwrap();
    assert_eq!(answer.wait().unwrap(), 1);
}

/// EV-215: a step that blocks after a timeout or a delay does not hold up the time of others.
#[test]
fn ev_215_user_code_never_runs_on_the_timers_thread() {
    let (tx, rx) = chan::<()>(0);
    let (other_tx, other_rx) = (tx.clone(), rx.clone());
    let blocks = Promise::<_, Error>::ready(())
        .delay(ms(1))
        .map(move |()| rx.take_blocking());
    let blocks_too = Promise::<()>::pending()
        .timeout(ms(1))
        .then(move |_| Ok::<_, Failure<Error>>(other_rx.take_blocking()));
    for _ in 0..3 {
        // Hangs if those two had the thread that keeps the time.
        assert_eq!(value(Promise::<_, Error>::ready(1).delay(ms(1))), 1);
        assert_eq!(
            failure(Promise::<u32>::pending().timeout(ms(1))),
            "timed out"
        );
    }
    tx.put_blocking(()).unwrap();
    other_tx.put_blocking(()).unwrap();
    assert_eq!(value(blocks), Some(()));
    assert_eq!(value(blocks_too), Some(()));
}

/// A delay holds up the value and not a failure, and ends with its promise.
#[test]
fn delay_holds_up_values_only() {
    let log = Log::new();
    let seen = log.clone();
    let slow = Promise::<_, Error>::ready(1)
        .delay(ms(1))
        .inspect(move |_| seen.add("late"));
    assert_eq!(value(slow), 1);
    assert_eq!(log.entries(), ["late"]);
    assert_eq!(
        failure(Promise::<u32>::failed("at once").delay(secs(3600))),
        "at once"
    );
    let cancelled = Promise::<_, Error>::ready(1).delay(secs(3600));
    assert!(cancelled.cancel());
    assert!(matches!(outcome(cancelled), Err(Failure::Cancelled)));
    let (resolver, source) = promise::<u32, Error>();
    let cancelled = source.delay(secs(3600));
    cancelled.cancel();
    csp::block_on(resolver.unwanted());
}

/// EV-219: a settled promise costs no timer.
#[test]
fn ev_219_a_settled_promise_is_limited_for_nothing() {
    let local = csp::Local::new();
    local.run_until(async {
        for n in 0..1000 {
            let limited = Promise::<_, Error>::ready(n).timeout(secs(3600));
            assert_eq!(limited.now().unwrap().unwrap(), n);
        }
    });
    assert_eq!(local.next_deadline(), None);
}
