//! The programs of the papers and guides that promises come from, as they are written here.

use std::ops::ControlFlow;

use csp::{
    Error, Failure, Promise, Resolver, Runtime,
    prelude::*,
    promise,
    promise::{all, repeat, traverse},
};

use crate::util::promises::{LIMIT, failure, outcome, value};

/// AX-03: an eventual sum; nobody blocks but the test.
#[test]
fn ax_03_an_eventual_sum() {
    let (request, number) = promise::<u32, Error>();
    let sum = number.map(|n| format!("2 + {n} = {}", 2 + n));
    request.fulfill(40).unwrap();
    assert_eq!(value(sum), "2 + 40 = 42");
}

/// AX-04: two tasks that each start and await two more, on pools of one and two workers.
#[test]
fn ax_04_nested_tasks_on_a_small_pool() {
    for workers in [1, 2] {
        let rt = Runtime::builder().workers(workers).build();
        let _entered = rt.enter();
        let task = |n: u32| {
            Promise::<_, Error>::from(go!({
                let (a, b) = (go!({ n }), go!({ n + 1 }));
                a.await.unwrap() + b.await.unwrap()
            }))
        };
        assert_eq!(value(all([task(1), task(10)])), [3, 21]);
    }
}

/// AX-20: Twisted's first example.
#[test]
fn ax_20_basic_deferred() {
    let (resolver, answer) = promise::<u32, Error>();
    let text = answer
        .map(|n| n * 2)
        .map(|n| n * 3)
        .map(|n| format!("All done! Value is {n}"));
    resolver.fulfill(1).unwrap();
    assert_eq!(value(text), "All done! Value is 6");
}

/// AX-21: a factorial whose every step waits for another promise, and a deep one.
#[test]
fn ax_21_factorial_by_promises() {
    fn factorial(n: u64) -> Promise<u64> {
        if n == 0 {
            return Promise::ready(1);
        }
        Promise::ready(n - 1)
            .and_then(factorial)
            .map(move |below| below * n)
    }
    fn depth(n: u64) -> Promise<u64> {
        if n == 0 {
            return Promise::ready(0);
        }
        Promise::ready(n - 1).and_then(depth).map(|below| below + 1)
    }
    assert_eq!(value(factorial(5)), 120);
    assert_eq!(value(factorial(20)), 2_432_902_008_176_640_000);
    assert_eq!(value(depth(100_000)), 100_000);
}

/// AX-22: from a callback, which is called at once or by another thread.
#[test]
fn ax_22_from_callback_to_promise() {
    fn at_once(on_finished: impl FnOnce(u32)) {
        on_finished(5);
    }
    fn elsewhere(on_finished: impl FnOnce(u32) + Send + 'static) {
        drop(std::thread::spawn(move || on_finished(5)));
    }
    let text = |promise: Promise<u32>| promise.map(|n| format!("All done! Value is {n}"));
    let settle = |resolver: Resolver<u32>| move |n| resolver.fulfill(n).unwrap();
    let first = Promise::with_callback(|resolver| at_once(settle(resolver)));
    assert_eq!(value(text(first)), "All done! Value is 5");
    let second = Promise::with_callback(|resolver| elsewhere(settle(resolver)));
    assert_eq!(value(text(second)), "All done! Value is 5");
}

/// AX-26, AX-28: the walk through Task's guide.
#[test]
fn ax_26_the_guide_of_task() {
    let run = |n: i32| Promise::<_, Error>::from(go!({ n }));
    assert_eq!(value(run(123)), 123);
    let upper = Promise::<_, Error>::from(go!({ "asdf".to_owned() })).map(|s| s.to_uppercase());
    assert_eq!(value(upper), "ASDF");
    assert_eq!(value(run(123).map(|n| n + 1)), 124);
    let both = csp::promise::all!(run(2), run(5)).map(|(a, b)| [a + 1, b + 1]);
    assert_eq!(value(both), [3, 6]);
    assert_eq!(value(run(778).and_then(move |n| run(n + 1))), 779);
    assert_eq!(
        value(csp::promise::all!(run(9), run(10)).map(|(a, b)| vec![a + 1, b])),
        [10, 10]
    );
    let sum = csp::promise::all!(run(123), run(123), thread(|| 4)).map(|(a, b, c)| a + b + c);
    assert_eq!(value(sum), 250);
    let mixed = csp::promise::all!(run(123), thread(|| 9), Promise::ready("hello"));
    assert_eq!(value(mixed), (123, 9, "hello"));
    let doubles: Promise<Vec<i32>> = traverse(1..=6, 1, |n| go!({ n * 2 }));
    assert_eq!(value(doubles), [2, 4, 6, 8, 10, 12]);
}

/// AX-29: completing, forcing, cancelling, failing and recovering by hand.
#[test]
fn ax_29_by_hand() {
    let (resolver, baz) = promise::<&str, Error>();
    let (completer, baz) = (resolver.into_completer(), baz.shared());
    assert_eq!(baz.now_or("2"), "2");
    assert!(completer.fulfill("bar").is_ok());
    assert!(completer.fulfill("again").is_err());
    assert_eq!(baz.wait().unwrap(), "bar");
    baz.replace(Ok("hi"));
    assert_eq!(baz.wait().unwrap(), "hi");
    baz.replace(Err(Failure::Error("failed by hand".into())));
    assert_eq!(failure(baz.promise()), "failed by hand");

    let void = Promise::<u32>::pending();
    assert!(void.cancel());
    assert!(void.is_cancelled());
    assert!(matches!(outcome(void), Err(Failure::Cancelled)));

    let boom = || Promise::<_, Error>::ready(0).map(|zero| 1 / zero);
    let caught = boom().or_else(|failure| {
        assert!(failure.to_string().contains("divide by zero"), "{failure}");
        Ok(123)
    });
    assert_eq!(value(caught), 123);
    assert_eq!(value(boom().or(7)), 7);
}

/// AX-30, EV-210: a step that blocks the only worker does not hold up what has nothing to do with it.
#[test]
fn ax_30_whoops_on_a_one_worker_pool() {
    let rt = Runtime::builder().workers(1).build();
    let _entered = rt.enter();
    let (resolver, nothing) = promise::<u32, Error>();
    let outer = Promise::<_, Error>::ready(4).and_then(move |n| Ok(n + nothing.wait()?));
    let unrelated = Promise::<_, Error>::ready(1).map(|n| n + 1);
    assert_eq!(value(unrelated), 2);
    assert!(!outer.is_settled());
    resolver.fulfill(1).unwrap();
    assert_eq!(value(outer), 5);
}

/// AX-31: whichever comes first of a promise, a channel and the time.
#[test]
fn ax_31_a_promise_a_channel_and_the_time() {
    async fn first(promise: Promise<u32>, rx: Receiver<u32>, limit: std::time::Duration) -> String {
        alt! {
            n = park!(promise) => n.unwrap().to_string(),
            Some(n) = take!(rx) => format!("message {n}"),
            _ = take!(timeout(limit)) => "timeout".to_owned(),
            else None => "closed".to_owned(),
        }
    }
    let run = |promise, rx, limit| csp::block_on(first(promise, rx, limit));
    let (_tx, silent) = chan(0);
    assert_eq!(run(Promise::pending(), silent.clone(), ms(1)), "timeout");
    assert_eq!(run(Promise::ready(7), silent, LIMIT), "7");
    let (tx, closed) = chan(0);
    drop(tx);
    assert_eq!(run(Promise::pending(), closed, LIMIT), "closed");
}

/// AX-13, AX-15: loops that Lamina wrote with redirect and restart.
#[test]
fn ax_13_collatz_and_ax_15_retry() {
    let hops = |start: u64| {
        repeat((start, 0), |(n, hops)| {
            Ok::<_, Error>(match n {
                1 => ControlFlow::Break(hops),
                n if n % 2 == 0 => ControlFlow::Continue((n / 2, hops + 1)),
                n => ControlFlow::Continue((3 * n + 1, hops + 1)),
            })
        })
    };
    assert_eq!(
        [27, 1, 837_799].map(|start| value(hops(start))),
        [111, 0, 524]
    );
    let attempts = |failing: u32| {
        repeat(1, move |attempt: u32| {
            let work = if attempt <= failing {
                Promise::<u32>::failed("not yet")
            } else {
                Promise::ready(1)
            };
            work.then(move |outcome| {
                Ok::<_, Failure<Error>>(match outcome {
                    Ok(value) => ControlFlow::Break((value, attempt)),
                    Err(_) => ControlFlow::Continue(attempt + 1),
                })
            })
        })
    };
    assert_eq!(
        [0, 3, 10_000].map(|n| value(attempts(n))),
        [(1, 1), (1, 4), (1, 10_001)]
    );
}
