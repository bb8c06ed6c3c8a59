//! A body on a runtime of its own: what is wrong with it is found, and nothing else.

use csp::{Builder, Failure, Op, Runtime, prelude::*, thread};
use csp_sched::testing::{Problem, TestFailure, run_on, run_on_for};

fn two() -> Builder {
    Runtime::builder().workers(2)
}

#[track_caller]
fn one<T>(result: Result<T, TestFailure>) -> Problem {
    match result {
        Ok(_) => panic!("nothing was found"),
        Err(failure) => {
            assert_eq!(failure.problems().len(), 1, "{failure}");
            failure.problems()[0].clone()
        }
    }
}

#[test]
fn a_good_body_gives_its_value() {
    let body = async {
        let (tx, rx) = chan(0);
        go!({ put!(tx, 5).ok() });
        thread(move || rx.take_blocking()).await.unwrap()
    };
    assert_eq!(run_on(two(), body).unwrap(), Some(5));
}

#[test]
fn a_panic_is_its_failure() {
    let problem = one(run_on(two(), async { panic!("on purpose") }));
    assert!(
        matches!(problem, Problem::Failed(Failure::Panicked(_))),
        "{problem}"
    );
    assert!(problem.to_string().contains("on purpose"));
}

#[test]
fn blocks_that_are_left_are_a_leak() {
    let body = async {
        let (tx, rx) = chan::<u32>(0);
        go!({ (take!(rx), drop(tx)).0 });
    };
    let Problem::Leaked { blocks, threads } = one(run_on(two(), body)) else {
        panic!("no leak");
    };
    assert_eq!((blocks.len(), threads.len()), (1, 0));
    assert_eq!(blocks[0].parked_at.unwrap().text(), "rx");
}

#[test]
fn threads_that_are_left_are_a_leak() {
    let (tx, rx) = chan::<u32>(0);
    let body = async move {
        thread(move || rx.take_blocking());
    };
    let Problem::Leaked { blocks, threads } = one(run_on(two(), body)) else {
        panic!("no leak");
    };
    assert_eq!((blocks.len(), threads.len()), (1, 1));
    assert_eq!(threads[0].site.unwrap().op(), Op::Take);
    drop(tx);
}

#[test]
fn what_ends_by_itself_is_none() {
    let body = async {
        let (tx, rx) = chan::<u32>(0);
        go!({ take!(rx) });
        go!({
            sleep(ms(20)).await;
            drop(tx);
        });
    };
    run_on_for(two(), secs(20), body).unwrap();
}

#[test]
fn a_body_that_waits_for_ever_is_a_deadlock() {
    let body = async {
        let (tx, rx) = chan::<u32>(0);
        let (ty, ry) = chan::<u32>(0);
        let other = go!({ (take!(ry), drop(tx)).0 });
        take!(rx);
        put!(ty, 1).ok();
        other.await.ok();
    };
    let Problem::Deadlock { blocks, threads } = one(run_on_for(two(), ms(20), body)) else {
        panic!("no deadlock");
    };
    assert_eq!((blocks.len(), threads.len()), (2, 0));
}

#[test]
fn threads_that_wait_are_part_of_a_deadlock() {
    let (tx, rx) = chan::<u32>(0);
    let body = async move { thread(move || rx.take_blocking()).await.unwrap() };
    let Problem::Deadlock { blocks, threads } = one(run_on_for(two(), ms(20), body)) else {
        panic!("no deadlock");
    };
    assert_eq!((blocks.len(), threads.len()), (2, 1));
    tx.put_blocking(1).unwrap();
}

/// The grace is shorter than each sleep: but timers and turns are no rest.
#[test]
fn a_body_that_sleeps_or_computes_is_no_deadlock() {
    let body = async {
        sleep(ms(100)).await;
        std::thread::sleep(ms(100));
        thread(|| std::thread::sleep(ms(100))).await.unwrap();
        sleep(ms(100)).await;
        7
    };
    assert_eq!(run_on_for(two(), ms(5), body).unwrap(), 7);
}

#[test]
fn a_busy_body_is_no_deadlock() {
    let body = async {
        let (tx, rx) = chan(0);
        go!({
            for n in 0..20_000 {
                put!(tx, n).ok();
            }
        });
        thread(move || rx.into_iter().count()).await.unwrap()
    };
    assert_eq!(run_on_for(two(), ms(1), body).unwrap(), 20_000);
}

#[test]
fn complaints_are_collected_from_blocks_and_threads_of_that_runtime() {
    assert!(!csp_core::context::complain("elsewhere, before"));
    let body = async {
        assert!(csp_core::context::complain("in a block"));
        thread(|| csp_core::context::complain("in a thread"))
            .await
            .unwrap()
    };
    let failure = run_on(two(), body).unwrap_err();
    let all: Vec<_> = failure.problems().iter().map(ToString::to_string).collect();
    assert_eq!(all, ["unhandled: in a block", "unhandled: in a thread"]);
    assert!(!csp_core::context::complain("elsewhere, after"));
}
