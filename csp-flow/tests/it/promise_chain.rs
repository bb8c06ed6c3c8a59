//! Steps: what becomes of an outcome.

use std::num::ParseIntError;

use csp::{
    Error, Failure, Promise, Runtime,
    prelude::*,
    promise::{go_try, promise},
};

use crate::util::{
    blocks::{Census, runtime},
    promises::{Log, Stage, failure, outcome, ready, value},
};

/// EV-074, EV-075, EV-083: steps run one after the other, each once, on the value of the one before.
#[test]
fn ev_074_steps_compose_in_order() {
    let text = ready(3)
        .map(|n| n + 1)
        .map(|n| n * 10)
        .map(|n| format!("{n}!"))
        .map(|text| text + "?");
    assert_eq!(value(text), "40!?");
    // A value that can be used only once is.
    assert_eq!(
        value(ready(Box::new(1)).map(|n| *n).map(Box::new)),
        Box::new(1)
    );
}

fn named(name: &str) -> Runtime {
    Runtime::builder().workers(1).name(name).build()
}

fn thread_name() -> String {
    std::thread::current().name().unwrap_or("").to_owned()
}

/// EV-075, EV-076, EV-216: steps run on the executor that was named, also if the promise is settled already.
#[test]
fn ev_216_on_runs_later_steps_there() {
    let (one, two) = (named("one"), named("two"));
    let path = |source: Promise<()>| {
        source
            .on(&one)
            .map(|()| vec![thread_name()])
            .and_then(|mut path| {
                path.push(thread_name());
                Ok(path)
            })
            .on(&two)
            .map(|mut path| {
                path.push(thread_name());
                path
            })
    };
    let check = |path: Promise<Vec<String>>| {
        let path = value(path);
        let on: Vec<_> = path.iter().map(|name| name.split('-').next()).collect();
        assert_eq!(on, [Some("one"), Some("one"), Some("two")], "{path:?}");
    };
    check(path(Promise::ready(())));
    let (resolver, pending) = promise();
    let pending = path(pending);
    resolver.fulfill(()).unwrap();
    check(pending);
}

/// EV-209: what a step starts is on its executor too.
#[test]
fn ev_209_what_a_step_starts_inherits_its_executor() {
    let rt = named("inherited");
    let deep = ready(())
        .on(&rt)
        .and_then(|()| ready(()).and_then(|()| go!({ go!({ thread_name() }).await.unwrap() })));
    assert!(value(deep).starts_with("inherited"));
    let entered = {
        let _entered = rt.enter();
        ready(()).map(|()| thread_name())
    };
    assert!(value(entered).starts_with("inherited"));
}

/// A runtime that is gone runs no steps, and its promises say so instead of hanging.
#[test]
fn on_a_runtime_that_is_gone_steps_are_cancelled() {
    let rt = named("gone");
    let (resolver, source) = promise::<u32, Error>();
    let before = source.on(&rt).map(|n| n + 1);
    let later = ready(1).on(&rt);
    drop(rt);
    assert!(matches!(outcome(before), Err(Failure::Cancelled)));
    assert!(matches!(
        outcome(later.map(|n| n + 1)),
        Err(Failure::Cancelled)
    ));
    csp::block_on(resolver.unwanted());
}

/// A promise on another runtime is cancelled, looked at and dropped as any other.
#[test]
fn on_another_runtime_cancel_and_drop_work() {
    let rt = runtime(1);
    for _ in 0..200 {
        let (resolver, source) = promise::<u32, Error>();
        let step = source.on(&rt).map(|n| n + 1);
        assert!(step.cancel());
        assert!(matches!(outcome(step), Err(Failure::Cancelled)));
        csp::block_on(resolver.unwanted());

        let (resolver, source) = promise::<u32, Error>();
        let (tx, rx) = chan(1);
        drop(source.on(&rt).map(move |n| tx.try_put(n).unwrap()));
        resolver.fulfill(1).unwrap();
        assert_eq!(
            rx.take_blocking(),
            Some(1),
            "a step goes on without its handle"
        );

        let step = ready(1).on(&rt).map(|n| n + 1);
        while !step.is_settled() {
            std::thread::yield_now();
        }
        assert!(!step.is_failed());
        assert_eq!(step.now().unwrap().unwrap(), 2);
    }
    rt.shutdown(crate::util::promises::LIMIT).unwrap();
}

/// EV-076, EV-161: `and_then` waits for what the step gives, `map` does not, and one level is one level.
#[test]
fn ev_161_and_then_flattens_once_and_map_does_not() {
    assert_eq!(value(ready(1).and_then(|n| ready(n + 1))), 2);
    let nested: Promise<Promise<u32>> = ready(1).map(|n| ready(n + 1));
    assert_eq!(value(value(nested)), 2);
    let twice: Promise<Promise<u32>> = ready(1).and_then(|n| ready(ready(n + 1)));
    assert_eq!(value(value(twice)), 2);
}

/// EV-095, EV-117: every form of an eventual value is good for a step.
#[test]
fn ev_095_a_step_gives_any_kind_of_eventual_value() {
    assert_eq!(value(ready(1).and_then(|n| Ok(n + 1))), 2);
    assert_eq!(
        failure(ready(1).and_then(|_| Err::<u32, _>("bad".into()))),
        "bad"
    );
    assert_eq!(value(ready(1).and_then(|n| ready(n + 1))), 2);
    assert_eq!(value(ready(1).and_then(|n| ready(n + 1).shared())), 2);
    assert_eq!(value(ready(1).and_then(|n| go!({ n + 1 }))), 2);
    assert_eq!(value(ready(1).and_then(|n| thread(move || n + 1))), 2);
    assert_eq!(
        value(ready(1).and_then(|n| go_try(async move { Ok(n + 1) }))),
        2
    );
    let failing = go_try(async { Err::<u32, Error>("in a block".into()) });
    assert_eq!(failure(ready(1).and_then(|_| failing)), "in a block");
    let parsed = ready("x").and_then(|text| Ok(text.parse::<u32>()?));
    assert!(matches!(outcome(parsed), Err(Failure::Error(error)) if error.is::<ParseIntError>()));
    let shared = Promise::<u32>::failed("no").or_else(|_| ready(3).shared());
    assert_eq!(value(shared), 3);
    assert_eq!(
        value(Promise::<u32>::failed("no").or_else(|_| go!({ 4 }))),
        4
    );
}

/// EV-093, EV-097, EV-098: an eventual value in a step holds up the later ones, and only those.
#[test]
fn ev_093_a_pending_inner_promise_holds_up_the_rest() {
    let stage = Stage::new();
    let log = Log::new();
    let (resolver, inner) = promise::<u32, Error>();
    let (a, b) = (log.clone(), log.clone());
    let outer = stage.with(|| {
        ready(1)
            .and_then(move |_| {
                a.add("outer");
                inner
            })
            .inspect(move |_| b.add("after"))
    });
    assert_eq!(log.entries(), ["outer"]);
    let c = log.clone();
    let outer = stage.with(|| outer.inspect(move |_| c.add("added later")));
    resolver.fulfill(5).unwrap();
    assert_eq!(
        log.entries(),
        ["outer"],
        "nothing runs on the settler's stack"
    );
    stage.idle();
    assert_eq!(log.entries(), ["outer", "after", "added later"]);
    assert_eq!(value(outer), 5);
}

/// EV-093: a step that recovers may give an eventual value as well.
#[test]
fn ev_093_a_recovery_may_be_pending() {
    let (resolver, inner) = promise::<u32, Error>();
    let recovered = Promise::<u32>::failed("no").or_else(|_| inner);
    resolver.fulfill(5).unwrap();
    assert_eq!(value(recovered), 5);
}

/// EV-096, EV-100: five levels of promises in promises run from the inside out.
#[test]
fn ev_100_nested_promises_run_from_the_inside_out() {
    fn level(n: u32, log: &Log<u32>, innermost: Promise<u32>) -> Promise<u32> {
        if n == 0 {
            return innermost;
        }
        let (below, log) = (log.clone(), log.clone());
        ready(())
            .and_then(move |()| level(n - 1, &below, innermost))
            .inspect(move |_| log.add(n))
    }
    let log = Log::new();
    let (resolver, innermost) = promise();
    let outer = level(5, &log, innermost);
    resolver.fulfill(42).unwrap();
    assert_eq!(value(outer), 42);
    assert_eq!(log.entries(), [1, 2, 3, 4, 5]);
}

/// EV-142, EV-161: `finally` runs on every outcome and keeps it; a panic in it replaces it.
#[test]
fn ev_161_finally_runs_on_every_outcome() {
    let outcomes: [fn() -> Promise<u32>; 5] = [
        || ready(1),
        || Promise::failed("no"),
        || ready(1).map(|_| panic!("oh")),
        || Promise::settled(Err(Failure::TimedOut)),
        || {
            let cancelled = Promise::pending();
            cancelled.cancel();
            cancelled
        },
    ];
    for make in outcomes {
        let log = Log::new();
        let (a, b) = (log.clone(), log.clone());
        let kept = make()
            .or_else(move |failure| {
                a.add("or_else");
                Err(failure)
            })
            .finally(move || b.add("finally"));
        let plain = outcome(make()).map_err(|f| f.to_string());
        let kept = outcome(kept).map_err(|f| f.to_string());
        assert_eq!(log.entries().last(), Some(&"finally"));
        // (The panics have different places.)
        assert_eq!(kept.is_ok(), plain.is_ok());
        if !plain.as_ref().is_err_and(|text| text.contains("oh")) {
            assert_eq!(kept, plain);
        }
    }
    let replaced = Promise::<u32>::failed("no").finally(|| panic!("in finally"));
    assert!(failure(replaced).ends_with("panicked: in finally"));
}

/// EV-161: `then` sees both.
#[test]
fn ev_161_then_sees_values_and_failures() {
    let word = |promise: Promise<u32>| {
        promise.then(|outcome| Ok::<_, Failure<Error>>(if outcome.is_ok() { "ok" } else { "err" }))
    };
    assert_eq!(value(word(ready(1))), "ok");
    assert_eq!(value(word(Promise::failed("no"))), "err");
    let eventual = ready(1).then(|outcome| ready(outcome.unwrap() + 1));
    assert_eq!(value(eventual), 2);
}

/// EV-121: awaits of what is ready do not grow the stack.
#[test]
fn ev_121_ready_awaits_do_not_grow_the_stack() {
    crate::util::promises::on_small_stack(|| {
        let block = go_try(async {
            let mut sum = 0;
            for n in 0..100_000_u64 {
                sum += ready(n).await?;
            }
            Ok::<_, Error>(sum)
        });
        assert_eq!(value(block), 99_999 * 50_000);
    });
}

/// EV-099, EV-124: when a chain has ended, nothing of it is left.
#[test]
fn ev_124_nothing_is_left_of_a_chain() {
    let stage = Stage::new();
    let census = Census::default();
    for fails in [false, true] {
        let item = census.of(());
        let (inner_item, step_item) = (census.of(()), census.of(()));
        let chain = stage.with(|| {
            ready(item)
                .and_then(move |item| {
                    let _inner = inner_item;
                    if fails {
                        Err(Error::from("no"))
                    } else {
                        Ok(item)
                    }
                })
                .and_then(ready)
                .finally(move || drop(step_item))
        });
        assert_eq!(census.living(), usize::from(!fails));
        let _end = outcome(chain);
    }
    assert_eq!(census.living(), 0);
}

/// EV-141: eventual values of the platform that are over, well or not, are taken as they are.
#[test]
fn ev_141_values_of_the_platform() {
    assert_eq!(
        value(Promise::<_, Error>::from_future(std::future::ready(Ok(1)))),
        1
    );
    let failed = Promise::<u32, Error>::from_future(std::future::ready(Err("no".into())));
    assert_eq!(failure(failed), "no");
    let ended = go!({ 2 });
    while !ended.is_finished() {
        std::thread::yield_now();
    }
    let ended: Promise<u32> = Promise::from(ended);
    assert!(ended.is_settled() && !ended.is_failed());
    assert_eq!(value(ended), 2);
    let panicked: Promise<u32> = Promise::from(go!({ panic!("in a block") }));
    assert!(failure(panicked).ends_with("panicked: in a block"));
    let cancelled = go!({ std::future::pending::<u32>().await });
    cancelled.cancel();
    assert!(matches!(
        outcome(Promise::<u32>::from(cancelled)),
        Err(Failure::Cancelled)
    ));
    let thread: Promise<u32> = Promise::from(thread(|| 3));
    assert_eq!(value(thread), 3);
}

/// A promise is a future for any executor, and any future becomes a promise.
#[test]
fn ev_118_a_promise_is_awaited_by_a_foreign_executor() {
    let (resolver, answer) = promise::<u32, Error>();
    let foreign =
        std::thread::spawn(move || csp::block_on(async move { answer.await.unwrap() + 1 }));
    resolver.fulfill(1).unwrap();
    assert_eq!(foreign.join().unwrap(), 2);
}
