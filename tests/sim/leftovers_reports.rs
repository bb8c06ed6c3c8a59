//! What a schedule calls things, and the places that it shows.

use csp::{
    Promise,
    prelude::*,
    sim::{Failure, Sim},
};

fn failure_of(program: impl Fn()) -> Failure {
    let report = Sim::random(1).progress(false).run(program);
    report.failure.expect("a schedule fails")
}

#[track_caller]
fn assert_says(text: &str, what: &str) {
    assert!(text.contains(what), "no {what:?} in: {text}");
}

#[test]
fn everything_touched_has_a_name() {
    let outer = chan::<u32>(1);
    let failure = failure_of(|| {
        let (tx, rx) = chan::<u32>(1);
        tx.clone().try_put(1).unwrap();
        drop(tx);
        drop(rx);
        let promise = Promise::<u32>::pending();
        let (resolver, made) = csp::promise::<u32, csp::Failure>();
        let shared = made.shared();
        resolver.fulfill(5).unwrap();
        assert!(shared.is_settled());
        drop(promise);
        let block = go!({ yield_now().await });
        block.is_finished();
        block.cancel();
        outer.0.try_put(1).unwrap();
        outer.1.try_take().unwrap();
        timeout(secs(0)).is_over();
        panic!("told");
    });
    let schedule = failure.schedule().join("\n");
    assert!(
        !failure
            .schedule()
            .iter()
            .any(|line| line.contains("touches #")),
        "{schedule}"
    );
    let here = "tests/sim/leftovers_reports.rs:";
    assert_says(&schedule, &format!("touches the channel of {here}"));
    assert_says(&schedule, &format!("the promise of {here}"));
    assert_says(
        &schedule,
        &format!("touches the outcome of block 2 ({here}"),
    );
    assert_says(&schedule, &format!("whether block 2 ({here}"));
    assert_says(&schedule, "a channel made outside of the exploration");
}

/// What waits in functions of csp says where they were called.
#[test]
fn a_wait_inside_csp_shows_the_caller() {
    let here = "tests/sim/leftovers_reports.rs:";
    let failure = failure_of(|| {
        let (_tx, rx) = chan::<u32>(0);
        let block = go!({ within(std::time::Duration::MAX, rx.take()).await });
        block.wait().unwrap().ok();
    });
    let told = failure.to_string();
    assert!(!told.contains("csp-sched/src"), "{told}");
    assert_says(failure.message(), &format!("is parked at wait at {here}"));

    let failure = failure_of(|| {
        let out = csp::to_promise_chan(std::future::pending::<Result<u32, String>>());
        out.take_blocking();
    });
    let told = failure.to_string();
    assert!(!told.contains("csp-sched/src"), "{told}");

    let report = Sim::random(1).progress(false).steps(20).run(|| {
        let mut beats = interval(secs(1));
        csp::block_on(async { while beats.beat().await < csp::now() + secs(60) {} });
    });
    let told = report.failure.unwrap().to_string();
    assert!(!told.contains("csp-sched/src"), "{told}");

    let failure = failure_of(|| timeout(std::time::Duration::MAX).wait());
    assert_says(failure.message(), &format!("main blocks in take at {here}"));
}

/// Two that were made at one place are told apart.
#[test]
fn channels_of_one_place_are_numbered() {
    let failure = failure_of(|| {
        let all = [1, 2].map(|n| (n, chan::<u32>(1)));
        for (n, (tx, _)) in &all {
            tx.try_put(*n).unwrap();
        }
        panic!("told");
    });
    let schedule = failure.schedule();
    assert!(schedule[2].ends_with(" (no. 2)"), "{schedule:?}");
    assert_eq!(
        schedule[2],
        schedule[1].replace("   2  ", "   3  ") + " (no. 2)"
    );
}
